"""People in admin."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from apps.accounts.models import PauseReason, Profile, ProfileSkill, Skill, Team, User
from apps.accounts.phone_code_admin import PhoneCodeMixin
from apps.accounts.rights import of_own_team


class SkillsInline(TabularInline):
    model = ProfileSkill
    extra = 0
    hide_title = True
    autocomplete_fields = ["skill"]
    verbose_name_plural = _("skills and levels (9 is best)")


class OwnProfilesInline(TabularInline):
    model = Profile
    fk_name = "user"
    fields = ["name", "wrap_up", "wrap_up_extension", "wrap_up_calls_out", "best_level_only"]
    extra = 0
    hide_title = True
    show_change_link = True
    verbose_name_plural = _("own profiles, beside those of the team")


@admin.register(User)
class PersonAdmin(PhoneCodeMixin, UserAdmin, ModelAdmin):
    form, add_form, change_password_form = UserChangeForm, UserCreationForm, AdminPasswordChangeForm
    list_display = ["username", "first_name", "last_name", "role", "team", "language", "is_active"]
    list_filter = ["role", "team", "is_active"]
    list_select_related = ["team"]
    search_fields = ["username", "first_name", "last_name", "email"]
    autocomplete_fields = ["team"]
    readonly_fields = ["last_login", "date_joined"]
    filter_horizontal = ()
    fieldsets = [
        (None, {"fields": ["username", "password", "first_name", "last_name", "email"]}),
        (_("Work"), {"fields": ["role", "team", "language", "auto_answer", "is_active"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (None, {"classes": ["wide"], "fields": ["username", "usable_password", "password1", "password2"]}),
        (_("Work"), {"fields": ["first_name", "last_name", "role", "team", "language"]}),
    ]

    def get_queryset(self, request):
        return of_own_team(super().get_queryset(request), request.user, "team")

    def get_inlines(self, request, obj):
        return [OwnProfilesInline] if obj else []


class TeamProfilesInline(OwnProfilesInline):
    fk_name = "team"
    verbose_name_plural = _("profiles that the team's agents may log on with")


@admin.register(Team)
class TeamAdmin(ModelAdmin):
    list_display = ["name", "log_off_at_midnight", "log_off_after_unanswered", "log_off_after_errors"]
    search_fields = ["name"]
    inlines = [TeamProfilesInline]
    fieldsets = [
        (None, {"fields": ["name"]}),
        (_("Pauses after an offer that was not taken"), {"fields": ["busy_seconds", "no_answer_seconds"]}),
        (_("External phones"), {"fields": ["confirm_external"]}),
        (_("Calls out"), {"fields": ["calls_out_a_day", "record_calls_out"]}),
        (_("Logging off by itself"), {"fields": ["log_off_at_midnight", "log_off_after_unanswered", "log_off_after_errors"]}),
    ]

    def get_queryset(self, request):
        return of_own_team(super().get_queryset(request), request.user, "pk")


@admin.register(Skill)
class SkillAdmin(ModelAdmin):
    list_display = ["name"]
    search_fields = ["name"]


@admin.register(Profile)
class ProfileAdmin(ModelAdmin):
    list_display = ["name", "team", "user", "wrap_up", "best_level_only"]
    list_filter = ["team"]
    list_select_related = ["team", "user"]
    search_fields = ["name", "team__name", "user__username", "user__last_name"]
    autocomplete_fields = ["team", "user"]
    inlines = [SkillsInline]


@admin.register(PauseReason)
class PauseReasonAdmin(ModelAdmin):
    list_display = ["name", "position", "active"]
    list_editable = ["position", "active"]
    search_fields = ["name"]
