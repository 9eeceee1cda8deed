"""Recordings and who heard them in admin: to be heard and read, never changed."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter, RelatedDropdownFilter
from unfold.decorators import display

from apps.calls.admin import ReadOnlyAdmin
from apps.calls.page import player
from apps.calls.wording import duration, moment
from apps.recordings import services
from apps.recordings.access import audible
from apps.recordings.models import Listen, Recording, Voicemail
from contactcenter.lib import phone


def time_line_link(call_id: str) -> str:
    address, text = reverse("admin:calls_call_change", args=[call_id]), gettext("Time line")
    return format_html('<a class="text-primary-600 dark:text-primary-500 underline" href="{}">{}</a>', address, text)


@admin.register(Recording)
class RecordingAdmin(ReadOnlyAdmin):
    list_display = ["shown_start", "shown_call", "agent", "queue", "shown_seconds", "mode", "shown_state"]
    list_filter = [
        ("started_at", RangeDateTimeFilter),
        ("queue", RelatedDropdownFilter),
        ("agent", RelatedDropdownFilter),
        "tape",
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
        (
            None,
            {"fields": [("shown_start", "shown_call"), ("agent", "queue"), ("shown_seconds", "mode"), ("tape",), ("state", "shown_fault")]},
        ),
        (_("File"), {"classes": ["collapse"], "fields": [("channels", "size"), "sha256", ("tries", "try_at")]}),
    ]
    change_form_outer_before_template = "admin/recordings/recording/player.html"
    change_form_outer_after_template = "admin/recordings/recording/listens.html"

    class Media:
        css = {"all": ["calls/time_line.css"]}
        js = ["recordings/player.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        shown = audible(super().get_queryset(request), request.user).exclude(state="discarded")
        return shown.prefetch_related("gaps", "masks__agent")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Recording | None = None, **more: Any
    ) -> HttpResponse:
        """Django comes here only for a user who may see `obj`."""
        if obj is not None:
            context |= {"player": player(obj), "listens": Listen.objects.filter(recording=obj.pk)[:50]}
        return super().render_change_form(request, context, *args, obj=obj, **more)

    @admin.display(description=_("call"), ordering="call__started_at")
    def shown_call(self, recording: Recording) -> str:
        return time_line_link(recording.call_id)

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


@admin.register(Voicemail)
class VoicemailAdmin(ReadOnlyAdmin):
    """Messages of callers. Hearing one marks it as heard."""

    list_display = ["shown_left", "shown_caller", "box", "team", "shown_seconds", "shown_heard", "shown_player"]
    list_display_links = ["shown_left"]
    list_filter = [("heard_at", admin.EmptyFieldListFilter), ("left_at", RangeDateTimeFilter), ("team", RelatedDropdownFilter), "box"]
    list_filter_submit = True
    list_select_related = ["recording", "team", "heard_by"]
    list_per_page = 50
    search_fields = ["caller", "recording__call__id"]
    search_help_text = _("Caller's number, or the id of the call")
    fieldsets = [
        (None, {"fields": [("shown_left", "shown_caller"), ("box", "team"), ("shown_seconds", "heard_in_words"), ("shown_call",)]})
    ]
    change_form_outer_before_template = "admin/recordings/recording/player.html"
    change_form_outer_after_template = "admin/recordings/recording/listens.html"
    actions = ["mark_unheard"]

    class Media:
        css = {"all": ["calls/time_line.css"]}
        js = ["recordings/player.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        rows = rows.filter(recording__in=audible(Recording.objects.all(), request.user).exclude(state="discarded"))
        return rows.prefetch_related("recording__gaps", "recording__masks__agent")  # each row has a player

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Voicemail | None = None, **more: Any
    ) -> HttpResponse:
        if obj is not None:
            context |= {"player": player(obj.recording), "listens": Listen.objects.filter(recording=obj.recording_id)[:50]}
        return super().render_change_form(request, context, *args, obj=obj, **more)

    @admin.action(description=_("Mark as not heard"), permissions=["view"])
    def mark_unheard(self, request: HttpRequest, messages: QuerySet[Voicemail]) -> None:
        services.mark_unheard(messages)

    @admin.display(description=_("left"), ordering="left_at")
    def shown_left(self, message: Voicemail) -> str:
        return moment(message.left_at)

    @admin.display(description=_("caller"), ordering="caller")
    def shown_caller(self, message: Voicemail) -> str:
        number = phone.pretty(message.caller, settings.COUNTRY) or gettext("without number")
        return format_html('<span style="white-space: nowrap">{}</span>', number)

    @admin.display(description=_("duration"), ordering="recording__seconds")
    def shown_seconds(self, message: Voicemail) -> str:
        return duration(message.recording.seconds)

    @display(description=_("heard"), ordering="heard_at", label={True: "success", False: "warning"})
    def shown_heard(self, message: Voicemail) -> tuple[bool, str]:
        if message.heard_at is None:
            return False, gettext("Not heard")
        return True, str(message.heard_by or gettext("Heard"))

    @admin.display(description=_("heard"))
    def heard_in_words(self, message: Voicemail) -> str:
        if message.heard_at is None:
            return gettext("Not heard")
        return gettext("%(user)s, %(time)s") % {"user": message.heard_by or "–", "time": moment(message.heard_at)}

    @admin.display(description=_("recording"))
    def shown_player(self, message: Voicemail) -> str:
        """As wide as its buttons need: a table would leave it nothing."""
        shown = {"recording": message.recording, "address": player(message.recording).address}
        return format_html('<div style="width: 13rem">{}</div>', render_to_string("recordings/player.html", shown))

    @admin.display(description=_("call"))
    def shown_call(self, message: Voicemail) -> str:
        return time_line_link(message.recording.call_id)


@admin.register(Listen)
class ListenAdmin(ReadOnlyAdmin):
    """AR-04: the audit log; administrators only."""

    list_display = ["at", "username", "recording"]
    list_filter = [("at", RangeDateTimeFilter)]
    list_filter_submit = True
    search_fields = ["username", "recording"]
