"""Consults and transfers are told and counted (AR-02, TR-05)."""

from django.utils import translation

from apps.calls import narration, services
from apps.calls.models import Call
from apps.calls.references import References
from apps.events import vocabulary as v
from tests.calls.story import CALL, START, Company, entries

LEG, OTHER = f"{CALL}-2", f"{CALL}-3"


def passed_on(company: Company) -> list[v.Event]:
    anna, per, queue = company.anna.pk, company.per.pk, company.support.pk

    def after(seconds: float, kind: type[v.Event], /, **fields) -> v.Event:
        return kind(at=START + seconds, call=CALL, **fields)

    return [
        after(0, v.CallArrived, leg=f"{CALL}-1", caller="+4722334455", dialled="+4780012345"),
        after(1, v.ConversationStarted, leg=LEG, agent=anna, queue=queue),
        after(5, v.HoldStarted, agent=anna),
        after(5, v.ConsultBegan, agent=anna, kind="queue", target=queue),
        after(15, v.ConsultEnded, agent=anna, result="taken_back", seconds=10.0),
        after(15, v.HoldEnded, agent=anna, seconds=10.0),
        after(20, v.ConsultBegan, agent=anna, kind="agent", target=per),
        after(25, v.ThreePartyBegan, agent=anna),
        after(30, v.ConsultEnded, agent=anna, result="transferred", seconds=10.0),
        after(30, v.TransferBegan, agent=anna, kind="agent", target=per, consulted=True),
        after(30, v.ConversationEnded, leg=LEG, agent=anna, by="agent", seconds=29.0, held=15.0, holds=2, consults=2, transferred=True),
        after(30, v.TransferEnded, agent=anna, result="answered"),
        after(30, v.ConversationStarted, leg=OTHER, agent=per, queue=queue),
        after(40, v.TransferBegan, agent=per, kind="flow", target=company.flow.pk),
        after(40, v.ConversationEnded, leg=OTHER, agent=per, by="agent", seconds=10.0, transferred=True),
        after(41, v.TransferBegan, agent=per, kind="number", number="+4740000040"),
        after(50, v.TransferEnded, agent=per, result="busy", seconds=9.0),
        after(50, v.TransferReturned, queue=queue),
        after(60, v.ConversationStarted, leg=f"{CALL}-4", agent=None),
        after(70, v.ConversationEnded, leg=f"{CALL}-4", agent=None, by="caller", seconds=10.0),
    ]


TOLD = [
    "Anna Berg asks the queue Support; the caller hears music",
    "Consult over after 10 s: ended by the agent",
    "Anna Berg asks Per Dahl; the caller hears music",
    "All three talk to each other",
    "Consult over after 10 s: has the caller",
    "Anna Berg left the caller to Per Dahl",
    "Per Dahl transferred the caller to Front desk, without asking",
    "Per Dahl transferred the caller to 40 00 00 40, without asking",
    "The transfer failed after 9.0 s: busy",
    "The caller goes back to the queue Support, as one who has waited already",
]


def test_who_asked_whom_and_who_got_the_caller_is_told_with_names(company: Company):
    told = entries(passed_on(company))
    references = References(told)
    names = {key: name for entry in told for key, name in references.names(entry).items()}
    with translation.override("en"):
        lines = narration.narrate(told, names, "NO")
    said = [line.sentence for line in lines if not line.technical]
    assert [sentence for sentence in said if sentence in TOLD] == TOLD


def test_holds_consults_and_transfers_are_counted_and_the_last_agent_stays(company: Company):
    """TR-05"""
    services.read(entries(passed_on(company)))
    call = Call.objects.get(pk=CALL)
    assert (call.holds, call.held, call.consults, call.transferred) == (2, 15.0, 2, True)
    assert call.agent == company.per and call.talked == 49.0
