"""A call from its arrival to its end, in virtual time: what the cells are told and what becomes a fact."""

import msgspec
import pytest
from msgspec.structs import replace

from apps.events import vocabulary as v
from apps.switch import presences
from apps.switch import requests as r
from apps.switch.core import Configured
from apps.switch.session import CallerUp, WrongState, handle
from apps.telephony import protocol as t
from tests.switch.company import MENU, MUSIC, SALES, SUPPORT, WELCOME, Company, configuration, flow


def kinds(facts: list) -> list[str]:
    return [type(fact).__name__ for fact in facts]


def test_a_caller_hears_the_welcome_and_the_menu_and_is_answered():
    """IV-02, IV-03, QU-14, RC-02: the whole main path, as facts in their order."""
    company = Company()
    anna = company.agent()
    anna.logs_on()
    kari = company.caller()
    assert [play.files for play in company.told(t.Play)] == [(WELCOME,)]
    company.passes(3)
    kari.hears_all()
    assert company.told(t.Play)[-1].files == (MENU,)
    kari.presses("1")
    assert anna.status == "offered"
    company.passes(2)
    anna.answers()
    assert anna.status == "connected" and company.of(v.QueueLeft)[0].waited == 2
    assert set(company.told(t.Mix)[-1].edges) == {
        (kari.call.session.caller, kari.call.session.partner),
        (kari.call.session.partner, kari.call.session.caller),
    }
    record = company.told(t.Record)[-1]
    assert (record.left, record.right) == ((kari.call.session.caller,), (kari.call.session.partner,))
    company.passes(60)
    kari.hangs_up()
    assert anna.status == "wrap_up"
    assert kinds([fact for fact in company.facts if fact.call == kari.id]) == [
        "CallArrived", "LegStarted", "LegConnected", "StepEntered", "StepLeft", "StepEntered", "StepLeft", "StepEntered", "QueueEntered",
        "OfferMade", "LegStarted", "LegConnected", "OfferEnded", "QueueLeft", "ConversationStarted", "RecordingBegan",
        "LegFinished", "ConversationEnded", "StepLeft", "CallEnded",
    ]  # fmt: skip
    assert company.of(v.StepLeft)[-1].result == "answered"
    ended = company.of(v.ConversationEnded)[0]
    assert (ended.by, ended.seconds) == ("caller", 60)
    company.passes(30)
    assert anna.status == "ready"


def test_the_cell_retires_when_the_last_leg_is_over():
    company = Company()
    anna = company.agent()
    anna.logs_on()
    kari = company.caller().chooses("1")
    anna.answers()
    partner = kari.call.session.partner
    kari.hangs_up()
    assert [hang_up.leg for hang_up in company.told(t.HangUp)] == [partner]
    assert company.told(t.StopRecord) and not company.told(t.Retire)
    kari.event(t.LegEnded, leg=partner, code=200, by_us=True)
    assert company.told(t.Retire) and kari.id not in company.core.world.calls


def test_an_unknown_number_is_refused():
    """AN-02"""
    company = Company()
    company.caller(dialled="99999999")
    assert [hang_up.code for hang_up in company.told(t.HangUp)] == [404]
    assert company.of(v.CallEnded)[0].cause == "refused"


def test_a_caller_waits_with_music_until_an_agent_is_ready():
    """QU-04, QU-15: the offer follows the agent's log-on, nothing is polled."""
    company = Company()
    company.caller().chooses("1")
    assert company.told(t.Play)[-1].files == (MUSIC,) and company.told(t.Play)[-1].loop
    company.passes(42)
    company.agent().logs_on()
    offer = company.of(v.OfferMade)[0]
    assert (offer.waited, offer.trigger, offer.queue) == (42, "agent_free", SUPPORT)
    assert company.told(t.Dial)[-1].uri == "sip:agent-1@127.0.0.1:9"


def test_an_unanswered_offer_goes_to_the_next_agent_and_the_caller_keeps_his_place():
    """QU-06, AS-03"""
    company = Company()
    anna, per = company.agent(1), company.agent(2)
    anna.logs_on()
    kari = company.caller().chooses("1")
    per.logs_on()
    company.passes(20)
    assert (anna.status, per.status) == ("no_answer", "offered")
    ended = company.of(v.OfferEnded)[0]
    assert (ended.result, ended.counted, ended.seconds) == ("no_answer", True, 20)
    assert kari.call.place and kari.call.place.entered_at == 1_000
    company.passes(10)
    assert anna.status == "ready"


def test_a_rejected_offer_gives_busy_for_ten_seconds():
    """AS-03"""
    company = Company()
    anna = company.agent()
    anna.logs_on()
    kari = company.caller().chooses("1")
    offer = kari.call.offer
    assert anna.asks(r.RejectOffer, leg=offer.leg) == ""
    assert anna.status == "busy"
    assert company.told(t.HangUp)[-1].leg == offer.leg
    assert anna.asks(r.RejectOffer, leg=offer.leg) == "gone"
    company.passes(10)
    assert anna.status == "offered" and kari.call.offer.leg != offer.leg


def test_an_offer_is_rejected_by_nobody_but_the_agent_who_has_it():
    """An agent who learns the leg of a colleague's call cannot take it away from him."""
    company = Company()
    anna, per = company.agent(1), company.agent(2)
    anna.logs_on()
    offer = company.caller().chooses("1").call.offer
    per.logs_on()
    assert per.asks(r.RejectOffer, leg=offer.leg) == "gone"
    assert (anna.status, per.status) == ("offered", "ready")


@pytest.mark.parametrize(
    ("kind", "fields"), [(r.HangUpCall, {}), (r.Hold, {"on": True}), (r.Mute, {"on": True}), (r.PressKeys, {"digits": "1"})]
)
def test_a_conversation_obeys_nobody_but_its_agent(kind: type, fields: dict):
    company = Company()
    anna, per = company.agent(1), company.agent(2)
    anna.logs_on()
    company.caller().chooses("1")
    anna.answers()
    per.logs_on()
    before = len(company.commands)
    assert per.asks(kind, **fields) == "no_call"
    assert anna.status == "connected" and company.commands[before:] == []


def test_a_phone_without_an_open_page_is_an_error_and_after_five_he_is_logged_off():
    """SP-02, AL-03, QU-06: an error does not count as offered."""
    company = Company()
    anna = company.agent()
    anna.logs_on()
    anna.asks(r.SoftphoneDown, connection="page1")
    company.passes(presences.PHONE_AWAY)
    kari = company.caller().chooses("1")
    assert anna.status == "busy"
    company.passes(41)
    assert anna.status == "logged_off"
    assert [(ended.result, ended.counted) for ended in company.of(v.OfferEnded)] == [("error", False)] * 5
    assert company.of(v.PresenceChanged)[-1].reason == "error_limit"
    assert kari.call.place


def test_the_caller_hangs_up_while_it_rings():
    """SP-08: the agent's leg is taken back in the same step, and he is ready without a penalty."""
    company = Company()
    anna = company.agent()
    anna.logs_on()
    kari = company.caller().chooses("1")
    leg = kari.call.offer.leg
    kari.hangs_up()
    assert anna.status == "ready"
    assert [hang_up.leg for hang_up in company.told(t.HangUp)] == [leg]
    assert company.of(v.QueueLeft)[0].exit == "hung_up"
    assert company.of(v.OfferEnded)[0].result == "caller_gone"


def test_two_callers_are_never_offered_to_one_agent():
    """QU-07"""
    company = Company()
    anna = company.agent()
    anna.logs_on()
    company.caller().chooses("1")
    company.caller("+4790000002").chooses("2")
    assert len(company.of(v.OfferMade)) == 1
    anna.answers()
    company.caller("+4790000003").chooses("1")
    assert len(company.of(v.OfferMade)) == 1


def test_hold_gives_music_and_cuts_both_directions():
    """SP-05, TR-05"""
    company = Company()
    anna = company.agent()
    anna.logs_on()
    kari = company.caller().chooses("1")
    anna.answers()
    since = len(company.commands)
    assert anna.asks(r.Hold, on=True) == ""
    assert [type(command) for _, command in company.commands[since:]] == [t.Play, t.Mix, t.Record]
    assert company.told(t.Mix)[-1].edges == () and company.told(t.Play)[-1].files == (MUSIC,)
    assert (company.told(t.Record)[-1].left, company.told(t.Record)[-1].right) == ((), ())
    company.passes(12)
    since = len(company.commands)
    assert anna.asks(r.Hold, on=False) == ""
    assert [type(command) for _, command in company.commands[since:]] == [t.Mix, t.StopPlay, t.Record], "no silence in between"
    assert len(company.told(t.Mix)[-1].edges) == 2 and company.told(t.StopPlay)[-1].playback == company.told(t.Play)[-1].playback
    company.passes(3)
    kari.hangs_up()
    ended = company.of(v.ConversationEnded)[0]
    assert (ended.held, ended.holds, ended.seconds) == (12, 1, 15)


def test_a_muted_agent_is_silent_and_not_recorded():
    """SP-05"""
    company = Company()
    anna = company.agent()
    anna.logs_on()
    kari = company.caller().chooses("1")
    anna.answers()
    anna.asks(r.Mute, on=True)
    assert company.told(t.Mix)[-1].edges == ((kari.call.session.caller, kari.call.session.partner),)
    assert company.told(t.Record)[-1].right == ()
    anna.asks(r.Mute, on=False)
    assert len(company.told(t.Mix)[-1].edges) == 2


def test_the_agent_hangs_up_and_the_caller_is_let_go():
    """RC-02: the recording ends with the agent."""
    company = Company()
    anna = company.agent()
    anna.logs_on()
    kari = company.caller().chooses("1")
    anna.answers()
    assert anna.asks(r.HangUpCall) == ""
    assert anna.status == "wrap_up"
    assert {hang_up.leg for hang_up in company.told(t.HangUp)} == {kari.call.open_legs[0], kari.call.open_legs[1]}
    assert company.told(t.StopRecord)
    assert company.of(v.ConversationEnded)[0].by == "agent"
    assert anna.asks(r.HangUpCall) == "no_call"


def test_after_the_agent_the_flow_goes_on_where_its_exit_is_wired():
    """QU-08: exit answered."""
    company = Company(configuration(flow(answered=5)))
    anna = company.agent()
    anna.logs_on()
    kari = company.caller().chooses("1")
    anna.answers()
    anna.asks(r.HangUpCall)
    assert company.told(t.Play)[-1].files == (WELCOME,) and kari.call.session.state == "alone"


def test_a_queue_that_is_full_sends_the_caller_on():
    """QU-08: exit full."""
    company = Company(configuration(flow(full=5), maximum_callers=1))
    first, second = company.caller().chooses("1"), company.caller("+4790000002").chooses("1")
    assert first.call.place and second.call.place is None
    assert company.of(v.QueueLeft, second.id)[0].exit == "full"
    assert company.told(t.Play, second.id)[-1].files == (WELCOME,)


def test_the_longest_wait_ends_by_its_exit():
    """QU-08: exit maximum wait."""
    company = Company(configuration(flow(maximum_wait=5), maximum_wait=60.0))
    kari = company.caller().chooses("1")
    company.passes(60)
    assert company.of(v.QueueLeft)[0].exit == "maximum_wait" and company.of(v.QueueLeft)[0].waited == 60
    assert kari.call.place is None and company.told(t.Play)[-1].files == (WELCOME,)


def test_the_last_agent_logs_off_and_the_callers_are_sent_on():
    """QU-08: exit no agents."""
    company = Company(configuration(flow(no_agents=5)))
    anna = company.agent()
    anna.logs_on(pause="Lunch")
    kari = company.caller().chooses("1")
    assert kari.call.place
    anna.asks(r.LogOff)
    assert company.of(v.QueueLeft)[0].exit == "no_agents" and kari.call.place is None


def test_an_external_phone_is_refused_while_no_trunk_leads_out():
    company = Company(replace(configuration(), outbound=None))
    assert company.agent().asks(r.LogOn, profile=1, phone="+4741000000") == "no_trunk"


def test_a_lost_cell_ends_its_call_alone():
    """PF-08"""
    company = Company()
    anna, per = company.agent(1), company.agent(2)
    anna.logs_on()
    kari = company.caller().chooses("1")
    anna.answers()
    per.logs_on()
    ola = company.caller("+4790000002").chooses("1")
    per.answers()
    company.tell(t.CellLost(cell=kari.call.session.cell, call=kari.id, at=company.now))
    assert company.of(v.CallEnded)[0].cause == "cell_lost" and company.of(v.ConversationEnded)[0].by == "system"
    assert (anna.status, per.status) == ("wrap_up", "connected")
    assert kari.id not in company.core.world.calls and ola.call.session.state == "talking"


def test_an_external_phone_is_dialled_through_the_trunk():
    """SP-02"""
    company = Company()
    anna = company.agent()
    assert anna.asks(r.LogOn, profile=1, phone="+4741000000") == ""
    company.caller().chooses("2")
    dial = company.told(t.Dial)[-1]
    assert (dial.uri, dial.caller) == ("sip:+4741000000@operator.example;transport=udp", "+4722000000")
    anna.phone(t.LegEnded, dial.leg, code=486, by_us=False)
    assert company.of(v.OfferEnded)[0].result == "busy" and not company.of(v.OfferEnded)[0].counted


def test_a_request_that_cannot_be_done_now_is_refused_in_a_word():
    company = Company()
    anna = company.agent()
    assert anna.asks(r.BecomeReady) == "not_now"
    assert anna.asks(r.Hold, on=True) == "no_call"
    anna.logs_on()
    assert anna.asks(r.Pause, reason="Nonsense") == "unknown_reason"
    assert anna.asks(r.Pause, reason="Lunch") == "" and anna.status == "pause"


def test_a_queue_that_is_deactivated_still_serves_those_who_stand_in_it():
    """QU-17: configuration changes move nobody."""
    company = Company()
    kari = company.caller().chooses("1")
    settings = configuration()
    fewer = replace(settings.acd, queues={SALES: settings.acd.queues[SALES]})
    company.tell(Configured(replace(settings, acd=fewer)))
    anna = company.agent()
    anna.logs_on()
    assert kari.call.place and anna.status == "offered"
    anna.answers()
    assert anna.status == "connected"


def test_the_session_refuses_what_its_table_does_not_know():
    company = Company()
    kari = company.caller()
    with pytest.raises(WrongState):
        handle(kari.call.session, CallerUp())


def test_replaying_the_same_messages_gives_the_same_outcome():
    """Pure machines: no clock, no randomness."""

    def play() -> list:
        company = Company()
        for agent in (1, 2):
            company.agent(agent).logs_on()
        for person in range(4):
            company.caller(f"+479000000{person}").chooses("12"[person % 2])
        company.agent(1).answers()
        company.passes(25)
        return [*company.facts, *company.commands, company.board]

    assert play() == play()


def test_the_board_tells_what_the_agent_must_see():
    """SP-04: number, name, access number, queue, waiting time, choices."""

    from apps.switch.board import AgentDocument

    company = Company()
    kari = company.caller("90000001").chooses("1")
    company.passes(7)
    company.agent().logs_on()
    document = msgspec.json.decode(company.board["agent:1"], type=AgentDocument)
    card = document.card
    assert (card.state, card.caller, card.dialled, card.number_name, card.queue_name, card.waited) == (
        "ringing", "+4790000001", "+4780012345", "Main number", "Support", 7,
    )  # fmt: skip
    assert [(step.name, step.choice) for step in card.path][:2] == [("Welcome", ""), ("Main menu", "Support")]
    queue = msgspec.json.decode(company.board[f"queue:{SUPPORT}"])
    assert (queue["waiting"], queue["logged_on"], queue["oldest"]) == (1, 1, 1000)
    kari.hangs_up()
    assert msgspec.json.decode(company.board["agent:1"])["card"] is None
    assert msgspec.json.decode(company.board[f"queue:{SUPPORT}"])["waiting"] == 0
    assert msgspec.json.decode(company.board[f"queue:{SALES}"])["logged_on"] == 1
