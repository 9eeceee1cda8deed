"""Consult, three-party and transfer (TR-01 to TR-05): every state, who hears whom in it, and every race."""

import msgspec
import pytest
from msgspec.structs import replace

from apps.accounts.presence import AgentRules
from apps.events import vocabulary as v
from apps.outbound.rules import OutboundRules
from apps.queues.acd.state import ProfileRules
from apps.switch import board, restoring
from apps.switch import requests as r
from apps.switch.configuration import Agent
from apps.telephony import protocol as t
from tests.switch.company import ALL_ROUND, SALES, SUPPORT, AgentPerson, Caller, Company, configuration, flow

ANNA, PER, OLE = 1, 2, 3
NUMBER = "+4740000040"
SALES_ONLY = 9


def office(**queue: object) -> Company:
    settings = configuration(flow(maximum_wait=5), **queue)
    agents = {n: Agent(n, f"Agent {n}", AgentRules(), (ALL_ROUND,), 1, 10, "pausable") for n in (ANNA, PER, OLE)}
    return Company(replace(settings, agents=agents, calls_out=OutboundRules({"+47829": False})))


class Desk:
    """Anna talks to her customer; Per is free; what each hears is asked of the newest picture."""

    def __init__(self, phone: str = "softphone", **queue: object) -> None:
        self.company = office(**queue)
        self.anna, self.per, self.ole = (self.company.agent(n) for n in (ANNA, PER, OLE))
        self.anna.logs_on(phone=phone)
        self.kari: Caller = self.company.caller().chooses("1")
        self.anna.answers()
        self.company.passes(5)
        self.per.logs_on()
        self.a = self.kari.call.talk.leg

    def asks(self, kind: type, **fields: object) -> str:
        return self.anna.asks(kind, **fields)

    def consults(self, to: r.Target | None = None, *, answered: bool = True) -> str:
        code = self.asks(r.Consult, to=to or r.Target("agent", PER))
        if answered:
            self.leg(t.LegAnswered, self.b)
        return code

    @property
    def b(self) -> str:
        """The leg of whoever is asked or rung."""
        call = self.kari.call
        rung = call.transfer or call.consult
        return (rung.leg if rung else "") or call.session.ringing

    def leg(self, kind: type, leg: str, **fields: object) -> None:
        self.kari.event(kind, leg=leg, **fields)

    def over(self, leg: str, code: int = 200) -> None:
        self.leg(t.LegEnded, leg, code=code, by_us=False)

    @property
    def mix(self) -> set[tuple[str, str]]:
        mixes = self.company.told(t.Mix, self.kari.id)
        return set(mixes[-1].edges)

    @property
    def music(self) -> dict[str, str]:
        """Leg -> file of what it hears, in a loop."""
        playing: dict[str, tuple[str, str]] = {}
        for command in self.company.told(t.Play, self.kari.id) + []:
            if command.loop:
                playing[command.playback] = (command.leg, command.files[0])
        for command in self.company.told(t.StopPlay, self.kari.id):
            playing.pop(command.playback, None)
        return dict(playing.values())

    @property
    def customer(self) -> str:
        return self.kari.call.session.caller

    def card(self, agent: int) -> board.CallCard | None:
        return msgspec.json.decode(self.company.board[board.agent_topic(agent)], type=board.AgentDocument).card

    def hung_up(self) -> set[str]:
        return {command.leg for command in self.company.told(t.HangUp, self.kari.id)}

    def ended(self, kind: type) -> list[str]:
        return [fact.result for fact in self.company.of(kind, self.kari.id)]


def both(one: str, other: str) -> set[tuple[str, str]]:
    return {(one, other), (other, one)}


@pytest.fixture
def desk() -> Desk:
    return Desk()


# -- consult


def test_the_customer_hears_music_while_an_agent_is_rung_and_asked(desk):
    """TR-02"""
    assert desk.consults(answered=False) == ""
    assert desk.per.status == "offered" and desk.music == {desk.customer: "/audio/music.wav", desk.a: "/audio/ringing.wav"}
    assert desk.mix == set()
    card = desk.card(PER)
    assert (card.state, card.asked_by, card.consulted, card.caller) == ("ringing", "Agent 1", True, desk.kari.number)
    assert (desk.card(ANNA).consult.state, desk.card(ANNA).consult.name) == ("ringing", "Agent 2")
    desk.leg(t.LegAnswered, desk.b)
    assert desk.per.status == "connected" and desk.mix == both(desk.a, desk.b)
    assert desk.music == {desk.customer: "/audio/music.wav"}
    assert desk.card(PER).state == desk.card(ANNA).state == "consulting"


def test_completed_the_customer_talks_to_whom_was_asked_and_the_agent_wraps_up(desk):
    """TR-02, TR-05, RC-05"""
    desk.consults()
    b = desk.b
    desk.company.passes(7)
    assert desk.asks(r.CompleteTransfer) == ""
    assert desk.mix == both(desk.customer, b) and desk.music == {} and desk.a in desk.hung_up()
    assert desk.anna.status == "wrap_up" and desk.per.status == "connected"
    (ended,) = desk.company.of(v.ConversationEnded)
    assert (ended.agent, ended.consults, ended.transferred, ended.holds, ended.held) == (ANNA, 1, True, 1, 7.0)
    (_, second) = desk.company.of(v.ConversationStarted)
    assert (second.agent, second.queue) == (PER, SUPPORT)
    first, other = desk.company.told(t.Record)[0], desk.company.told(t.Record)[-1]
    assert first.recording != other.recording and (other.left, other.right) == ((desk.customer,), (b,))
    assert [stop.recording for stop in desk.company.told(t.StopRecord)] == [first.recording]
    assert desk.card(PER).state == "talking" and desk.card(ANNA) is None
    desk.over(b)
    assert desk.per.status == "wrap_up"
    desk.kari.hangs_up()
    assert desk.company.of(v.CallEnded)


def test_the_consult_is_recorded_of_the_agent_alone(desk):
    """RC-05: whom he asks is recorded only when he talks to the customer."""
    desk.consults()
    assert (desk.company.told(t.Record)[-1].left, desk.company.told(t.Record)[-1].right) == ((), (desk.a,))
    b = desk.b
    desk.asks(r.JoinAll)
    record = desk.company.told(t.Record)[-1]
    assert (record.left, record.right) == ((desk.customer,), (desk.a, b))


def test_taken_back_the_customer_talks_to_his_agent_again(desk):
    """TR-02"""
    desk.consults()
    b = desk.b
    assert desk.asks(r.TakeBack) == ""
    assert desk.mix == both(desk.customer, desk.a) and desk.music == {} and b in desk.hung_up()
    assert desk.per.status == "ready" and desk.card(PER) is None and desk.ended(v.ConsultEnded) == ["taken_back"]
    assert desk.card(ANNA).state == "talking" and desk.card(ANNA).consult is None


def test_three_hear_each_other(desk):
    """TR-02"""
    desk.consults()
    b = desk.b
    assert desk.asks(r.JoinAll) == ""
    assert desk.mix == both(desk.customer, desk.a) | both(desk.customer, b) | both(desk.a, b) and desk.music == {}
    assert desk.card(ANNA).state == desk.card(PER).state == "three_party"
    assert desk.per.asks(r.Mute, on=True) == ""
    assert not {edge for edge in desk.mix if edge[0] == b} and desk.card(PER).muted and not desk.card(ANNA).muted
    desk.over(b)
    assert desk.mix == both(desk.customer, desk.a) and desk.ended(v.ConsultEnded) == ["hung_up"] and desk.per.status == "ready"


def test_an_agent_who_leaves_three_leaves_the_other_two(desk):
    desk.consults()
    b = desk.b
    desk.asks(r.JoinAll)
    assert desk.asks(r.HangUpCall) == ""
    assert desk.mix == both(desk.customer, b) and desk.anna.status == "wrap_up" and desk.ended(v.TransferEnded) == ["answered"]


@pytest.mark.parametrize("how", ["phone", "click"])
def test_who_is_asked_hangs_up_and_the_customer_is_back(desk, how):
    """TR-02"""
    desk.consults()
    if how == "phone":
        desk.over(desk.b)
    else:
        assert desk.per.asks(r.HangUpCall) == ""
    assert desk.mix == both(desk.customer, desk.a) and desk.ended(v.ConsultEnded) == ["hung_up"] and desk.per.status == "ready"


@pytest.mark.parametrize(
    ("code", "result", "status"),
    [(486, "busy", "busy"), (603, "rejected", "busy"), (408, "no_answer", "no_answer"), (503, "unreachable", "busy")],
)
def test_who_does_not_answer_is_told_apart_and_the_customer_is_back(desk, code, result, status):
    desk.consults(answered=False)
    desk.over(desk.b, code)
    assert desk.ended(v.ConsultEnded) == [result] and desk.per.status == status
    assert desk.mix == both(desk.customer, desk.a) and desk.music == {}


def test_nobody_is_rung_for_ever(desk):
    desk.consults(answered=False)
    b = desk.b
    desk.company.passes(60)
    assert desk.ended(v.ConsultEnded) == ["no_answer"] and b in desk.hung_up() and desk.mix == both(desk.customer, desk.a)


def test_rejected_by_a_click(desk):
    desk.consults(answered=False)
    assert desk.per.asks(r.RejectOffer, leg=desk.b) == ""
    assert desk.per.status == "busy" and desk.ended(v.ConsultEnded) == ["rejected"] and desk.mix == both(desk.customer, desk.a)


def test_a_number_is_asked_and_gets_the_keys_that_the_agent_presses(desk):
    """TR-01, OB-02"""
    assert desk.consults(r.Target("number", number=NUMBER)) == ""
    dial = desk.company.told(t.Dial)[-1]
    assert dial.uri == f"sip:{NUMBER}@operator.example;transport=udp" and dial.caller == "+4722000000"
    desk.asks(r.PressKeys, digits="5")
    assert desk.company.told(t.SendDigits)[-1].leg == desk.b
    desk.asks(r.CompleteTransfer)
    assert desk.company.of(v.ConversationStarted)[-1].agent is None and desk.company.core.world.agent(ANNA).calls_out_today == 1
    desk.over(desk.kari.call.talk.leg)
    assert desk.company.of(v.CallEnded)[0].cause == "agent_hung_up"


@pytest.mark.parametrize(
    ("to", "code"),
    [
        (r.Target("agent", ANNA), "unknown_target"),
        (r.Target("agent", 99), "unknown_target"),
        (r.Target("agent", OLE), "agent_not_free"),
        (r.Target("queue", 99), "unknown_target"),
        (r.Target("flow", 99), "unknown_target"),
        (r.Target("number", number="x"), "unknown_target"),
        (r.Target("number", number="+4782912345"), "number_denied"),
    ],
)
def test_what_is_no_target_is_refused_and_nothing_happens(desk, to, code):
    """TR-01, OB-02"""
    before = desk.mix
    for kind in (r.Consult, r.Transfer):
        assert desk.asks(kind, to=to) == code
    assert desk.mix == before and not desk.company.of(v.HoldStarted) and desk.anna.status == "connected"


def test_a_flow_cannot_be_asked(desk):
    assert desk.asks(r.Consult, to=r.Target("flow", 1)) == "not_allowed"


def test_a_cell_at_its_capacity_says_so(desk):
    call = desk.kari.call
    desk.company.core.world.put(call, open_legs=(*call.open_legs, "listener", "other"))
    assert desk.asks(r.Consult, to=r.Target("agent", PER)) == "cell_full"


def test_one_consult_at_a_time_and_no_hold_in_it(desk):
    desk.consults()
    assert desk.asks(r.Consult, to=r.Target("number", number=NUMBER)) == "not_now"
    assert desk.asks(r.Transfer, to=r.Target("number", number=NUMBER)) == "not_now"
    assert desk.asks(r.Hold, on=True) == "not_now"


def test_a_customer_on_hold_already_was_held_once(desk):
    desk.asks(r.Hold, on=True)
    desk.consults()
    desk.asks(r.TakeBack)
    assert len(desk.company.of(v.HoldStarted)) == len(desk.company.of(v.HoldEnded)) == 1
    assert desk.mix == both(desk.customer, desk.a)


def test_an_agent_who_is_asked_is_offered_nothing(desk):
    desk.consults()
    desk.company.caller("+4790000009").chooses("1")
    assert len(desk.company.of(v.OfferMade)) == 1
    desk.asks(r.TakeBack)
    assert [offer.agent for offer in desk.company.of(v.OfferMade)] == [ANNA, PER]


# -- consult with a queue (TR-03)


def test_the_agent_waits_in_the_queue_and_completes_after_somebody_answered():
    desk = Desk()
    desk.per.asks(r.Pause, reason="Lunch")
    assert desk.asks(r.Consult, to=r.Target("queue", SALES)) == ""
    assert desk.music == {desk.customer: "/audio/music.wav", desk.a: "/audio/music.wav"} and desk.card(ANNA).consult.state == "waiting"
    assert desk.asks(r.CompleteTransfer) == "not_now"
    desk.per.asks(r.BecomeReady)
    offer = desk.kari.call.offer
    assert (offer.agent, offer.queue) == (PER, SALES) and desk.card(PER).consulted
    desk.leg(t.LegAnswered, offer.leg)
    assert desk.mix == both(desk.a, offer.leg) and desk.card(ANNA).consult.found == "Agent 2"
    assert desk.asks(r.CompleteTransfer) == ""
    assert desk.mix == both(desk.customer, offer.leg) and desk.per.status == "connected" and desk.anna.status == "wrap_up"


def test_the_agent_gives_up_waiting(desk):
    desk.per.asks(r.Pause, reason="Lunch")
    desk.asks(r.Consult, to=r.Target("queue", SALES))
    assert desk.asks(r.TakeBack) == ""
    assert desk.mix == both(desk.customer, desk.a) and desk.company.of(v.QueueLeft)[-1].exit == "taken_back"
    desk.per.asks(r.BecomeReady)
    assert len(desk.company.of(v.OfferMade)) == 1


def test_given_up_as_a_phone_rings_there(desk):
    desk.asks(r.Consult, to=r.Target("queue", SALES))
    rung = desk.kari.call.offer.leg
    desk.asks(r.TakeBack)
    assert rung in desk.hung_up() and desk.per.status == "ready"
    desk.leg(t.LegAnswered, rung)  # it answered in that very moment
    assert desk.mix == both(desk.customer, desk.a) and desk.per.status == "ready"


def test_who_leaves_while_he_waits_leaves_the_customer_in_the_queue(desk):
    desk.per.asks(r.Pause, reason="Lunch")
    desk.asks(r.Consult, to=r.Target("queue", SALES))
    desk.over(desk.a)
    assert desk.kari.call.place.queue == SALES and desk.music == {desk.customer: "/audio/music.wav"} and desk.anna.status == "wrap_up"
    desk.per.asks(r.BecomeReady)
    desk.per.answers()
    assert desk.per.status == "connected" and desk.kari.call.talk.queue == SALES


def test_a_queue_that_nobody_serves_takes_nobody():
    desk = Desk()
    for person in (desk.per,):
        person.asks(r.LogOff)
    world = desk.company.core.world
    settings = world.configuration
    profiles = settings.acd.profiles | {SALES_ONLY: ProfileRules(SALES_ONLY, "Sales")}
    queues = settings.acd.queues | {SALES: replace(settings.acd.queues[SALES], skills={5: 5})}
    world.engine.configure(replace(settings.acd, queues=queues, profiles=profiles))
    assert desk.asks(r.Consult, to=r.Target("queue", SALES)) == desk.asks(r.Transfer, to=r.Target("queue", SALES)) == "queue_closed"
    assert desk.anna.status == "connected" and desk.mix == both(desk.customer, desk.a)


# -- blind transfer


def test_blind_to_an_agent(desk):
    """TR-02"""
    assert desk.asks(r.Transfer, to=r.Target("agent", PER)) == ""
    b = desk.b
    assert desk.a in desk.hung_up() and desk.anna.status == "wrap_up" and desk.music == {desk.customer: "/audio/ringing.wav"}
    assert desk.card(PER).asked_by == "Agent 1" and not desk.card(PER).consulted
    desk.leg(t.LegAnswered, b)
    assert desk.mix == both(desk.customer, b) and desk.music == {} and desk.per.status == "connected"
    assert desk.ended(v.TransferEnded) == ["answered"] and desk.company.of(v.ConversationEnded)[0].transferred


@pytest.mark.parametrize("how", ["busy", "rejects", "rings out"])
def test_what_fails_brings_the_customer_back_to_the_agent_in_the_wrap_up_of_this_call(desk, how):
    """TR-04"""
    desk.asks(r.Transfer, to=r.Target("agent", PER))
    if how == "busy":
        desk.over(desk.b, 486)
    elif how == "rejects":
        desk.per.asks(r.RejectOffer, leg=desk.b)
    else:
        desk.company.passes(25)
    assert desk.anna.status == "offered" and desk.card(ANNA).returned and desk.per.status != "offered"
    desk.leg(t.LegAnswered, desk.b)
    assert desk.mix == both(desk.customer, desk.kari.call.talk.leg) and desk.kari.call.talk.agent == ANNA
    assert desk.anna.status == "connected" and [fact.agent for fact in desk.company.of(v.TransferReturned)] == [ANNA]


@pytest.mark.parametrize("what", ["pauses", "logs off", "has another call"])
def test_or_to_the_queue_with_the_time_that_he_had_waited(what):
    """TR-04"""
    desk = Desk(wrap_up=0.0)
    desk.kari.hangs_up()
    desk.per.asks(r.Pause, reason="Lunch")
    desk.anna.asks(r.Pause, reason="Lunch")
    desk.kari = desk.company.caller("+4790000002").chooses("1")
    desk.company.passes(40)
    desk.anna.asks(r.BecomeReady)
    desk.anna.answers()
    desk.a = desk.kari.call.talk.leg
    desk.company.passes(100)
    desk.per.asks(r.BecomeReady)
    desk.asks(r.Transfer, to=r.Target("agent", PER))
    if what == "has another call":
        desk.company.caller("+4790000003").chooses("1")
        desk.anna.answers()
    else:
        desk.asks(r.LogOff) if what == "logs off" else desk.asks(r.Pause, reason="Lunch")
    desk.over(desk.b, 486)
    place = desk.kari.call.place
    assert place.queue == SUPPORT and desk.company.now - place.entered_at == 40.0
    assert desk.company.of(v.TransferReturned)[0].queue == SUPPORT and desk.music == {desk.customer: "/audio/music.wav"}
    desk.company.passes(11)
    desk.leg(t.LegAnswered, desk.kari.call.offer.leg)
    assert desk.per.status == "connected"


def test_he_who_does_not_take_it_back_leaves_it_to_the_queue(desk):
    desk.asks(r.Transfer, to=r.Target("agent", PER))
    desk.over(desk.b, 486)
    desk.over(desk.b, 486)
    assert desk.kari.call.place.queue == SUPPORT and desk.anna.status == "busy"


def test_blind_to_a_number_that_hangs_up_later(desk):
    desk.asks(r.Transfer, to=r.Target("number", number=NUMBER))
    b = desk.b
    desk.leg(t.LegAnswered, b)
    assert desk.mix == both(desk.customer, b)
    desk.over(b)
    assert desk.company.of(v.StepLeft)[-1].result == "answered" and desk.company.of(v.CallEnded)


def test_blind_to_a_queue(desk):
    assert desk.asks(r.Transfer, to=r.Target("queue", SALES)) == ""
    assert desk.ended(v.TransferEnded) == ["entered"]
    desk.per.answers()
    assert desk.kari.call.talk.queue == SALES and desk.mix == both(desk.customer, desk.kari.call.talk.leg)


def test_blind_to_a_flow_with_what_is_known_of_him(desk):
    """TR-01: an IVR entry."""
    assert desk.asks(r.Transfer, to=r.Target("flow", 1)) == ""
    assert desk.kari.call.session.state == "alone" and desk.company.of(v.StepLeft)[-1].result == "transferred"
    assert [step.name for step in desk.company.of(v.StepEntered)][-1] == "Welcome"
    desk.kari.chooses("1")
    assert desk.kari.call.place.queue == SUPPORT or desk.kari.call.offer


def test_left_while_it_still_rings_the_transfer_is_blind(desk):
    desk.consults(answered=False)
    b = desk.b
    assert desk.asks(r.CompleteTransfer) == ""
    assert desk.b == b and b not in desk.hung_up() and desk.music == {desk.customer: "/audio/ringing.wav"} and desk.anna.status == "wrap_up"
    desk.leg(t.LegAnswered, b)
    assert desk.mix == both(desk.customer, b) and desk.ended(v.TransferEnded) == ["answered"]


# -- races


def test_the_customer_hangs_up_during_the_consult(desk):
    desk.consults()
    legs = {desk.a, desk.b}
    desk.kari.hangs_up()
    assert legs <= desk.hung_up() and desk.per.status == "ready" and desk.anna.status == "wrap_up"
    assert desk.ended(v.ConsultEnded) == ["caller_gone"] and len(desk.company.of(v.HoldEnded)) == 1
    for leg in legs:
        desk.over(leg)
    assert desk.kari.id not in desk.company.core.world.calls


@pytest.mark.parametrize("kind", [r.Consult, r.Transfer])
def test_the_customer_hangs_up_while_it_rings(desk, kind):
    desk.asks(kind, to=r.Target("agent", PER))
    b = desk.b
    desk.kari.hangs_up()
    assert b in desk.hung_up() and desk.per.status == "ready" and desk.company.of(v.CallEnded)
    desk.leg(t.LegAnswered, b)
    assert desk.per.status == "ready" and desk.card(PER) is None


def test_the_target_answers_as_the_agent_gives_up(desk):
    desk.consults(answered=False)
    b = desk.b
    desk.asks(r.TakeBack)
    desk.leg(t.LegAnswered, b)
    assert b in desk.hung_up() and desk.mix == both(desk.customer, desk.a) and desk.per.status == "ready"
    desk.over(b)
    assert desk.mix == both(desk.customer, desk.a)


def test_both_complete_at_once(desk):
    """The agent clicks twice; and whom he asked hangs up in that moment."""
    desk.consults()
    b = desk.b
    assert (desk.asks(r.CompleteTransfer), desk.asks(r.CompleteTransfer), desk.asks(r.TakeBack)) == ("", "no_call", "no_call")
    desk.over(b)
    assert len(desk.company.of(v.TransferEnded)) == 1 and desk.per.status == "wrap_up" and desk.company.of(v.CallEnded)


def test_the_agents_page_dies_in_the_consult_and_comes_back(desk):
    """SP-07"""
    desk.consults()
    b = desk.b
    desk.leg(t.MediaLost, desk.a, seconds=1.0)
    assert (
        desk.mix == set() and desk.music == {desk.customer: "/audio/music.wav", b: "/audio/music.wav"} and desk.card(ANNA).state == "lost"
    )
    desk.leg(t.MediaBack, desk.a)
    assert desk.mix == both(desk.a, b) and desk.music == {desk.customer: "/audio/music.wav"} and desk.card(ANNA).state == "consulting"


def test_or_does_not_come_back_and_whom_he_asked_has_the_customer(desk):
    desk.consults()
    b = desk.b
    desk.leg(t.MediaLost, desk.a, seconds=1.0)
    desk.company.passes(31)
    assert desk.mix == both(desk.customer, b) and desk.kari.call.talk.agent == PER and desk.anna.status == "wrap_up"


def test_it_dies_while_it_rings_there_and_he_is_answered(desk):
    desk.consults(answered=False)
    b = desk.b
    desk.leg(t.MediaLost, desk.a, seconds=1.0)
    desk.leg(t.LegAnswered, b)
    assert desk.mix == set() and desk.per.status == "connected"
    desk.leg(t.MediaBack, desk.a)
    assert desk.mix == both(desk.a, b)


def test_in_three_the_other_two_go_on_while_a_page_is_away(desk):
    desk.consults()
    b = desk.b
    desk.asks(r.JoinAll)
    desk.leg(t.MediaLost, desk.a, seconds=1.0)
    assert both(desk.customer, b) <= desk.mix and desk.music == {}
    desk.company.passes(31)
    assert desk.mix == both(desk.customer, b) and desk.kari.call.talk.agent == PER


def test_the_page_of_whom_he_asked_dies(desk):
    desk.consults()
    desk.per.asks(r.SoftphoneDown, connection="page2")
    assert desk.card(PER).state == "lost" and desk.mix == both(desk.a, desk.b)
    desk.per.opens_page()
    assert desk.per.asks(r.MediaAttached, connection="page2", leg=desk.b) == "" and desk.card(PER).state == "consulting"
    desk.per.asks(r.SoftphoneDown, connection="page2")
    desk.company.passes(31)
    assert desk.ended(v.ConsultEnded) == ["media_lost"] and desk.mix == both(desk.customer, desk.a) and desk.per.status == "ready"


def test_a_second_page_of_whom_he_asked_loses_nothing_of_the_agents(desk):
    desk.consults()
    desk.per.asks(r.SoftphoneUp, connection="newer", gateway="gw", ready=True)
    assert desk.card(ANNA).state == "consulting" and desk.card(PER).state == "lost"


def test_left_to_one_whose_sound_is_away_just_then(desk):
    desk.consults()
    b = desk.b
    desk.per.asks(r.SoftphoneDown, connection="page2")
    desk.asks(r.CompleteTransfer)
    assert desk.kari.call.session.state == "lost" and desk.music == {desk.customer: "/audio/music.wav"}
    desk.per.opens_page()
    desk.per.asks(r.MediaAttached, connection="page2", leg=b)
    assert desk.mix == both(desk.customer, b)


def test_a_cell_that_dies_frees_both(desk):
    desk.consults()
    desk.company.tell(t.CellLost(cell=desk.kari.call.session.cell, call=desk.kari.id, at=desk.company.now))
    assert desk.per.status == "ready" and desk.anna.status == "wrap_up" and desk.ended(v.ConsultEnded) == ["caller_gone"]


def restarted(desk: Desk) -> None:
    world = desk.company.core.world
    after = Company(world.configuration)
    after.now, after.facts, after.board = world.now, desk.company.facts, desk.company.board
    restoring.restore(after.core.world, world.now, list(world.calls.values()), list(world.agents.values()), world.graphs)
    after.take(after.core.pass_time(after.now))
    for person in (desk.anna, desk.per, desk.kari):
        person.company = after
    desk.company = after


@pytest.mark.parametrize("kind", [r.Consult, r.Transfer])
def test_a_switch_that_starts_anew_goes_on_ringing_and_gives_up_in_time(desk, kind):
    desk.asks(kind, to=r.Target("agent", PER))
    b = desk.b
    restarted(desk)
    desk.company.passes(25)
    assert b in desk.hung_up() and desk.per.status == "no_answer"


def test_a_switch_that_starts_anew_in_the_consult(desk):
    desk.consults()
    b = desk.b
    restarted(desk)
    assert desk.mix == both(desk.a, b)
    desk.asks(r.CompleteTransfer)
    assert desk.mix == both(desk.customer, b) and desk.per.status == "connected"


# -- calls that an agent made


@pytest.fixture
def calling(desk) -> Desk:
    desk.kari.hangs_up()
    desk.anna.asks(r.BecomeReady)
    desk.anna.asks(r.CallOut, call="out1", cell="cell-out1", number="+4790000007")
    desk.kari.id = "out1"
    desk.leg(t.LegAnswered, "out1-l2")
    desk.leg(t.LegAnswered, "out1-l1")
    desk.a = "out1-l2"
    return desk


def test_whom_he_called_can_be_passed_on(calling):
    calling.consults()
    b = calling.b
    calling.asks(r.CompleteTransfer)
    assert calling.mix == both("out1-l1", b) and calling.anna.status == "ready"
    calling.anna.asks(r.CallOut, call="out2", cell="cell-out2", number="+4790000008")
    calling.over(b)
    assert calling.company.of(v.CallEnded, "out1") and calling.anna.call.id == "out2"


def test_one_who_came_from_no_queue_waits_until_the_agent_is_free(calling):
    """TR-04"""
    calling.asks(r.Transfer, to=r.Target("agent", PER))
    calling.asks(r.Pause, reason="Lunch")
    calling.over(calling.b, 486)
    assert calling.kari.call.transfer.leg == "" and calling.music
    calling.asks(r.BecomeReady)
    calling.company.passes(3)
    assert calling.anna.status == "offered" and calling.card(ANNA).returned


def test_and_not_for_ever(calling):
    calling.asks(r.Transfer, to=r.Target("agent", PER))
    calling.asks(r.LogOff)
    calling.over(calling.b, 486)
    calling.company.passes(700)
    assert calling.company.of(v.CallEnded, "out1")


def test_a_queue_can_be_asked_by_one_who_called_out(calling):
    calling.asks(r.Consult, to=r.Target("queue", SALES))
    calling.leg(t.LegAnswered, calling.kari.call.offer.leg)
    assert calling.mix == both(calling.a, calling.b) and calling.per.status == "connected"


def test_who_is_no_party_asks_for_nothing(desk):
    for kind in (r.JoinAll, r.TakeBack, r.CompleteTransfer):
        assert AgentPerson(desk.company, OLE).asks(kind) == "no_call"
    desk.consults()
    for kind in (r.JoinAll, r.TakeBack, r.CompleteTransfer):
        assert desk.per.asks(kind) == "no_call"


def test_an_agents_telephone_that_fell_silent_before_he_left_does_not_end_the_call():
    """Its minute is over when the customer talks to somebody else."""
    desk = Desk(phone="+4740000001")
    desk.consults()
    b = desk.b
    desk.leg(t.MediaLost, desk.a, seconds=1.0)
    desk.asks(r.CompleteTransfer)
    desk.company.passes(61)
    assert desk.mix == both(desk.customer, b) and desk.per.status == "connected"
