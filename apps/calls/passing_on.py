"""How consults and transfers are told (TR-01 to TR-05). PURE but for the language."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.calls.teller import Teller
from apps.calls.wording import duration, word
from apps.events import vocabulary as v
from contactcenter.lib import phone

RESULTS = {
    "transferred": gettext_noop("has the caller"),
    "taken_back": gettext_noop("ended by the agent"),
    "hung_up": gettext_noop("hung up"),
    "busy": gettext_noop("busy"),
    "no_answer": gettext_noop("not answered"),
    "rejected": gettext_noop("rejected"),
    "unreachable": gettext_noop("could not be reached"),
    "media_lost": gettext_noop("no sound came any more"),
    "caller_gone": gettext_noop("the caller hung up"),
    "error": gettext_noop("a fault"),
    "maximum_wait": gettext_noop("longest wait reached"),
    "no_agents": gettext_noop("no agents logged on"),
}


def whom(t: Teller, e: v.Towards) -> str:
    if e.kind == "number":
        return phone.pretty(e.number, t.country)
    if e.kind == "queue":
        return _("the queue %(queue)s") % {"queue": t.name("queue", e.target)}
    return t.name(e.kind, e.target)


def _consult_began(t: Teller, e: v.ConsultBegan) -> None:
    parts = {"agent": t.name("agent", e.agent), "whom": whom(t, e)}
    t.add(e, "contact_phone", _("%(agent)s asks %(whom)s; the caller hears music") % parts)


def _three_party_began(t: Teller, e: v.ThreePartyBegan) -> None:
    t.add(e, "groups", _("All three talk to each other"), tone="good")


def _consult_ended(t: Teller, e: v.ConsultEnded) -> None:
    parts = {"result": word(RESULTS, e.result), "time": duration(e.seconds)}
    good = e.result in ("transferred", "taken_back", "hung_up")
    t.add(e, "contact_phone", _("Consult over after %(time)s: %(result)s") % parts, seconds=e.seconds, tone="calm" if good else "bad")


def _transfer_began(t: Teller, e: v.TransferBegan) -> None:
    parts = {"agent": t.name("agent", e.agent), "whom": whom(t, e)}
    sentence = (
        _("%(agent)s left the caller to %(whom)s") if e.consulted else _("%(agent)s transferred the caller to %(whom)s, without asking")
    )
    t.add(e, "phone_forwarded", sentence % parts)


def _transfer_ended(t: Teller, e: v.TransferEnded) -> None:
    parts = {"result": word(RESULTS, e.result), "time": duration(e.seconds)}
    if e.result in ("answered", "entered"):
        t.add(e, "phone_forwarded", _("The transfer was done"), technical=True)
    else:
        t.add(e, "phone_missed", _("The transfer failed after %(time)s: %(result)s") % parts, seconds=e.seconds, tone="bad")


def _transfer_returned(t: Teller, e: v.TransferReturned) -> None:
    if e.agent is not None:
        sentence = _("The caller goes back to %(agent)s") % {"agent": t.name("agent", e.agent)}
    else:
        sentence = _("The caller goes back to the queue %(queue)s, as one who has waited already") % {"queue": t.name("queue", e.queue)}
    t.add(e, "undo", sentence)


TELL: dict[type, Callable[[Teller, Any], None]] = {
    v.ConsultBegan: _consult_began,
    v.ThreePartyBegan: _three_party_began,
    v.ConsultEnded: _consult_ended,
    v.TransferBegan: _transfer_began,
    v.TransferEnded: _transfer_ended,
    v.TransferReturned: _transfer_returned,
}
