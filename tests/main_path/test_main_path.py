"""The main path on the running product: real SIP, real cells, a real browser, a real database."""

import contextlib
import json
import re
import time

import pytest

from tests import tones
from tests.main_path.desk_person import AtDesk
from tests.main_path.one_call import OneCall
from tests.product import until
from tests.sip.sipp import Caller

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(240)]

NUMBER = "+4722334455"
KILLED = "+4790000077"  # calls while the switch is killed
HERTZ, NUMBERS = (440, 500, 560), ("+4790000100", "+4790000101", "+4790000102")


def choose(product, caller: Caller, number: str, digit: str) -> None:
    """Press a digit as soon as the menu speaks."""
    caller.wait_answered()
    call = product.call_of(number)
    until(lambda: "Main menu" in steps(product, call), "the menu", 20)
    caller.audio.press(digit)


def steps(product, call: str) -> list[str]:
    rows = product.rows("SELECT data FROM events_event WHERE call = ? AND kind = 'StepEntered' ORDER BY seq", call)
    return [json.loads(row["data"])["name"] for row in rows]


def test_a_call_goes_from_the_telephone_to_the_desk_and_into_the_archive(product, chromium, tmp_path):
    """Issue 2, points 2 to 4; SP-01, SP-04, SP-05, IV-02, QU-14, RC-02, AR-02, AR-07"""
    call = OneCall(product, chromium, tmp_path)
    assert call.run()["problems"] == []
    log = "\n".join(product.lines)
    assert " DEBUG " in log, "the log is as talkative as it can be"
    for name, secrets in secrets_of(call).items():
        assert secrets, name
        told = [secret for secret in secrets if secret in log]
        assert not told, f"the log tells {name}: " + next(line for line in product.lines if told[0] in line)


def secrets_of(call: OneCall) -> dict[str, list[str]]:
    """PF-06: what a log must not tell, however talkative it is."""
    cookies = call.agent.browser.context.cookies()
    sdp = "\n".join(
        call.agent.page.evaluate("window.__peers.flatMap((peer) => [peer.localDescription?.sdp ?? '', peer.remoteDescription?.sdp ?? ''])")
    )
    return {
        "who called": ["91234567", "Kari Nordmann"],
        "what was pressed": ["DigitPressed(", "digit='", 'digit":'],
        "the session": [cookie["value"] for cookie in cookies if "session" in cookie["name"] or "csrf" in cookie["name"]],
        "the words of ICE": re.findall(r"a=ice-pwd:(\S+)", sdp),
        "keys": [(call.product.folder / "secret_key").read_text()],
    }


def test_three_callers_at_once_queue_up_and_are_answered_one_after_the_other(product, chromium, tmp_path):
    """Issue 2, point 3; QU-02, QU-07: one agent, never two offers, the first caller first."""
    per = AtDesk(chromium, product, "per")
    per.log_on("Support only")
    per.pauses()
    with contextlib.ExitStack() as calls:
        callers = []
        for number, hertz in zip(NUMBERS, HERTZ, strict=True):
            caller = Caller(product.trunk, NUMBER, folder=tmp_path, hertz=hertz, seconds=120, caller=number)
            callers.append(calls.enter_context(caller))
            choose(product, caller, number, "1")
        for number in NUMBERS:
            until(lambda number=number: "QueueEntered" in product.time_line(product.call_of(number)), f"{number} waits")
        per.becomes_ready()
        for hertz in HERTZ:
            per.answers()
            per.hears(lambda pcm, hertz=hertz: tones.hears(pcm, hertz), f"{hertz} Hz")
            per.hangs_up()
            per.sees_panel("wrap_up")
            per.becomes_ready()
        assert [caller.wait() for caller in callers] == [200, 200, 200]
    per.logs_off()


def test_the_switch_is_killed_in_mid_call_and_the_call_goes_on_and_ends_properly(product, chromium, tmp_path):
    """PF-08: kill -9 of the switch; the tone has no gap, and the end is written."""
    ola = AtDesk(chromium, product, "ola")
    ola.log_on("Support only")
    with Caller(product.trunk, NUMBER, folder=tmp_path, hertz=440, seconds=120, caller=KILLED) as caller:
        choose(product, caller, KILLED, "1")
        ola.answers()
        caller.audio.wait_for_tone(1000)
        killed, since = product.kill("switch"), time.monotonic()
        until(lambda: product.pid_of("switch") not in (0, killed), "a new switch")
        until(lambda: time.monotonic() - since > 4, "four seconds of talk", 6)
        heard = caller.audio.heard(since)
        assert len(heard) > 3.5 * tones.RATE and tones.hears(heard, 1000)
        ola.holds()
        ola.holds(on=False)
        caller.audio.wait_for_tone(1000)
        caller.hang_up()
        assert caller.wait() == 200
    ola.sees_panel("wrap_up")
    kinds = product.time_line_with(product.call_of(KILLED), "CallEnded")
    assert [kind for kind in kinds if kind in ("OfferMade", "ConversationEnded", "CallEnded")] == [
        "OfferMade",
        "ConversationEnded",
        "CallEnded",
    ]
