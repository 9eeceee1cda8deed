"""A call's cell: it is lost, does not answer, or tells what legs it really has. PURE."""

from apps.events import vocabulary as v
from apps.switch import ending, legs, restoring, session
from apps.switch.state import Call
from apps.switch.world import World
from apps.telephony import protocol as t

CELL_GONE = 500  # what the legs of a lost cell ended with, in the words of SIP: the fault was ours


def lost(world: World, message: t.CellLost) -> None:
    """The process is gone and took all legs of the call with it."""
    call = world.calls.get(message.call)
    if call is not None:
        _lose(world, call, "cell_lost")


def _lose(world: World, call: Call, cause: str) -> None:
    """All legs are over with it; what follows for them from the end of the call need not be said."""
    world.fact(*(v.LegFinished(at=world.now, call=call.id, leg=leg, code=CELL_GONE) for leg in call.open_legs))
    ending.caller_gone(world, world.put(call, open_legs=()), cause)
    call = world.calls[call.id]
    world.outcome.commands = [(cell, command) for cell, command in world.outcome.commands if cell != call.session.cell]
    world.drop(call)


def supervisor_began(world: World, message: t.SupervisorBegan) -> None:
    for call in list(world.calls.values()):
        restoring.ask_cell(world, call)


def roll_call(world: World, call: str) -> None:
    """Should a cell have died while no supervisor held its life line."""
    restoring.ask_cell(world, world.calls[call])


def reported(world: World, call: Call, report: t.CellReport) -> None:
    """Reconcile with what the cell really has, whatever the two have said to each other got lost.

    A leg that nobody wants is hung up, a leg that is missing has ended, and one that has answered unheard has answered.
    """
    world.timers.set(("report", call.id), None)
    world.timers.set(("last_report", call.id), None)
    there = {leg.leg: leg.answered for leg in report.legs}
    for leg in sorted(there.keys() - _wanted(call)):
        world.command(call, t.HangUp(call=call.id, leg=leg))
    for leg in [leg for leg in call.open_legs if leg in report.asked and leg not in there]:
        if (now_call := world.calls.get(call.id)) is not None:
            legs.ended(world, now_call, t.LegEnded(cell=report.cell, call=call.id, at=report.at, leg=leg, code=481, by_us=False))
    for leg in [leg for leg, answered in there.items() if answered]:
        if (now_call := world.calls.get(call.id)) is not None and legs.is_awaited(now_call, leg):
            legs.answered(world, now_call, t.LegAnswered(cell=report.cell, call=call.id, at=report.at, leg=leg))
    if (left := world.calls.get(call.id)) is not None:
        world.command(left, *session.redraw(left.session))


def _wanted(call: Call) -> set[str]:
    """All other legs were to be hung up."""
    now = call.session
    return set() if now.state == "ended" else {now.caller, now.partner, now.consulted, now.ringing} & set(call.open_legs)


def no_report(world: World, call: str) -> None:
    """It may not have been asked (Redis has lost the question), or its answer may be on its way: one more question costs seconds."""
    restoring.ask_cell(world, world.calls[call], "last_report")


def no_last_report(world: World, call_id: str) -> None:
    """It is given up. Should it live all the same, its legs must not talk on in a call that nobody knows."""
    call = world.calls[call_id]
    _lose(world, call, "recovered")
    world.command(call, *(t.HangUp(call=call.id, leg=leg, code=CELL_GONE) for leg in call.open_legs), t.Retire(call=call.id))


def unknown_reported(world: World, report: t.CellReport) -> None:
    """It was given up, and was away for so long that it has not heard of it."""
    world.outcome.commands.append((report.cell, t.Retire(call=report.call)))
