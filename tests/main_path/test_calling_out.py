"""An agent calls out from his desk over a real trunk: real SIP, real cells, a real browser (OB-01 to OB-03)."""

import json
import urllib.request

import pytest

from tests import tones
from tests.main_path.desk_person import AtDesk
from tests.main_path.test_outside import calls_go_to, fact, inside
from tests.product import Product, until
from tests.sip.sipp import Phone

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(120)]

HERTZ, RINGING = 620, 425
THREE_TONES = 15.0  # seconds: one second in five it is heard that it rings


def calls(anna: AtDesk, number: str) -> None:
    anna.presses("c")
    anna.page.keyboard.type(number)
    anna.presses("Enter")


def call_to(product: Product, number: str) -> dict:
    query = "SELECT * FROM calls_call WHERE caller = ? AND ended_at IS NOT NULL ORDER BY started_at DESC LIMIT 1"
    return until(lambda: product.rows(query, number), f"the call to {number}", 20)[0]


def test_an_agent_calls_somebody_who_answers_and_somebody_who_is_busy(product, chromium, tmp_path):
    anna = AtDesk(chromium, product)
    with Phone(folder=tmp_path, hertz=HERTZ, ring=60, seconds=60) as phone:
        calls_go_to(product, phone)
        anna.log_on()
        calls(anna, "99 99 99 91")
        anna.sees_panel("calling")
        anna.hears(lambda pcm: tones.hears(pcm, RINGING), "that it rings there", THREE_TONES)
        phone.tell("answer", about=phone.invitations()[-1])
        phone.wait_answered(15)
        anna.sees_panel("talking")
        phone.audio.wait_for_tone(1000)
        anna.hears(lambda pcm: tones.hears(pcm, HERTZ) and not tones.hears(pcm, RINGING), "whom she calls, and no tone any more")
        anna.hangs_up()
        phone.wait()
    anna.sees_panel("idle")
    answered = call_to(product, "+4799999991")
    assert (answered["kind"], answered["cause"], answered["agent_id"]) == ("outbound", "agent_hung_up", anna.id)
    with Phone(folder=tmp_path, code=486) as busy:
        calls_go_to(product, busy)
        calls(anna, "99 99 99 92")
        anna.page.get_by_text("99 99 99 92 is busy.").or_(anna.page.get_by_text("99 99 99 92 er opptatt.")).wait_for(timeout=15_000)
    refused = call_to(product, "+4799999992")
    assert (refused["kind"], refused["cause"], refused["agent_id"]) == ("outbound", "busy", anna.id)
    calls(anna, "829 12 345")
    anna.page.locator("#call-out-reason").wait_for(state="visible")
    assert fact(product, "CallEnded", refused["id"])["cause"] == "busy"
    assert not product.rows("SELECT id FROM calls_call WHERE caller = ?", "+4782912345")
    anna.logs_off()


def asks(product: Product, key: str, path: str, **body: object) -> dict:
    """The API, as a program asks it."""
    headers = {"Authorization": f"Token {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{product.url}{path}", json.dumps(body).encode() if body else None, headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def test_a_program_lets_an_agent_call(product, chromium, tmp_path):
    """OB-01, click-to-call: her softphone connects by itself, and the program sees how it goes."""
    anna, (key,) = AtDesk(chromium, product), inside(product, "key", "anna")
    with Phone(folder=tmp_path, hertz=HERTZ, ring=2.0, seconds=60) as phone:
        calls_go_to(product, phone)
        anna.log_on()
        call = asks(product, key, "/api/calls", number="99 99 99 93")["call"]
        states = {}

        def is_now(state: str) -> bool:
            states.setdefault(found := asks(product, key, f"/api/calls/{call}")["state"], None)
            return found == state

        anna.sees_panel("calling")
        phone.wait_answered(15)
        until(lambda: is_now("talking"), "the program sees that they talk")
        anna.sees_panel("talking")
        phone.audio.wait_for_tone(1000)
        anna.hears(lambda pcm: tones.hears(pcm, HERTZ), "whom she calls")
        phone.hang_up()
        phone.wait()
        until(lambda: is_now("ended"), "the program sees the end")
    seen = asks(product, key, f"/api/calls/{call}")
    assert (seen["result"], seen["number"], seen["agent"]) == ("caller_hung_up", "+4799999993", "anna") and seen["talked"] > 0
    assert list(states)[-2:] == ["ending", "ended"] or list(states)[-2:] == ["talking", "ended"]
    anna.logs_off()
