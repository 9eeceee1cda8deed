"""An external phone that must confirm with a key: no mailbox takes a call. SP-02, QU-06, OB-01."""

import msgspec
import pytest
from msgspec.structs import replace

from apps.accounts.presence import AgentRules
from apps.events import vocabulary as v
from apps.switch import board, restoring
from apps.switch import requests as r
from apps.switch.configuration import Agent
from apps.switch.core import Core
from apps.telephony import protocol as t
from tests.switch.company import ALL_ROUND, MUSIC, AgentPerson, Company, configuration

PHONE = "+4740000001"
TAKE, GO_ON, PAUSE = "/audio/take.wav", "/audio/go-on.wav", "/audio/pause.wav"


def company(rules: AgentRules | None = None, *, confirms: bool = True, sounds: bool = True) -> Company:
    settings = configuration()
    agent = Agent(1, "Anna", rules or AgentRules(), (ALL_ROUND,), calls_out=5, language="en", confirms=confirms)
    prompts = {3: {"nb": "/audio/ta.wav", "en": TAKE}, 4: {"en": GO_ON}, 5: {"en": PAUSE}}
    keys = {"take_call": 3, "go_on_calling": 4, "pause": 5}
    settings = replace(settings, agents=settings.agents | {1: agent}, prompts=settings.prompts | prompts)
    return Company(replace(settings, system_sounds=keys if sounds else {}))


def asked(office: Company | None = None) -> tuple[Company, AgentPerson, str]:
    """Kari waits, and Anna's telephone has answered. The last is its leg."""
    office = office or company()
    anna = office.agent()
    anna.logs_on(phone=PHONE)
    kari = office.caller().chooses("1")
    office.passes(5)
    leg = kari.call.offer.leg
    anna.answers()
    return office, anna, leg


def presses(anna: AgentPerson, leg: str, digit: str) -> None:
    anna.phone(t.DigitPressed, leg, digit=digit)


def card(office: Company) -> board.CallCard | None:
    return msgspec.json.decode(office.board[board.agent_topic(1)], type=board.AgentDocument).card


def test_who_answers_hears_a_question_and_the_caller_his_music_and_nobody_the_other():
    office, anna, leg = asked()
    question = office.told(t.Play)[-1]
    assert (question.leg, question.files, question.loop) == (leg, (TAKE, PAUSE), True)
    call = anna.call
    assert call.place and call.session.music == (MUSIC,) and not office.told(t.Mix) and not office.told(t.StopPlay)[1:]
    assert anna.status == "offered" and not office.of(v.ConversationStarted) and not office.of(v.QueueLeft)
    assert [(fact.agent, fact.leg) for fact in office.of(v.ConfirmationAsked)] == [(1, leg)]
    assert card(office).state == "ringing" and card(office).confirming


def test_key_1_takes_the_call_and_ends_the_question():
    office, anna, leg = asked()
    question = office.told(t.Play)[-1].playback
    presses(anna, leg, "1")
    assert anna.status == "connected" and office.of(v.OfferEnded)[0].result == "answered"
    assert (leg, question) in [(stop.leg, stop.playback) for stop in office.told(t.StopPlay)]
    assert set(office.told(t.Mix)[-1].edges) == {("call1-caller", leg), (leg, "call1-caller")}
    assert not card(office).confirming
    presses(anna, leg, "2")
    assert anna.status == "connected"


def test_key_2_refuses_and_the_caller_keeps_his_place():
    office, anna, leg = asked()
    presses(anna, leg, "2")
    ended = office.of(v.OfferEnded)[0]
    assert (ended.result, ended.counted, anna.status) == ("rejected", True, "busy")
    assert office.told(t.HangUp)[-1].leg == leg
    assert office.core.world.calls["call1"].place.entered_at == 1_000


def test_hanging_up_without_a_key_refuses_too():
    office, anna, leg = asked()
    anna.phone(t.LegEnded, leg, code=200, by_us=False)
    assert office.of(v.OfferEnded)[0].result == "rejected" and anna.status == "busy"


@pytest.mark.parametrize("key", ["0", "5", "#", "*"])
def test_any_other_key_is_nothing(key):
    office, anna, leg = asked()
    presses(anna, leg, key)
    assert anna.status == "offered" and not office.of(v.OfferEnded)


def test_the_callers_own_key_takes_nothing():
    office, anna, _ = asked()
    presses(anna, "call1-caller", "1")
    assert anna.status == "offered"


def test_a_mailbox_does_not_answer_and_the_ringing_time_out_is_no_answer():
    """AS-03, AL-02"""
    office, anna, leg = asked(company(AgentRules(log_off_after_unanswered=2)))
    office.passes(14.9)
    assert anna.status == "offered"
    office.passes(0.1)
    ended = office.of(v.OfferEnded)[0]
    assert (ended.result, ended.counted, ended.seconds, anna.status) == ("no_answer", True, 20, "no_answer")
    assert office.told(t.HangUp)[-1].leg == leg
    office.passes(10)
    anna.answers()
    office.passes(20)
    assert anna.status == "logged_off" and office.of(v.PresenceChanged)[-1].reason == "no_answer_limit"


def test_who_answers_at_the_last_moment_has_time_for_the_key():
    office = company()
    anna = office.agent()
    anna.logs_on(phone=PHONE)
    kari = office.caller().chooses("1")
    office.passes(19)
    anna.answers()
    office.passes(9)
    assert anna.status == "offered"
    presses(anna, kari.call.offer.leg, "1")
    assert anna.status == "connected"


def test_the_caller_hangs_up_while_the_agent_is_asked():
    office, anna, leg = asked()
    office.tell(t.LegEnded(cell="cell-call1", call="call1", at=office.now, leg="call1-caller", code=200, by_us=False))
    assert anna.status == "ready" and leg in [hang_up.leg for hang_up in office.told(t.HangUp)]
    assert office.of(v.OfferEnded)[0].result == "caller_gone"


def test_without_the_rule_and_with_a_softphone_nobody_is_asked():
    office = company(confirms=False)
    anna = office.agent()
    anna.logs_on(phone=PHONE)
    office.caller().chooses("1")
    anna.answers()
    assert anna.status == "connected" and not office.of(v.ConfirmationAsked)
    office = company()
    anna = office.agent()
    anna.logs_on()
    office.caller().chooses("1")
    anna.answers()
    assert anna.status == "connected"


def test_without_a_sound_the_key_is_wanted_all_the_same():
    office, anna, leg = asked(company(sounds=False))
    assert anna.status == "offered" and card(office).confirming
    presses(anna, leg, "1")
    assert anna.status == "connected"


def test_a_switch_that_starts_anew_still_waits_for_the_key():
    """PF-06"""
    office, anna, leg = asked()
    old = office.core.world
    office.core = Core(office.core.world.configuration)
    restoring.restore(office.core.world, office.now, old.calls.values(), old.agents.values(), old.graphs)
    office.take(office.core.world.take_outcome())
    presses(anna, leg, "1")
    assert anna.status == "connected"


@pytest.mark.parametrize(
    ("code", "result", "counted", "presence"),
    [
        (486, "busy", False, ("busy", "phone_busy")),
        (603, "rejected", True, ("busy", "rejected")),
        (480, "no_answer", True, ("no_answer", "")),
        (408, "no_answer", True, ("no_answer", "")),
        (503, "error", False, ("busy", "error")),
        (404, "error", False, ("busy", "error")),
    ],
)
def test_why_an_external_phone_does_not_answer_is_told_apart(code, result, counted, presence):
    """AS-03, QU-06: busy and error do not count as offered."""
    office = company()
    anna = office.agent()
    anna.logs_on(phone=PHONE)
    kari = office.caller().chooses("1")
    anna.phone(t.LegEnded, kari.call.offer.leg, code=code, by_us=False)
    ended, changed = office.of(v.OfferEnded)[0], office.of(v.PresenceChanged)[-1]
    assert (ended.result, ended.counted) == (result, counted)
    assert (changed.status, changed.reason) == presence
    assert (office.core.world.agent(1).presence.last_offer > 0) == counted
    assert kari.call.place


def test_a_phone_that_is_busy_is_not_dialled_again_and_again():
    """AS-03: even where the team wants no seconds of busy."""
    office = company(AgentRules(busy_seconds=0))
    anna = office.agent()
    anna.logs_on(phone=PHONE)
    kari = office.caller().chooses("1")
    anna.phone(t.LegEnded, kari.call.offer.leg, code=486, by_us=False)
    assert anna.status == "busy"
    office.passes(5)
    assert anna.status == "offered"


def test_nobody_logs_on_with_a_phone_that_may_not_be_called():
    """OB-02"""
    office = company()
    assert office.agent().logs_on(phone="+4782912345") == "number_denied"
    assert office.agent().logs_on(phone=PHONE) == ""


# -- before a call out


def calls_out() -> tuple[Company, AgentPerson]:
    office = company()
    anna = office.agent()
    anna.logs_on(phone=PHONE)
    assert anna.asks(r.CallOut, call="out1", cell="cell-out1", number="+4790000009") == ""
    anna.phone(t.LegAnswered, "out1-l2")
    return office, anna


def test_before_a_call_out_the_own_phone_confirms_too():
    """OB-01: whom she calls is not dialled before that."""
    office, anna = calls_out()
    question = office.told(t.Play)[-1]
    assert (question.leg, question.files) == ("out1-l2", (GO_ON, PAUSE)) and len(office.told(t.Dial)) == 1
    assert card(office).state == "phone" and card(office).confirming
    presses(anna, "out1-l2", "1")
    assert office.told(t.Dial)[-1].leg == "out1-l1" and card(office).state == "dialling" and not card(office).confirming
    office.passes(20)
    anna.phone(t.LegAnswered, "out1-l1")
    assert card(office).state == "talking"


def test_no_key_before_a_call_out_is_her_own_phone_that_does_not_answer():
    office, anna = calls_out()
    office.passes(10)
    assert office.of(v.CallEnded)[0].cause == "phone_no_answer" and anna.status == "ready" and len(office.told(t.Dial)) == 1
    assert "out1-l2" in {hang_up.leg for hang_up in office.told(t.HangUp)}


@pytest.mark.parametrize("how", ["key", "hang_up"])
def test_she_refuses_on_her_own_phone(how):
    office, anna = calls_out()
    if how == "key":
        presses(anna, "out1-l2", "2")
    else:
        anna.phone(t.LegEnded, "out1-l2", code=200, by_us=False)
    assert office.of(v.CallEnded)[0].cause == "cancelled" and anna.status == "ready" and len(office.told(t.Dial)) == 1
