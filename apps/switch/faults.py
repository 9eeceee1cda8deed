"""What a fault in the switch may cost: the one call that it is about, and nothing else. PURE.

A fault is an exception that nobody foresaw. `guarded` undoes whatever the work had begun, ends the call that was being worked on
(`World.subject`), and does the work again: what happened to everybody else is not lost with it. Each round ends or forgets a call,
so there are not many of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

from apps.accounts import presence as p
from apps.events import vocabulary as v
from apps.queues.acd.state import AcdConfiguration
from apps.switch import ending, presences, queueing, restoring
from apps.switch.state import Call
from apps.switch.timers import Timers
from apps.switch.world import Outcome, Subject, World
from apps.telephony import protocol as t

SERVER_ERROR = 500  # SIP status for a caller who was not answered yet


@dataclass(frozen=True, slots=True)
class _Memory:
    """The world as it was. What it holds is frozen, so shallow copies do; the distribution is made anew from them."""

    fields: dict[str, Any]
    timers: Timers
    plan: tuple[AcdConfiguration, frozenset[int]]

    @classmethod
    def of(cls, world: World) -> Self:
        copied = {"calls": world.calls.copy(), "agents": world.agents.copy(), "graphs": world.graphs.copy()}
        kept = {"configuration": world.configuration, "gateways": world.gateways, "undecided": world.undecided}
        return cls(copied | kept, world.timers.copy(), world.engine.plan)

    def put_back(self, world: World) -> None:
        for name, value in self.fields.items():
            setattr(world, name, value)
        world.take_outcome()
        world.agenda.clear()
        restoring.redistribute(world, self.plan)
        world.take_outcome()  # it changed nothing
        world.timers = self.timers
        world.undecided = self.fields["undecided"]


def guarded(world: World, work: Callable[[], None], give_up: Callable[[], None] = lambda: None) -> Outcome:
    """What follows from `work`. A fault that is about no call that is known: nothing of the work is done, and `give_up` says so."""
    total = Outcome()
    while True:
        memory = _Memory.of(world)
        try:
            work()
        except Exception as fault:
            subject = world.subject
            memory.put_back(world)
            total.faults.append(fault)
            if _end(world, subject, total) or _spare_distribution(world, subject):
                continue
            _try(world, give_up, total)
        total.add(world.take_outcome())
        _send_home(world, total)
        return total


def _spare_distribution(world: World, subject: Subject) -> bool:
    """The distribution itself failed: what happened must be handled all the same; the next change lets it try again."""
    spared = subject.deciding and world.distributes
    world.distributes = False
    return spared


def _try(world: World, how: Callable[[], None], total: Outcome) -> bool:
    """False: it failed too, and nothing of it is done."""
    memory = _Memory.of(world)
    try:
        how()
    except Exception as fault:
        memory.put_back(world)
        total.faults.append(fault)
        return False
    total.add(world.take_outcome())
    return True


def _end(world: World, subject: Subject, total: Outcome) -> bool:
    """End the call properly; if that fails too, or has been done, forget it. False: there is no such call."""
    call = world.calls.get(subject.call)
    if call is None:
        return False
    properly = call.session.state != "ended" and _try(world, lambda: ending.fail(world, call, SERVER_ERROR), total)
    if not properly and not _try(world, lambda: _forget(world, call), total):
        raise RuntimeError("a call can neither be ended nor forgotten") from total.faults[-1]
    if subject.agent is not None:
        world.distributes = False
        world.suspects.append(subject.agent)
    return True


def _forget(world: World, call: Call) -> None:
    """Without asking any part of the machine: one of them is broken for this call."""
    world.fact(*_endings(call, world.now))
    world.command(call, *(t.HangUp(call=call.id, leg=leg, code=SERVER_ERROR) for leg in call.open_legs), t.Retire(call=call.id))
    world.drop(call)
    restoring.redistribute(world, world.engine.plan)
    for agent, state in list(world.agents.items()):
        if state.call == call.id:
            restoring.free_stranded(world, agent, state)


def _endings(call: Call, now: float) -> Iterator[v.Event]:
    """Whatever has begun has one end, also of a call that is forgotten."""
    if o := call.offer:
        seconds = now - o.made_at
        yield v.OfferEnded(at=now, call=call.id, queue=o.queue, agent=o.agent, leg=o.leg, result="withdrawn", counted=True, seconds=seconds)
    if call.place:
        yield queueing.left(call.id, call.place, "error", now)
    if talk := call.talk:
        seconds = now - talk.started_at
        yield v.ConversationEnded(at=now, call=call.id, leg=talk.leg, agent=talk.agent, by="system", seconds=seconds, holds=talk.holds)
    if call.consult and call.talk and (agent := call.talk.agent):
        yield v.ConsultEnded(at=now, call=call.id, agent=agent, result="error", seconds=now - call.consult.began_at)
    if (transfer := call.transfer) and not transfer.returning:
        yield v.TransferEnded(at=now, call=call.id, agent=transfer.by, result="error", seconds=now - transfer.began_at)
    for leg in call.open_legs:
        yield v.LegFinished(at=now, call=call.id, leg=leg, code=SERVER_ERROR)
    if call.session.state != "ended":
        yield v.CallEnded(at=now, call=call.id, cause="error")


def _send_home(world: World, total: Outcome) -> None:
    """Agents with an offer that failed, perhaps for what is wrong with them: the next caller must not be lost in the same way."""
    suspects, world.suspects, world.distributes = world.suspects, [], True
    for agent in suspects:
        if world.agent(agent).presence.status != "logged_off":
            _try(world, partial(presences.tell, world, agent, p.LoggedOff(reason="error")), total)
