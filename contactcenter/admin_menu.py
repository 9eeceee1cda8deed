"""The admin's menu, colours and home page."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.hours import plan
from contactcenter import problems


@dataclass(frozen=True, slots=True)
class Item:
    """A model's list ("app.Model"), or a page by its url name; `icon` is a Material Symbol. `right`: needed to see a page."""

    icon: str
    model: str = ""
    page: str = ""
    title: str | Promise = ""
    right: str = ""


MENU: list[tuple[str | Promise, list[Item]]] = [
    (
        _("Operation"),
        [
            Item("home", page="admin:index", title=_("Home")),
            Item("call", "calls.Call"),
            Item("voicemail", "recordings.Voicemail"),
            Item("phone_callback", "callbacks.CallbackRequest"),
            Item("rate_review", "calls.SurveyAnswer"),
            Item("contacts", "directory.Contact", title=_("Directory")),
            Item("headset_mic", page="desk", title=_("Agent's desk")),
        ],
    ),
    (
        _("Call flows"),
        [
            Item("dialpad", "numbers.AccessNumber"),
            Item("account_tree", "flows.Flow"),
            Item("checklist", "numbers.NumberList"),
            Item("schedule", "hours.Calendar"),
            Item("cell_tower", "numbers.Trunk"),
            Item("monitor_heart", page="admin:numbers_trunk_health", title=_("Trunk health"), right="numbers.view_trunk"),
        ],
    ),
    (_("Calls out"), [Item("block", "outbound.PrefixRule"), Item("contact_phone", "outbound.CallerId")]),
    (_("Queues"), [Item("groups", "queues.Queue"), Item("school", "accounts.Skill")]),
    (
        _("People"),
        [
            Item("person", "accounts.User"),
            Item("diversity_3", "accounts.Team"),
            Item("badge", "accounts.Profile"),
            Item("coffee", "accounts.PauseReason"),
            Item("key", "authtoken.TokenProxy", title=_("Keys for programs")),
        ],
    ),
    (_("Audio"), [Item("graphic_eq", "audio.Prompt"), Item("queue_music", "audio.Playlist")]),
    (_("Archive"), [Item("album", "recordings.Recording"), Item("hearing", "recordings.Listen"), Item("history", "events.Event")]),
]


def _entry(request: HttpRequest, item: Item) -> dict[str, Any] | None:
    """None: the page does not exist, or this user may not see it."""
    name, title = item.page, item.title
    if item.right and not request.user.has_perm(item.right):
        return None
    if item.model:
        model = apps.get_model(item.model)
        shown = admin.site._registry.get(model)  # Django has no public way to ask
        if shown is None or not shown.has_view_permission(request):
            return None
        meta = model._meta
        name, title = f"admin:{meta.app_label}_{meta.model_name}_changelist", title or str(meta.verbose_name_plural).capitalize()
    try:
        return {"title": title, "icon": item.icon, "link": reverse(name)}
    except NoReverseMatch:
        return None


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """UNFOLD["SIDEBAR"]["navigation"]."""
    groups: list[dict[str, Any]] = []
    for title, items in MENU:
        entries = [entry for item in items if (entry := _entry(request, item))]
        if entries:
            groups.append({"title": title, "items": entries, "separator": bool(groups)})
    _mark_one(request, [entry for group in groups for entry in group["items"]])
    return groups


def _mark_one(request: HttpRequest, entries: list[dict[str, Any]]) -> None:
    """Of a page inside another one's address only the inner one is marked, not both."""
    index = reverse("admin:index")
    leading = [entry["link"] for entry in entries if request.path.startswith(entry["link"]) and entry["link"] != index]
    here = max(leading, key=len, default=index if request.path == index else "")
    for entry in entries:
        entry["active"] = entry["link"] == here


def home(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """UNFOLD["DASHBOARD_CALLBACK"]: what is wrong, and what there is."""
    return {**context, "title": _("Home"), "problems": problems.found(), "figures": today(request), **_opening_hours(request)}


def _opening_hours(request: HttpRequest) -> dict[str, Any]:
    """What holds now, with "Close early today", for those who may see it."""
    shown = plan.statuses() if request.user.has_perm("hours.view_calendar") else []
    return {"opening_hours": shown, "may_override": request.user.has_perm("hours.override_calendar")}


def today(request: HttpRequest) -> list[dict[str, Any]]:
    """Figures of the day, for those who may see the lists behind them."""
    since = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    counted = [
        ("calls.Call", _("calls"), {}),
        ("calls.Call", _("answered"), {"agent__isnull": False}),
        ("recordings.Recording", _("recordings"), {}),
    ]
    return [
        {"title": title, "link": entry["link"], "count": shown.get_queryset(request).filter(started_at__gte=since, **only).count()}
        for model, title, only in counted
        if (shown := admin.site._registry.get(apps.get_model(model))) and (entry := _entry(request, Item("", model)))
    ]


GREY = ("#f7f8f9", "#eef0f2", "#dfe3e6", "#c5cbd1", "#939ca5", "#66707a", "#4b545d", "#363e46", "#232a31", "#161b21", "#0d1115")
ACCENT = ("#effaf8", "#d5f1ec", "#abe2da", "#79cdc3", "#45b0a6", "#24938a", "#167970", "#12615b", "#124e4a", "#12413e", "#042625")
WEIGHTS = (50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 950)


def colours(request: HttpRequest | None = None) -> dict[str, dict[str, str]]:
    """UNFOLD["COLORS"]: cool grey and one accent, the same as in static/tokens.css."""
    return {
        "base": {str(weight): colour for weight, colour in zip(WEIGHTS, GREY, strict=True)},
        "primary": {str(weight): colour for weight, colour in zip(WEIGHTS, ACCENT, strict=True)},
        "font": {
            "subtle-light": "var(--color-base-500)",
            "subtle-dark": "var(--color-base-400)",
            "default-light": "var(--color-base-600)",
            "default-dark": "var(--color-base-300)",
            "important-light": "var(--color-base-900)",
            "important-dark": "var(--color-base-100)",
        },
    }
