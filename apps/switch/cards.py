"""What an agent's desk shows of the call that he is offered, talks in, is asked about, or makes. PURE."""

from collections.abc import Iterator
from typing import Literal

from msgspec.structs import replace

from apps.flows import variables
from apps.switch import board as b
from apps.switch import targets
from apps.switch.state import AgentState, AskedInVain, Call, Consult, Conversation, Taping
from apps.switch.world import World


def agents_of(call: Call | None) -> set[int]:
    """Whose cards the call is on."""
    if call is None:
        return set()
    parts = (call.offer, call.talk, call.consult, call.transfer, call.out)
    return {part.agent for part in parts if part is not None and part.agent is not None}


def card(world: World, state: AgentState) -> b.CallCard | None:
    call, agent = world.calls.get(state.call), state.presence.agent
    if call is None:
        return None
    for find in (_of_offer, _of_transfer, _of_talk, _of_consult, _of_call_out):
        if found := find(world, call, agent):
            return found if _can_be_answered(call, found, state) else None
    return None


def _can_be_answered(call: Call, shown: b.CallCard, state: AgentState) -> bool:
    """A cell may be late to call a softphone: who answered before that would answer nothing. Other phones may ring unheard of."""
    return shown.state not in ("ringing", "phone") or state.presence.phone != "softphone" or call.alerting == shown.leg


def _of_offer(world: World, call: Call, agent: int) -> b.CallCard | None:
    offer = call.offer
    if offer is None or offer.agent != agent:
        return None
    entered = call.place.entered_at if call.place else offer.made_at
    card = _fill(world, call, offer.leg, "ringing", offer.made_at, offer.queue, entered, offer.waited)
    return replace(card, asked_by=_asker(world, call), consulted=call.consult is not None, confirming=offer.asked)


def _of_transfer(world: World, call: Call, agent: int) -> b.CallCard | None:
    transfer = call.transfer
    if transfer is None or transfer.agent != agent:
        return None
    card = _of_conversation(world, call, transfer.back, transfer.leg, "ringing", transfer.since)
    asked_by = "" if transfer.returning else _name(world, transfer.by)
    return replace(card, asked_by=asked_by, returned=transfer.returning, confirming=transfer.asked)


def _of_talk(world: World, call: Call, agent: int) -> b.CallCard | None:
    talk = call.talk
    if talk is None or talk.agent != agent:
        return None
    card = _of_conversation(world, call, talk, talk.leg, call.session.state, talk.hold_since or talk.started_at)
    consult = _consult(world, call.consult) if call.consult else None
    return replace(card, answered_at=talk.started_at, consult=consult, in_vain=_in_vain(world, talk.in_vain))


def _of_consult(world: World, call: Call, agent: int) -> b.CallCard | None:
    """He is asked."""
    talk, consult = call.talk, call.consult
    if talk is None or consult is None or consult.agent != agent:
        return None
    rings = consult.state == "ringing"
    state = "lost" if consult.until and not rings else _CONSULTED[consult.state]
    card = _of_conversation(world, call, talk, consult.leg, state, consult.since)
    answered_at = None if rings else consult.since
    return replace(card, answered_at=answered_at, asked_by=_asker(world, call), consulted=True, confirming=rings and consult.asked)


def _of_call_out(world: World, call: Call, agent: int) -> b.CallCard | None:
    """Nobody has answered it yet."""
    out = call.out
    if out is None or call.talk or out.agent != agent:
        return None
    card = _fill(world, call, out.leg, out.state, out.since, None, out.since, 0.0)
    return replace(card, confirming=out.confirm_until is not None)


_CONSULTED = {"ringing": "ringing", "talking": "consulting", "three_party": "three_party"}


def _consult(world: World, consult: Consult) -> b.ConsultCard:
    to = consult.to
    found = _name(world, consult.agent) if to.kind == "queue" and consult.agent is not None else ""
    return b.ConsultCard(to.kind, targets.name(world, to), to.number, consult.state, consult.since, found)


def _in_vain(world: World, asked: AskedInVain | None) -> b.InVainCard | None:
    return b.InVainCard(targets.name(world, asked.to), asked.to.number, asked.result) if asked else None


def _asker(world: World, call: Call) -> str:
    return _name(world, call.talk.agent) if call.talk and call.talk.agent is not None else ""


def _name(world: World, agent: int) -> str:
    known = world.configuration.agents.get(agent)
    return known.name if known else ""


def _of_conversation(world: World, call: Call, talk: Conversation, leg: str, state: str, since: float) -> b.CallCard:
    """Of a customer who has talked to somebody already."""
    return _fill(world, call, leg, state, since, talk.queue, talk.entered_at, talk.waited)


def _fill(world: World, call: Call, leg: str, state: str, since: float, queue: int | None, entered_at: float, waited: float) -> b.CallCard:
    rules = world.configuration.acd.queues.get(queue or 0)
    taping = call.taping
    path = tuple(b.PassedStep(passed.name, passed.label) for passed in call.run.path) if call.run else ()
    shown = tuple(b.ShownValue(*value, variables.is_link(value[1])) for value in _values(call))
    return b.CallCard(
        call=call.id, leg=leg, state=state, since=since, caller=call.caller, caller_name=call.caller_name,  # type: ignore[arg-type]  # the table's states
        dialled=call.dialled, number_name=call.number.name if call.number else "", queue=queue, queue_name=rules.name if rules else "",
        entered_at=entered_at, waited=waited, path=path, shown=shown, muted=leg in call.session.muted,
        recording=_recorded(taping), recording_mode=taping.mode if taping else "off",
        masked=taping is not None and call.masked_by is not None,
        recorded_seconds=taping.seconds if taping else 0.0, recording_since=taping.since if taping else None, test=call.test,
        out=call.out is not None,
    )  # fmt: skip


def _values(call: Call) -> Iterator[tuple[str, str]]:
    if call.run is not None:
        yield from variables.for_agents(call.run.variables, call.run.labels, call.run.secret)


def _recorded(taping: Taping | None) -> Literal["off", "on", "paused", "failed"]:
    if taping is None:
        return "off"
    if taping.failed:
        return "failed"
    return "paused" if taping.since is None else "on"
