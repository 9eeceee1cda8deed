"""Trunks and access numbers in admin."""

from urllib.parse import urlencode

import redis
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action

from apps.numbers import health
from apps.numbers.filters import Operator, TariffNote
from apps.numbers.models import AccessNumber, NumberList, Trunk
from apps.telephony import trunk_health
from apps.telephony.trunk_health import TryTrunk
from contactcenter.lib import bus


@admin.register(Trunk)
class TrunkAdmin(ModelAdmin):
    list_display = ["name", "host", "transport", "maximum_calls", "active"]
    list_filter = ["active", "transport"]
    search_fields = ["name", "host", "sources"]
    actions_list = ["to_health"]
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

    # Trunk health

    @action(description=_("Trunk health"), icon="monitor_heart", url_path="to-health")
    def to_health(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:numbers_trunk_health")

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path("health/", guarded(self.health_page), name="numbers_trunk_health"),
            path("health/<int:trunk_id>/try/", guarded(require_POST(self.try_trunk)), name="numbers_trunk_try"),
            path("health/<int:trunk_id>/try/<str:test>/", guarded(self.tried), name="numbers_trunk_tried"),
            *super().get_urls(),
        ]

    def health_page(self, request: HttpRequest) -> HttpResponse:
        """How all trunks are, now; the page fetches itself again."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            rows, unknown = health.rows(bus.client()), False
        except redis.RedisError:
            rows, unknown = [], True
        rights = {"may_change": self.has_change_permission(request), "may_add": self.has_add_permission(request)}
        page = {"title": _("Trunk health"), "rows": rows, "unknown": unknown, **rights}
        return TemplateResponse(request, "admin/numbers/trunk/health.html", self.admin_site.each_context(request) | page)

    def try_trunk(self, request: HttpRequest, trunk_id: int) -> HttpResponse:
        """The button "Test": where its steps can be read, and what to show until then."""
        trunk, test = self._trunk(request, trunk_id), bus.new_id()
        try:
            heard = trunk_health.try_trunk(bus.client(), TryTrunk(str(trunk.pk), test))
        except redis.RedisError:
            heard = False
        if not heard:
            mark = health.Mark("bad", gettext("Nobody can test it: the process “frontdoor” does not run"))
            return JsonResponse({"address": "", "html": self._drawn([mark])})
        address = reverse("admin:numbers_trunk_tried", args=[trunk.pk, test])
        return JsonResponse({"address": address, "html": self._drawn(health.steps(trunk, []))})

    def tried(self, request: HttpRequest, trunk_id: int, test: str) -> HttpResponse:
        trunk = self._trunk(request, trunk_id)
        try:
            found = trunk_health.steps(bus.client(), test)
        except redis.RedisError:
            return HttpResponse(status=503)
        return JsonResponse({"over": health.is_over(found), "html": self._drawn(health.steps(trunk, found))})

    def _trunk(self, request: HttpRequest, trunk_id: int) -> Trunk:
        """That may be tested by who asks. Errors: `PermissionDenied`, `Http404`."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        return get_object_or_404(Trunk.objects.defer("password"), pk=trunk_id, active=True)

    def _drawn(self, marks: list[health.Mark]) -> str:
        return render_to_string("admin/numbers/trunk/marks.html", {"marks": marks})


def _test_page() -> str:
    """Address of the page that makes test calls; empty: this installation has none."""
    try:
        return reverse("test_call")
    except NoReverseMatch:
        return ""


@admin.register(AccessNumber)
class AccessNumberAdmin(ModelAdmin):
    list_display = ["number", "name", "flow", "kind", "operator", "tariff_note", "active"]
    list_filter = ["active", ("kind", ChoicesDropdownFilter), Operator, TariffNote, ("flow", RelatedDropdownFilter)]
    list_filter_submit = True
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
