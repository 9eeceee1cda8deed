"""Calls that the system makes itself: they begin with a leg to somebody who is called, and go through a flow of its own. PURE.

Whoever asks for one has leased a cell and given the call its id. From the answer on, the person called is what a caller is
elsewhere: he hears prompts, presses digits, and when he hangs up the call is over.
"""

from apps.events import vocabulary as v
from apps.flows import interpreter as f
from apps.flows.errands import errand
from apps.switch import requests as r
from apps.switch import restoring, session
from apps.switch.state import Call
from apps.switch.world import World
from contactcenter.lib.phone import e164

RINGS = 45.0  # seconds


def place(world: World, request: r.PlaceCall) -> r.RefusalCode:
    """A cell that is not there any more does not report, and the call ends as one whose cell was lost."""
    outbound, number = world.configuration.outbound, e164(request.number, world.configuration.country)
    if outbound is None or number is None:
        return "no_trunk"
    graph, leg = errand(request.errand, request.language), f"{request.call}-l1"
    begun = session.Session(call=request.call, cell=request.cell, caller=leg, count=1)
    call = Call(
        session=begun, arrived_at=world.now, caller=number, caller_name="", dialled=outbound.caller_id, number=None, open_legs=(leg,),
        run=f.waiting(graph, world.now, request.call, {f.CALLER: number, f.DIALLED: outbound.caller_id, f.FORWARDED_FROM: ""}),
    )  # fmt: skip
    world.graphs[graph.version] = graph
    world.outcome.graphs.add(graph.version)
    world.put(call)
    world.fact(
        v.CallArrived(at=world.now, call=call.id, leg=leg, caller=number, dialled=outbound.caller_id, placed=True),
        v.LegStarted(at=world.now, call=call.id, leg=leg, role="caller", number=number),
    )
    world.command(call, outbound.dial(call=call.id, leg=leg, number=number, timeout=RINGS))
    restoring.ask_cell(world, call)
    return ""
