"""Recordings and who heard them in admin: to be heard and read, never changed."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter, RelatedDropdownFilter
from unfold.decorators import display

from apps.accounts.rights import of_own_team
from apps.calls.admin import ReadOnlyAdmin
from apps.calls.page import player
from apps.calls.wording import duration, moment
from apps.recordings.models import Listen, Recording


@admin.register(Recording)
class RecordingAdmin(ReadOnlyAdmin):
    list_display = ["shown_start", "shown_call", "agent", "queue", "shown_seconds", "mode", "shown_state"]
    list_filter = [
        ("started_at", RangeDateTimeFilter),
        ("queue", RelatedDropdownFilter),
        ("agent", RelatedDropdownFilter),
        "state",
        "mode",
    ]
    list_filter_submit = True
    list_select_related = ["call", "agent", "queue"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["id", "call__id", "call__caller", "call__caller_name"]
    search_help_text = _("Caller's number or name, or the id of the call or the recording")
    fieldsets = [
        (None, {"fields": [("shown_start", "shown_call"), ("agent", "queue"), ("shown_seconds", "mode"), ("state", "shown_fault")]}),
        (_("File"), {"classes": ["collapse"], "fields": [("channels", "size"), "sha256", ("tries", "try_at")]}),
    ]
    change_form_outer_before_template = "admin/recordings/recording/player.html"
    change_form_outer_after_template = "admin/recordings/recording/listens.html"

    class Media:
        css = {"all": ["calls/time_line.css"]}
        js = ["recordings/player.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return of_own_team(super().get_queryset(request), request.user)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Recording | None = None, **more: Any
    ) -> HttpResponse:
        """Django comes here only for a user who may see `obj`."""
        if obj is not None:
            context |= {"player": player(obj), "listens": Listen.objects.filter(recording=obj.pk)[:50]}
        return super().render_change_form(request, context, *args, obj=obj, **more)

    @admin.display(description=_("call"), ordering="call__started_at")
    def shown_call(self, recording: Recording) -> str:
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500 underline" href="{}">{}</a>',
            reverse("admin:calls_call_change", args=[recording.call_id]),
            gettext("Time line"),
        )

    @admin.display(description=_("started"), ordering="started_at")
    def shown_start(self, recording: Recording) -> str:
        return moment(recording.started_at)

    @admin.display(description=_("duration"), ordering="seconds")
    def shown_seconds(self, recording: Recording) -> str:
        return duration(recording.seconds)

    @display(
        description=_("state"), ordering="state", label={"stored": "success", "failed": "danger", "finished": "info", "running": "info"}
    )
    def shown_state(self, recording: Recording) -> tuple[str, str]:
        return recording.state, recording.get_state_display()

    @admin.display(description=_("fault"))
    def shown_fault(self, recording: Recording) -> str:
        return gettext(recording.fault) if recording.fault else "–"


@admin.register(Listen)
class ListenAdmin(ReadOnlyAdmin):
    """AR-04: the audit log; administrators only."""

    list_display = ["at", "username", "recording"]
    list_filter = [("at", RangeDateTimeFilter)]
    list_filter_submit = True
    search_fields = ["username", "recording"]
