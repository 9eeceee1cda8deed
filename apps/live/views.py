"""The page from which an administrator calls an access number without a telephone network."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from apps.accounts.rights import who
from apps.live import audience, record
from apps.live.words import words
from apps.numbers.models import AccessNumber


@never_cache
@login_required
def test_call(request: HttpRequest) -> HttpResponse:
    """`?number=` chooses an access number, `?flow=` the first one that leads to that flow."""
    if not audience.is_administrator(who(request)):
        raise PermissionDenied
    numbers = list(AccessNumber.objects.filter(active=True).select_related("flow"))
    chosen = next((number for number in numbers if _asked_for(number, request.GET)), None)
    asked = bool(request.GET.get("number") or request.GET.get("flow"))
    context = {
        "numbers": [(number, record.pretty(number.number)) for number in numbers],
        "chosen": chosen,
        "missing": asked and chosen is None,
        "state": {"words": words()},
    }
    return render(request, "testcall/testcall.html", context)


@never_cache
@login_required
def test_call_options(request: HttpRequest) -> JsonResponse:
    """For the editor of flows: what can be called, and the words for what happens then."""
    if not audience.is_administrator(who(request)):
        raise PermissionDenied
    numbers = AccessNumber.objects.filter(active=True).select_related("flow")
    shown = [
        {"number": row.number, "text": f"{record.pretty(row.number)} · {row.name or row.flow}", "flow": row.flow_id} for row in numbers
    ]
    return JsonResponse({"words": words(), "numbers": shown})


def _asked_for(number: AccessNumber, asked: dict[str, str]) -> bool:
    return number.number == asked.get("number") or str(number.flow_id) == asked.get("flow")
