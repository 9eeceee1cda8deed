"""How each trunk is, in words, for the page "Trunk health": what the front doors tell (telephony/trunk_health.py) beside the rows."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import redis
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.numbers import sip_words
from apps.numbers.models import Trunk
from apps.telephony import trunk_health
from apps.telephony.trunk_health import Traffic, Tried, TrunkHealth
from contactcenter.lib import clock

Tone = Literal["good", "bad", "busy", "neutral"]


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that can be well or not. `means`: what it does to calls, or what to do; empty: nothing to say."""

    tone: Tone
    text: str
    means: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    code: int
    words: str
    direction: str
    count: int


@dataclass(frozen=True, slots=True)
class Row:
    trunk: Trunk
    marks: list[Mark]
    calls: int = 0
    last_in: str = ""
    last_out: str = ""
    failures: list[Failure] = field(default_factory=list)

    @property
    def percent(self) -> int:
        """Of the calls that it may have."""
        return min(100, round(100 * self.calls / max(1, self.trunk.maximum_calls)))

    @property
    def can_be_tested(self) -> bool:
        """Somebody is there to be asked."""
        return self.trunk.active and bool(self.trunk.host or self.trunk.register)


def rows(source: redis.Redis) -> list[Row]:
    """All trunks in their order. Errors: `redis.RedisError`."""
    trunks = list(Trunk.objects.defer("password").order_by("-active", "preference", "name"))
    healths = trunk_health.healths(source)
    traffic = trunk_health.traffic(source, [str(trunk.pk) for trunk in trunks])
    return [_row(trunk, healths.get(str(trunk.pk), []), traffic[str(trunk.pk)]) for trunk in trunks]


def _row(trunk: Trunk, seen: list[TrunkHealth], traffic: Traffic) -> Row:
    return Row(
        trunk=trunk,
        marks=marks(trunk, seen),
        calls=traffic.calls,
        last_in=when(traffic.last_in),
        last_out=when(traffic.last_out),
        failures=_failures(traffic),
    )


def marks(trunk: Trunk, seen: Iterable[TrunkHealth]) -> list[Mark]:
    """What several front doors see differently is told as the worst of it."""
    told = sorted(seen, key=lambda health: health.fit)
    if not trunk.active:
        return [Mark("neutral", _("Switched off"), _("It takes no calls and does not register."))]
    if not told:
        means = _("Nobody can call in over it. Do the processes “frontdoor” and “switch” run?")
        return [Mark("bad", _("No front door tells of this trunk"), means)]
    return [mark for mark in (_registration(trunk, told[0]), _reachable(trunk, told[0])) if mark]


def _registration(trunk: Trunk, health: TrunkHealth) -> Mark | None:
    if health.registration == "registered":
        return Mark("good", _("Registered until %(time)s") % {"time": when(health.registered_until)})
    if health.registration == "asking":
        return Mark("busy", _("Registering …"))
    if health.registration == "silent":
        return Mark("bad", _("Not registered: %(why)s") % {"why": sip_words.of_registration(408)}, _asked(health))
    if health.registration == "refused":
        return Mark(
            "bad", _("Not registered: %(why)s") % {"why": sip_words.of_registration(health.code)}, f"{_said(health)} {_asked(health)}"
        )
    if trunk.register:
        return Mark(
            "bad", _("Not registered: the password cannot be opened"), _("Enter it anew: the key of this installation was changed.")
        )
    return Mark("neutral", _("Needs no registration"))


def _said(health: TrunkHealth) -> str:
    return _("The operator said: %(code)s %(reason)s.") % {"code": health.code, "reason": health.reason}


def _asked(health: TrunkHealth) -> str:
    return _("Asked last at %(time)s; it is tried again by itself.") % {"time": when(health.asked_at)}


def _reachable(trunk: Trunk, health: TrunkHealth) -> Mark | None:
    if health.reachable:
        return Mark("good", _("Answers within %(ms)s ms") % {"ms": max(1, health.milliseconds)})
    if health.reachable is False:
        means = _("Calls out take another trunk, if there is one.") if trunk.host else ""
        return Mark("bad", _("Does not answer since %(time)s") % {"time": when(health.since)}, means)
    if not (trunk.host or trunk.register):
        return Mark("neutral", _("Calls in only"))
    return Mark("busy", _("Being asked …")) if trunk.ping else Mark("neutral", _("Is not asked whether it answers"))


def _failures(traffic: Traffic) -> list[Failure]:
    """The most frequent first."""
    directions = {"in": _("in"), "out": _("out")}
    found = sorted(traffic.failures.items(), key=lambda item: (-item[1], item[0]))
    return [Failure(code, sip_words.of_call(code), directions.get(way, way), count) for (way, code), count in found]


def when(at: float) -> str:
    """14:05:09 today, else with the date; never: empty."""
    if not at:
        return ""
    moment = timezone.localtime(clock.as_datetime(at))
    today = moment.date() == timezone.localdate()
    return date_format(moment, "H:i:s") if today else _with_date(moment)


def _with_date(moment: datetime) -> str:
    return f"{date_format(moment, 'SHORT_DATE_FORMAT')} {date_format(moment, 'H:i')}"


# The test


def steps(trunk: Trunk, tried: list[Tried]) -> list[Mark]:
    """What the test has found so far, and what it waits for."""
    found = [mark for mark in map(_tried, tried) if mark]
    if is_over(tried):
        return found
    waits = [_("Looking for the trunk's front door …"), *_expected(trunk)]
    return [*found, Mark("busy", waits[min(len(tried), len(waits) - 1)])]


def is_over(tried: list[Tried]) -> bool:
    return any(step.what == "over" for step in tried)


def _expected(trunk: Trunk) -> list[str]:
    """In the order of telephony/frontdoor/trying.py."""
    place = trunk.registrar or trunk.host if trunk.register else trunk.host
    wanted = [
        (bool(place), _("Looking up its name …")),
        (bool(place) and trunk.ping, _("Asking whether it answers …")),
        (trunk.register, _("Registering …")),
        (True, _("A moment …")),
    ]
    return [text for is_wanted, text in wanted if is_wanted]


def _tried(step: Tried) -> Mark | None:
    tone: Tone = "good" if step.good else "bad"
    match step.what:
        case "name" if step.good:
            return Mark(tone, _("Its address is %(address)s") % {"address": step.detail})
        case "name":
            return Mark(tone, _("The name %(name)s cannot be found") % {"name": step.detail}, _("Is it written as the operator gave it?"))
        case "options" if step.good:
            return Mark(tone, _("Answers within %(ms)s ms") % {"ms": max(1, int(step.detail or 0))})
        case "options":
            means = _("Some operators never answer this question: if calls go through, switch “ask whether it answers” off.")
            return Mark(tone, _("Does not answer"), means)
        case "register" if step.good:
            return Mark(tone, _("Registered"))
        case "register":
            said = f"{step.code} {step.detail}".strip()
            means = _("The operator said: %(said)s.") % {"said": said} if step.detail else ""
            return Mark(tone, _("Not registered: %(why)s") % {"why": sip_words.of_registration(step.code)}, means)
    return None
