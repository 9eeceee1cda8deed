"""Trunks and access numbers in admin."""

from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action

from apps.numbers.models import AccessNumber, NumberList, Trunk


@admin.register(Trunk)
class TrunkAdmin(ModelAdmin):
    list_display = ["name", "host", "transport", "maximum_calls", "active"]
    list_filter = ["active", "transport"]
    search_fields = ["name", "host", "sources"]
    fieldsets = [
        (None, {"fields": ["name", "active", "maximum_calls"]}),
        (_("Calls in"), {"fields": ["sources"]}),
        (_("Calls out"), {"fields": ["host", "preference", "transport", "caller_id", "ping"]}),
        (_("Both"), {"fields": ["number_format", "codecs"]}),
        (
            _("Account at the operator"),
            {
                "fields": ["user", "auth_user", "password", "register", "registrar", "domain", "register_seconds"],
                "description": _("Only if the operator knows us by a password instead of, or besides, our address."),
            },
        ),
    ]


def _test_page() -> str:
    """Address of the page that makes test calls; empty: this installation has none."""
    try:
        return reverse("test_call")
    except NoReverseMatch:
        return ""


@admin.register(AccessNumber)
class AccessNumberAdmin(ModelAdmin):
    list_display = ["number", "name", "flow", "kind", "operator", "active"]
    list_filter = ["active", "kind", "operator", "flow"]
    list_select_related = ["flow"]
    search_fields = ["number", "name", "operator", "tariff_note"]
    fieldsets = [
        (None, {"fields": ["number", "kind", "name", "flow", "active"]}),
        (_("Operator"), {"fields": ["operator", "tariff_note"]}),
    ]
    actions_detail = ["test_call"]

    @action(description=_("Test call"), icon="phone_in_talk", permissions=["test_call"])
    def test_call(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Call the number from this browser, without a telephone network."""
        number = get_object_or_404(AccessNumber, pk=object_id).number
        return redirect(f"{_test_page()}?{urlencode({'number': number})}")

    def has_test_call_permission(self, request: HttpRequest, object_id: int | None = None) -> bool:
        return bool(_test_page()) and self.has_change_permission(request)


@admin.register(NumberList)
class NumberListAdmin(ModelAdmin):
    list_display = ["name", "size"]
    search_fields = ["name", "entries"]
    search_help_text = _("Name of the list, or a number in it with its country code")

    @admin.display(description=_("numbers"))
    def size(self, numbers: NumberList) -> int:
        return len(numbers.entries.splitlines())
