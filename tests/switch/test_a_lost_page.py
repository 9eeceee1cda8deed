"""Pages that are loaded anew, lose their network, or give way to another one; telephones that vanish. (SP-07)"""

from apps.events import vocabulary as v
from apps.switch import requests as r
from apps.switch.state import Softphone
from apps.telephony import protocol as t
from tests.switch.company import MUSIC, Company, talks


def test_a_page_that_is_gone_leaves_the_customer_with_music_for_thirty_seconds():
    """SP-07"""
    company, anna, kari = talks()
    anna.asks(r.SoftphoneDown, connection="page1")
    assert kari.call.session.state == "lost" and company.told(t.Play)[-1].files == (MUSIC,)
    company.passes(10)
    anna.opens_page()
    assert kari.call.session.state == "lost", "the page has no audio yet"
    anna.comes_back()
    assert kari.call.session.state == "talking"
    anna.asks(r.SoftphoneDown, connection="page1")
    company.passes(30)
    assert company.of(v.ConversationEnded)[0].by == "system" and anna.status == "wrap_up"
    assert company.of(v.PresenceChanged)[-1].reason == "media_lost", "he is told why"


def test_a_hold_outlives_the_page():
    """SP-07: whoever was on hold does not suddenly hear the agent, and the music goes on."""
    company, anna, kari = talks()
    anna.asks(r.Hold, on=True)
    playing = len(company.told(t.Play))
    anna.asks(r.SoftphoneDown, connection="page1")
    company.passes(10)
    anna.comes_back()
    assert (kari.call.session.state, company.of(v.HoldEnded), len(company.told(t.Play))) == ("held", [], playing)
    anna.asks(r.Hold, on=False)
    assert company.of(v.HoldEnded)[0].seconds == 10 and kari.call.session.state == "talking"


def test_a_second_page_takes_over_and_the_customer_hears_music_until_it_has_the_audio():
    """SP-07"""
    company, anna, kari = talks()
    leg = anna.call.talk.leg
    anna.asks(r.SoftphoneUp, connection="second", gateway="gw", ready=False)
    assert kari.call.session.state == "lost"
    assert anna.asks(r.MediaAttached, connection="page1", leg=leg) == "gone"
    assert anna.asks(r.MediaAttached, connection="second", leg=leg) == ""
    assert kari.call.session.state == "talking"
    assert len(company.of(v.AgentMediaLost)) == len(company.of(v.AgentMediaBack)) == 1


def test_a_page_that_tells_of_its_media_takes_the_phone_from_nobody():
    """SP-07: its proof was under way when a newer page took the phone."""
    company, anna, kari = talks()
    leg = anna.call.talk.leg
    anna.asks(r.SoftphoneUp, connection="second", gateway="gw", ready=False)
    assert anna.asks(r.MediaAttached, connection="second", leg=leg) == ""
    assert anna.asks(r.SoftphoneUp, connection="page1", gateway="gw", ready=True, claims=False) == "gone"
    assert kari.call.session.state == "talking", "the second page's audio goes on"
    assert anna.asks(r.SoftphoneUp, connection="second", gateway="gw", ready=True, claims=False) == ""
    assert company.core.world.agent(anna.id).softphone == Softphone("second", "gw", True)


def test_a_connection_that_breaks_while_the_audio_goes_on_changes_nothing_for_the_customer():
    """SP-07, PF-08: the web process is killed, or a proxy on the way."""
    company, anna, kari = talks()
    anna.asks(r.SoftphoneDown, connection="page1", left=False)
    company.passes(3)
    anna.asks(r.SoftphoneUp, connection="anew", gateway="gw", ready=False, leg=anna.call.talk.leg)
    assert kari.call.session.state == "talking" and company.of(v.AgentMediaLost) == []


def test_a_telephone_that_vanishes_without_a_bye_is_given_up_after_a_minute():
    company, anna, kari = talks()
    kari.event(t.MediaLost, leg=kari.call.session.caller, seconds=3.0)
    company.passes(59)
    kari.event(t.MediaBack, leg=kari.call.session.caller)
    company.passes(30)
    assert anna.status == "connected"
    kari.event(t.MediaLost, leg=kari.call.session.caller, seconds=3.0)
    company.passes(60)
    assert company.of(v.CallEnded)[0].cause == "media_lost" and anna.status == "wrap_up"
    assert {hang_up.leg for hang_up in company.told(t.HangUp)} >= {kari.call.session.caller}


def test_the_down_of_an_old_page_after_the_up_of_a_new_one_changes_nothing():
    """SP-07: second tab."""
    company = Company()
    anna = company.agent()
    anna.logs_on()
    anna.asks(r.SoftphoneUp, connection="second", gateway="gw", ready=True)
    assert anna.asks(r.SoftphoneDown, connection="page1") == "gone"
    company.caller().chooses("1")
    assert anna.status == "offered"
