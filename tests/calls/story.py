"""Kari calls Support: a whole call as facts, told by the switch and the worker. 2026-03-02 09:00 UTC is second 0."""

from apps.accounts.models import Role, Team, User
from apps.events import vocabulary as v
from apps.flows.models import Flow, FlowVersion
from apps.numbers.models import AccessNumber, Trunk
from apps.queues.models import Queue

START = 1_772_442_000.0
CALL = "019ca0000000000000000000000000ca"
OTHER_CALL = "019ca0000000000000000000000000cb"
RECORDING = f"{CALL}-r3"
CALLER_LEG, FIRST_LEG, SECOND_LEG = f"{CALL}-1", f"{CALL}-2", f"{CALL}-3"


class Company:
    """Team, agents Anna and Per, their leader Liv, queue Support, an access number."""

    def __init__(self) -> None:
        self.team = Team.objects.create(name="Customer service")
        self.anna = self.person("anna", "Anna", "Berg")
        self.per = self.person("per", "Per", "Dahl")
        self.liv = self.person("liv", "Liv", "Moe", role=Role.TEAM_LEADER, is_staff=True)
        self.flow = Flow.objects.create(name="Front desk")
        self.version = FlowVersion.objects.create(flow=self.flow, number=3, state="active")
        self.number = AccessNumber.objects.create(number="+4780012345", name="Main number", flow=self.flow)
        self.trunk = Trunk.objects.create(name="Operator", sources="192.0.2.1")
        self.support = Queue.objects.create(name="Support", recording_mode="pausable")

    def person(self, username: str, first: str, last: str, **more) -> User:
        return User.objects.create_user(username, password="a long password", first_name=first, last_name=last, team=self.team, **more)


def facts(company: Company, call: str = CALL, at: float = START) -> list[v.Event]:
    """Welcome, menu, queue; Per does not answer, Anna does; hold, a pause in the recording; the caller hangs up."""
    anna, per, queue = company.anna.pk, company.per.pk, company.support.pk
    first, second, recording = f"{call}-2", f"{call}-3", f"{call}-r3"
    both = (v.Candidate(str(per), (9.0, 0.0, 300.5), "Morning"), v.Candidate(str(anna), (7.0, 0.0, -1.0), "Evening"))
    waiting = (v.Candidate(call, (46.7, 1.0, 28.0, 7.0)), v.Candidate(OTHER_CALL, (12.5, 1.0, 7.5, 7.0)))

    def after(seconds: float, kind: type[v.Event], /, **fields) -> v.Event:
        return kind(at=at + seconds, call=call, **fields)

    return [
        after(0.0, v.CallArrived, leg=f"{call}-1", caller="+4722334455", caller_name="Kari Nordmann", dialled="+4780012345",
              access_number=company.number.pk, flow=company.flow.pk, flow_version=company.version.pk, trunk=company.trunk.pk),
        after(0.2, v.LegConnected, leg=f"{call}-1"),
        after(0.2, v.StepEntered, step=1, kind="message", name="Welcome"),
        after(3.2, v.StepLeft, step=1, exit="next", result="played", seconds=3.0),
        after(3.2, v.StepEntered, step=2, kind="menu", name="Main menu"),
        after(7.4, v.StepLeft, step=2, exit="1", result="choice", value="1", label="Invoice", seconds=4.2),
        after(7.4, v.StepEntered, step=3, kind="queue", name="Invoice queue"),
        after(7.4, v.QueueEntered, queue=queue, position=2),
        after(10.0, v.OfferMade, queue=queue, agent=per, leg=first, waited=2.6, trigger="caller_arrived", considered=both),
        after(10.0, v.LegStarted, leg=first, role="agent", agent=per),
        after(30.0, v.OfferEnded, queue=queue, agent=per, leg=first, result="no_answer", counted=True, seconds=20.0),
        after(30.1, v.LegFinished, leg=first, code=487),
        after(35.4, v.OfferMade, queue=queue, agent=anna, leg=second, waited=28.0, trigger="agent_free", considered=waiting),
        after(35.4, v.LegStarted, leg=second, role="agent", agent=anna),
        after(39.4, v.OfferEnded, queue=queue, agent=anna, leg=second, result="answered", counted=True, seconds=4.0),
        after(39.4, v.LegConnected, leg=second),
        after(39.4, v.QueueLeft, queue=queue, exit="answered", waited=32.0),
        after(39.4, v.ConversationStarted, leg=second, agent=anna, queue=queue),
        after(39.4, v.RecordingBegan, recording=recording, agent=anna, queue=queue, mode="pausable", path=f"/recordings/{recording}.wav"),
        after(60.0, v.HoldStarted, agent=anna),
        after(72.0, v.HoldEnded, agent=anna, seconds=12.0),
        after(80.0, v.RecordingPaused, recording=recording),
        after(95.0, v.RecordingResumed, recording=recording),
        after(100.0, v.RecordingMasked, recording=recording, agent=anna),
        after(112.0, v.RecordingUnmasked, recording=recording, agent=anna),
        after(172.4, v.ConversationEnded, leg=second, agent=anna, by="caller", seconds=133.0, held=12.0, holds=1),
        after(172.4, v.StepLeft, step=3, exit="", result="answered", seconds=165.0),
        after(172.4, v.CallEnded, cause="caller_hung_up"),
        after(172.5, v.LegFinished, leg=second, code=200, received=6600, lost=66, jitter_ms=3.4, rtt_ms=20.0, sent=6500, sent_lost=1300),
        after(172.9, v.RecordingFinished, recording=recording, path=f"/recordings/{recording}.wav", seconds=118.0),
        after(175.0, v.RecordingStored, recording=recording),
    ]  # fmt: skip


def entries(events: list[v.Event], first_seq: int = 1) -> list[v.Entry]:
    return [v.Entry(seq, event) for seq, event in enumerate(events, first_seq)]
