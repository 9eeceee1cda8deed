"""Ringing stops when the caller hangs up, and nobody's call is answered by two (SP-08)."""

import json
import os
import re
import signal
import time

import pytest

from tests import tones
from tests.browser.chromium import Chromium
from tests.main_path.desk_person import AtDesk
from tests.page_lost.talk import CALLER_HZ, Talk, wrap_up_ends
from tests.product import Product, until
from tests.telephony.pools import owner_of_port

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(300)]

RINGING_STOPS = 0.2  # s, SP-08
WATCH = """
() => {
  window.__quiet = 0;
  window.__away = 0;
  const stop = AudioBufferSourceNode.prototype.stop;
  AudioBufferSourceNode.prototype.stop = function (...args) { window.__quiet = Date.now(); return stop.apply(this, args); };
  new MutationObserver(() => { if (document.body.dataset.panel !== 'ringing') window.__away ||= Date.now(); })
    .observe(document.body, { attributeFilter: ['data-panel'] });
}
"""

PANEL = "document.body.dataset.panel"
PRESS_BOTH = """() => {
  for (const key of ['Enter', 'Escape']) document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
}"""
ANSWER_AT_ONCE = """() => {
  const watch = new MutationObserver(() => {
    if (document.body.dataset.panel !== 'ringing') return;
    watch.disconnect();
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  });
  watch.observe(document.body, { attributeFilter: ['data-panel'] });
}"""


@pytest.mark.quiet
def test_ringing_stops_when_the_caller_hangs_up(customer: Talk, record_property):
    """SP-08: within 200 ms of the BYE on the wire, for the eye and for the ear."""
    anna = customer.agent
    anna.sees_panel("ringing")
    anna.page.evaluate(WATCH)
    customer.caller.hang_up()
    anna.sees_panel("idle")
    until(lambda: anna.page.evaluate("window.__quiet"), "the ringer is silent")
    assert customer.caller.wait() == 200
    sent = customer.caller.moments("sent", "BYE")[-1]
    after = [anna.page.evaluate(f"window.{name}") / 1000 - sent for name in ("__away", "__quiet")]
    record_property("milliseconds", [round(1000 * seconds) for seconds in after])
    assert max(after) < RINGING_STOPS


def test_the_desk_rings_when_its_phone_does_and_an_answer_at_once_is_one(anna: AtDesk, product: Product, tmp_path):
    """SP-04: the switch has decided, and the cell is late to call the phone. Nobody is shown what he could not answer."""
    until(lambda: anna.status == "ready", "anna is ready")
    anna.pauses()
    with Talk(product, anna, tmp_path) as talk:
        product.time_line_with(talk.call, "QueueEntered")
        cell = cell_of(talk)
        os.kill(cell, signal.SIGSTOP)
        try:
            anna.becomes_ready()
            anna.page.locator("body[data-status=offered]").wait_for()
            assert anna.page.evaluate(PANEL) == "idle"
            anna.page.evaluate(ANSWER_AT_ONCE)
        finally:
            os.kill(cell, signal.SIGCONT)
        anna.sees_panel("talking")
        talk.both_hear()
        talk.end()


def cell_of(talk: Talk) -> int:
    """Its process: it has the port of the Contact in the answer."""
    answer = next(text for text in talk.caller.messages() if text.startswith("SIP/2.0 200"))
    port = re.search(r"^Contact: <sip:[^>]*:(\d+)", answer, re.MULTILINE | re.IGNORECASE)
    assert port
    return owner_of_port(int(port[1]), talk.product.pids())


@pytest.mark.parametrize("rounds", [2, pytest.param(30, marks=pytest.mark.long)])
def test_of_two_who_press_enter_at_once_one_has_the_call(anna: AtDesk, product: Product, tmp_path, rounds: int):
    """SP-08: the one who is asked first rejects and answers in one go, so the offer moves on while his answer is on its way."""
    with Chromium(microphone_hz=700) as other:
        per = AtDesk(other, product, "per")
        per.log_on()
        try:
            for _ in range(rounds):
                for agent in (anna, per):
                    becomes_ready(agent)
                race(Talk(product, anna, tmp_path), {anna: 1000, per: 700})
        finally:
            per.logs_off()


def becomes_ready(agent: AtDesk) -> None:
    """The page knows it first; the archive, where the status is read, comes after it."""
    if agent.page.locator(".stage [data-do=ready]:visible").count():
        agent.becomes_ready()
    until(lambda: agent.status == "ready", f"{agent.user} is ready")


def race(talk: Talk, voices: dict[AtDesk, int]) -> None:
    """`voices`: the two agents and the hertz that each speaks with."""
    product, begun = talk.product, "SELECT data FROM events_event WHERE call = ? AND kind = 'ConversationStarted'"
    with talk:
        first = until(lambda: next((agent for agent in voices if agent.page.evaluate(PANEL) == "ringing"), None), "somebody's desk rings")
        second = next(agent for agent in voices if agent is not first)
        second.page.evaluate(ANSWER_AT_ONCE)
        first.page.evaluate(PRESS_BOTH)
        until(lambda: product.rows(begun, talk.call), "somebody has the call")
        started = json.loads(product.rows(begun, talk.call)[0]["data"])
        winner, loser = (first, second) if started["agent"] == first.id else (second, first)
        winner.hears(lambda pcm: tones.hears(pcm, CALLER_HZ), "the customer")
        talk.audio.wait_for_tone(voices[winner])
        since = time.monotonic()
        until(lambda: time.monotonic() - since > 0.5, "half a second")
        assert not tones.hears(talk.audio.heard(since), voices[loser], at_least=0.01)
        until(lambda: loser.page.evaluate(PANEL) == "idle", "the other one has no call")
        until(lambda: not loser.browser.has_media(loser.page), "the other one has no audio")
        talk.caller.hang_up()
        assert talk.caller.wait() == 200
    assert len(product.rows(begun, talk.call)) == 1
    wrap_up_ends(winner)
