"""Queues in admin."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from apps.queues.models import Disposition, Queue, QueueSkill


class QueueSkillInline(TabularInline):
    model = QueueSkill
    extra = 0
    autocomplete_fields = ["skill"]


class DispositionInline(TabularInline):
    model = Disposition
    extra = 0
    fields = ["name", "position", "active"]


@admin.register(Queue)
class QueueAdmin(ModelAdmin):
    list_display = ["name", "shown_service_level", "shown_skills", "shown_limits", "recording_mode", "shown_active"]
    list_filter = ["active", "recording_mode", "skills__skill"]
    search_fields = ["name", "skills__skill__name"]
    search_help_text = _("Name of a queue or of a skill")
    inlines = [QueueSkillInline, DispositionInline]
    save_on_top = True
    fieldsets = [
        (None, {"fields": ["name", "active"]}),
        (
            _("Who comes first"),
            {
                "description": _(
                    "An agent serves the queue if his profile has every skill below, each at its minimum level or higher; "
                    "with no skill below, every agent serves it. Of several free agents the one with the highest level gets "
                    "the call, then the one with the fewest calls."
                ),
                "fields": ["service_level", "order", "ring_timeout"],
            },
        ),
        (_("What the caller hears"), {"fields": ["welcome", "music"]}),
        (
            _("Limits"),
            {
                "description": _("The call flow decides where a caller goes who leaves the queue by a limit."),
                "fields": ["calendar", "maximum_callers", "maximum_wait"],
            },
        ),
        (_("The conversation and after it"), {"fields": ["recording_mode", "wrap_up", "wrap_up_extension", "disposition_required"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Queue]:
        return super().get_queryset(request).annotate(skill_count=Count("skills", distinct=True))

    @display(description=_("service level"), ordering="service_level")
    def shown_service_level(self, queue: Queue) -> str:
        return f"{queue.service_level} s" if queue.service_level is not None else "–"

    @display(description=_("skills"), ordering="skill_count")
    def shown_skills(self, queue: Queue) -> str:
        """A queue without skills is served by everybody: said in words, for it may be an oversight."""
        count: int = queue.skill_count  # type: ignore[attr-defined]  # annotated above
        return ngettext("%(count)d skill", "%(count)d skills", count) % {"count": count} if count else str(_("every agent"))

    @display(description=_("limits"))
    def shown_limits(self, queue: Queue) -> str:
        shown = []
        if queue.maximum_callers:
            shown.append(ngettext("%(count)d caller", "%(count)d callers", queue.maximum_callers) % {"count": queue.maximum_callers})
        if queue.maximum_wait:
            shown.append(f"{queue.maximum_wait} s")
        return " · ".join(shown) or "–"

    @display(description=_("active"), boolean=True, ordering="active")
    def shown_active(self, queue: Queue) -> bool:
        return queue.active
