"""Calls in admin: to be read, searched and understood, never changed."""

import re
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import (
    AllValuesCheckboxFilter,
    ChoicesDropdownFilter,
    DropdownFilter,
    RangeDateTimeFilter,
    RelatedDropdownFilter,
)

from apps.accounts.rights import of_own_team
from apps.calls import page, survey
from apps.calls.models import Call, SurveyAnswer
from apps.calls.wording import CAUSES, duration, moment, word
from apps.directory import services as directory
from apps.numbers.filters import CallsOperator, CallsTariffNote
from contactcenter.lib import phone


class DispositionFilter(DropdownFilter):
    """By name: queues have dispositions of their own, and some are called alike."""

    title, parameter_name = _("disposition"), "disposition"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        dispositions: Any = Call._meta.get_field("disposition").related_model
        return [(name, name) for name in dispositions.objects.order_by("name").values_list("name", flat=True).distinct()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(disposition__name=self.value()) if self.value() else queryset


class ReadOnlyAdmin(ModelAdmin):
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Call)
class CallAdmin(ReadOnlyAdmin):
    list_display = ["shown_start", "shown_caller", "shown_dialled", "queue", "agent", "shown_waited", "shown_talked", "shown_cause"]
    list_filter = [
        ("started_at", RangeDateTimeFilter),
        ("queue", RelatedDropdownFilter),
        ("agent", RelatedDropdownFilter),
        DispositionFilter,
        ("access_number", RelatedDropdownFilter),
        ("access_number__kind", ChoicesDropdownFilter),
        CallsOperator,
        CallsTariffNote,
        ("kind", ChoicesDropdownFilter),
        "test",
    ]
    list_filter_submit = True
    list_select_related = ["queue", "agent", "access_number"]
    list_per_page = 50
    show_full_result_count = False  # a second count over all calls
    search_fields = ["caller", "caller_name", "dialled", "id"]
    search_help_text = _("Caller's number or name, number dialled, or the call's id")
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("shown_caller", "shown_dialled"),
                    ("shown_start", "shown_cause"),
                    ("queue", "agent"),
                    "disposition",
                    ("shown_waited", "shown_talked"),
                    ("shown_held", "consults", "transferred"),
                ]
            },
        ),
        (
            _("More"),
            {
                "classes": ["collapse"],
                "fields": [("answered_at", "ended_at"), ("access_number", "trunk"), ("flow_version", "test", "kind"), "id"],
            },
        ),
    ]
    change_form_outer_after_template = "admin/calls/call/after.html"

    class Media:
        css = {"all": ["calls/time_line.css", "calls/call.css"]}
        js = ["recordings/player.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return of_own_team(super().get_queryset(request), request.user)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """A number is found as people write it: 22 33 44 55."""
        if re.fullmatch(r"\+?[\d\s()-]{3,}", search_term):
            search_term = re.sub(r"[\s()-]", "", search_term)
        return super().get_search_results(request, queryset, search_term)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Call | None = None, **more: Any
    ) -> HttpResponse:
        """Django comes here only for a user who may see `obj`."""
        shown = {"time_line": page.time_line(obj), "connections": page.connections(obj), "notes": page.notes(obj)} if obj else {}
        return super().render_change_form(request, context | shown, *args, obj=obj, **more)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the names that the directory has for the callers of the page shown: one query."""
        response = super().changelist_view(request, extra_context)
        if shown := (getattr(response, "context_data", None) or {}).get("cl"):
            names = directory.names_of(call.caller for call in shown.result_list)
            for call in shown.result_list:
                call.contact_name = names.get(call.caller, "")
        return response

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Call | None:
        call = super().get_object(request, object_id, from_field)
        if call is not None:
            call.contact_name = directory.names_of([call.caller]).get(call.caller, "")
        return call

    @admin.display(description=_("started"), ordering="started_at")
    def shown_start(self, call: Call) -> str:
        return moment(call.started_at)

    @admin.display(description=_("caller"), ordering="caller")
    def shown_caller(self, call: Call) -> str:
        """As the directory has him now, else as his telephone said. Of a call that we made: whom we called."""
        number = phone.pretty(call.caller, settings.COUNTRY) or _("No number")
        who = f"{number} {call.contact_name or call.caller_name}".strip()
        return who if call.kind == "inbound" else _("to %(whom)s") % {"whom": who}

    @admin.display(description=_("number"), ordering="dialled")
    def shown_dialled(self, call: Call) -> str:
        name = call.access_number.name if call.access_number else ""
        return f"{phone.pretty(call.dialled, settings.COUNTRY)} {name}".strip()

    @admin.display(description=_("waited"), ordering="waited")
    def shown_waited(self, call: Call) -> str:
        return duration(call.waited)

    @admin.display(description=_("talked"), ordering="talked")
    def shown_talked(self, call: Call) -> str:
        return duration(call.talked)

    @admin.display(description=_("on hold"), ordering="held")
    def shown_held(self, call: Call) -> str:
        """TR-05"""
        times = ngettext("%(count)s time", "%(count)s times", call.holds) % {"count": call.holds}
        return f"{duration(call.held)} ({times})" if call.holds else "–"

    @admin.display(description=_("ended by"), ordering="cause")
    def shown_cause(self, call: Call) -> str:
        return word(CAUSES, call.cause) if call.cause else str(_("In progress"))


@admin.register(SurveyAnswer)
class SurveyAnswerAdmin(ReadOnlyAdmin):
    list_display = ["shown_time", "question", "answer", "flow", "shown_agent", "shown_call"]
    list_display_links = None
    list_filter = [
        ("at", RangeDateTimeFilter),
        ("flow", RelatedDropdownFilter),
        ("question", AllValuesCheckboxFilter),
        ("call__queue", RelatedDropdownFilter),
        ("call__agent", RelatedDropdownFilter),
    ]
    list_filter_submit = True
    list_select_related = ["flow", "call__agent"]
    list_per_page = 50
    show_full_result_count = False
    list_before_template = "admin/calls/surveyanswer/figures.html"

    class Media:
        css = {"all": ["calls/survey.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return of_own_team(super().get_queryset(request), request.user, "call__agent__team")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the averages of all answers that the filters leave, not only of the page shown."""
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None)
        if context and "cl" in context:
            context["figures"] = survey.figures(context["cl"].queryset)
        return response

    @admin.display(description=_("time"), ordering="at")
    def shown_time(self, answer: SurveyAnswer) -> str:
        return moment(answer.at)

    @admin.display(description=_("agent"), ordering="call__agent")
    def shown_agent(self, answer: SurveyAnswer) -> str:
        return str(answer.call.agent or "–")

    @admin.display(description=_("call"))
    def shown_call(self, answer: SurveyAnswer) -> str:
        number = phone.pretty(answer.call.caller, settings.COUNTRY) or _("No number")
        return format_html('<a class="underline" href="{}">{}</a>', reverse("admin:calls_call_change", args=[answer.call_id]), number)
