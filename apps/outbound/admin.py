"""Rules for calls out in admin."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from apps.outbound import services
from apps.outbound.models import CallerId, PrefixRule
from contactcenter.lib import phone


def verdict(number: str) -> tuple[bool, str]:
    """Whether agents may call `number` (E.164), and why, in words."""
    rules = services.load()
    rule, allowed = rules.rule_for(number), rules.allows(number)
    shown = {"number": phone.pretty(number, settings.COUNTRY), "rule": rule}
    if rule is not None and rules.prefixes[rule] == allowed:
        by_rule = gettext("%(number)s may be called: the rule %(rule)s says so.")
        return allowed, (by_rule if allowed else gettext("%(number)s may not be called: the rule %(rule)s says so.")) % shown
    without = gettext("%(number)s may be called: no rule forbids it.")
    return allowed, (without if allowed else gettext("%(number)s may not be called: its country bills it as a premium number.")) % shown


@admin.register(PrefixRule)
class PrefixRuleAdmin(ModelAdmin):
    list_display = ["prefix", "allowed", "note"]
    list_editable = ["allowed"]
    list_filter = ["allowed"]
    search_fields = ["prefix", "note"]
    search_help_text = _("Type a number here to see whether it may be called")
    fields = ["prefix", "allowed", "note"]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """A number finds the rules that fit it."""
        number = phone.e164(search_term, settings.COUNTRY)
        if number is None:
            return super().get_search_results(request, queryset, search_term)
        return queryset.filter(prefix__in=[number[:length] for length in range(1, len(number) + 1)]), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        number = phone.e164(request.GET.get("q", ""), settings.COUNTRY)
        if number is not None and self.has_view_permission(request):
            allowed, text = verdict(number)
            messages.add_message(request, messages.SUCCESS if allowed else messages.WARNING, text)
        return super().changelist_view(request, extra_context)


@admin.register(CallerId)
class CallerIdAdmin(ModelAdmin):
    list_display = ["number", "name", "position", "everybody", "queue"]
    list_select_related = ["queue"]
    list_editable = ["position"]
    search_fields = ["number", "name"]
    autocomplete_fields = ["teams", "profiles", "queue"]
    fieldsets = [
        (None, {"fields": ["number", "name", "position"]}),
        (_("Who may choose it"), {"fields": ["everybody", "teams", "profiles"]}),
        (_("How the calls went"), {"fields": ["queue"]}),
    ]
