"""What an agent does while something else is under way: nothing of it is lost, and nothing of it is waited for in vain."""

import threading
from collections.abc import Callable

import msgspec
import pytest
from playwright.sync_api import expect

from apps.switch import board, requests
from apps.telephony import protocol
from tests.desk.conftest import Desk
from tests.desk.redrawing import NOTE_SOCKETS
from tests.product import until

pytestmark = pytest.mark.browser
SOUNDS = "window.__peers.filter((peer) => peer.connectionState === 'connected').at(-1).getSenders()[0].track.enabled"
FRAMES = """async () => {
  const seen = new Set();
  for (let i = 0; i < 10; i++) {
    await new Promise((drawn) => requestAnimationFrame(drawn));
    seen.add(SOUNDS);
  }
  return [...seen];
}""".replace("SOUNDS", SOUNDS)

MICROPHONE = """(() => {
  const devices = navigator.mediaDevices, open = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (how) => {
    if (!window.__plug) await new Promise((plug) => (window.__plug = plug));
    return open(how);
  };
})()"""
UNPLUG = """async () => {
  const devices = navigator.mediaDevices, open = devices.getUserMedia;
  devices.getUserMedia = async () => { throw new DOMException('', 'NotFoundError'); };
  window.__plugIn = () => { devices.getUserMedia = open; devices.dispatchEvent(new Event('devicechange')); };
  for (const track of window.__tracks) {
    track.stop();
    track.dispatchEvent(new Event('ended'));
  }
}"""
NOTE_TRACKS = """(() => {
  const open = MediaDevices.prototype.getUserMedia;
  window.__tracks = [];
  MediaDevices.prototype.getUserMedia = async function (how) {
    const stream = await open.call(this, how);
    window.__tracks.push(...stream.getTracks());
    return stream;
  };
})()"""

NOTE_SOUNDS = """(() => {
  window.__loops = window.__tones = 0;
  const buffer = AudioBufferSourceNode.prototype.start, tone = OscillatorNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function (...when) { window.__loops += this.loop; buffer.apply(this, when); };
  OscillatorNode.prototype.start = function (...when) { window.__tones += 1; tone.apply(this, when); };
})()"""
FRAMES_LATER = "async () => { for (let i = 0; i < 30; i++) await new Promise((drawn) => requestAnimationFrame(drawn)); }"

ANSWER_TWICE = """() => {
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  document.querySelector('.ringing-actions [data-do=answer]').click();
}"""


def log_on_with_a_loose_contact(desk: Desk) -> None:
    desk.page.add_init_script(NOTE_SOCKETS)
    desk.page.reload()
    desk.log_on()


def breaks(desk: Desk) -> None:
    """The connection; the page has another one a moment later."""
    desk.page.evaluate("for (const socket of __sockets) socket.close()")


class Slow:
    """A gateway that thinks about tests of the media path until `go` is set."""

    def __init__(self, answers: Callable) -> None:
        self.answers, self.go = answers, threading.Event()

    def __call__(self, request: protocol.GatewayRequest) -> protocol.AnyGatewayReply | None:
        if isinstance(request, protocol.TestMedia):
            self.go.wait(4)
        return self.answers(request)


def answered(desk: Desk) -> list[str]:
    """The leg of each time that an answer was asked for."""
    return [asked.leg for asked in desk.gateway.asked(protocol.AnswerOffer)]


def proofs(desk: Desk) -> int:
    return len(desk.gateway.asked(protocol.TestMedia))


def test_who_answers_while_his_page_is_being_opened_has_the_call(annas_desk: Desk) -> None:
    """SP-07: a page that was loaded anew while it rang has still to prove its phone; here its microphone takes its time."""
    desk = annas_desk
    desk.log_on()
    leg = desk.switch.ring(desk.agent).leg
    desk.panel("ringing")
    desk.page.add_init_script(MICROPHONE)
    desk.page.reload()
    desk.page.wait_for_function("window.__plug !== undefined")
    expect(desk.page.locator(".ringing-actions [data-do=answer]")).to_be_visible()
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("[data-text=call-state]")).to_have_text("Connecting …")
    desk.page.evaluate("__plug()")
    until(lambda: answered(desk) == [leg], "the call is answered, once")
    desk.switch.connect(desk.agent)
    until(lambda: desk.chromium.has_media(desk.page), "there is sound")
    expect(desk.page.locator("#notice")).to_be_hidden()
    assert desk.gateway.asked(protocol.Reattach) == []


@pytest.mark.parametrize("user", ["anna", "ola"], ids=["by hand", "by itself"])
def test_a_call_is_answered_once_however_often_it_is(desk: Desk, user: str) -> None:
    """By key and by button, and by a desk that does so itself: each answer takes the sound away from the one before."""
    desk.log_in(user)
    desk.log_on()
    leg = desk.switch.ring(desk.agent).leg
    desk.panel("ringing")
    desk.page.evaluate(ANSWER_TWICE)
    until(lambda: desk.chromium.has_media(desk.page), "there is sound")
    expect(desk.page.locator(".ringing-actions [data-do=answer]")).not_to_have_attribute("aria-busy", "true")
    desk.switch.connect(desk.agent)
    desk.panel("talking")
    assert answered(desk) == [leg]
    expect(desk.page.locator("#notice")).to_be_hidden()


def test_a_desk_that_could_not_answer_by_itself_says_so_once_and_rings(desk: Desk) -> None:
    """SP-04: nothing is answered again and again; the agent may try, and a new connection is tried by itself."""
    for note in (NOTE_SOCKETS, NOTE_SOUNDS):
        desk.page.add_init_script(note)
    desk.log_in("ola").log_on()
    desk.peer.refuse = "failed"
    leg = desk.switch.ring(desk.agent).leg
    expect(desk.page.locator("#notice")).to_contain_text("The sound could not be connected")
    desk.page.wait_for_function("__loops === 1")
    desk.page.evaluate(FRAMES_LATER)
    assert answered(desk) == [leg]
    assert desk.page.evaluate("__tones") == 1
    desk.page.keyboard.press("Enter")
    until(lambda: answered(desk) == [leg, leg], "he tries himself")
    desk.page.wait_for_function("__loops === 2")
    assert answered(desk) == [leg, leg]
    desk.peer.refuse = ""
    breaks(desk)
    until(lambda: answered(desk) == [leg, leg, leg], "the desk tries on the new connection", 20)
    until(lambda: desk.chromium.has_media(desk.page), "there is sound")


def test_a_rejection_that_did_not_get_through_leaves_the_call_to_be_answered(annas_desk: Desk) -> None:
    desk = annas_desk
    desk.log_on()
    leg = desk.switch.ring(desk.agent).leg
    desk.panel("ringing")
    desk.switch.silent = True
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator("#notice")).to_contain_text("did not answer", timeout=8_000)
    desk.page.keyboard.press("Enter")
    until(lambda: answered(desk) == [leg], "it is answered")


def test_a_microphone_that_is_unplugged_is_told_and_found_again_when_it_is_plugged_in(annas_desk: Desk) -> None:
    """SP-06. Until then no call comes, which nobody would hear."""
    desk = annas_desk
    desk.page.add_init_script(NOTE_TRACKS)
    desk.page.reload()
    desk.log_on()
    desk.page.evaluate(UNPLUG)
    expect(desk.page.locator("#notice")).to_contain_text("No microphone was found")
    until(lambda: desk.switch.agents[desk.agent].softphone == "not_ready", "the switch knows")
    desk.page.evaluate("__plugIn()")
    expect(desk.page.locator("[data-text=phone]")).to_have_text("Softphone ready", timeout=10_000)
    expect(desk.page.locator("#notice")).to_be_hidden()
    assert desk.switch.agents[desk.agent].softphone == "online"


def test_who_lost_his_microphone_in_a_call_gets_no_other_call_without_it(annas_desk: Desk) -> None:
    """SP-06. He hears his customer to the end; the next one would hear nobody."""
    desk = annas_desk
    desk.page.add_init_script(NOTE_TRACKS)
    desk.page.reload()
    desk.log_on()
    desk.talks()
    desk.page.evaluate(UNPLUG)
    expect(desk.page.locator("#notice")).to_contain_text("No microphone was found")
    assert desk.chromium.has_media(desk.page)
    assert desk.switch.agents[desk.agent].softphone == "online"
    desk.switch.caller_hangs_up(desk.agent)
    desk.panel("wrap_up")
    until(lambda: desk.switch.agents[desk.agent].softphone == "not_ready", "the switch knows")
    expect(desk.page.locator("#notice")).to_contain_text("No microphone was found")
    desk.page.evaluate("__plugIn()")
    expect(desk.page.locator("[data-text=phone]")).to_have_text("Softphone ready", timeout=10_000)
    assert desk.switch.agents[desk.agent].softphone == "online"


def test_a_phone_that_cannot_be_proved_is_tried_again_until_it_can(annas_desk: Desk) -> None:
    """PF-08: web is back before the gateway is. Who is logged on gets no calls until his phone is proved, and need not press anything."""
    desk = annas_desk
    log_on_with_a_loose_contact(desk)
    desk.peer.refuse = "failed"
    before = proofs(desk)
    breaks(desk)
    until(lambda: proofs(desk) > before + 1, "the page has tried twice", 20)
    assert desk.switch.agents[desk.agent].softphone == "not_ready"
    desk.peer.refuse = ""
    expect(desk.page.locator("[data-text=phone]")).to_have_text("Softphone ready", timeout=15_000)
    expect(desk.page.locator("#notice")).to_be_hidden()
    assert desk.switch.agents[desk.agent].softphone == "online"


def test_a_test_that_began_on_a_connection_that_is_gone_says_nothing_about_the_next(annas_desk: Desk) -> None:
    """The gateway's answer never came, for the connection broke: the new one is proved, at once, and no fault is told."""
    desk = annas_desk
    log_on_with_a_loose_contact(desk)
    slow, before = Slow(desk.gateway.answers), proofs(desk)
    desk.gateway.answers = slow
    breaks(desk)
    until(lambda: proofs(desk) > before, "it is being tested", 20)
    breaks(desk)
    expect(desk.page.locator("body")).to_have_attribute("data-link", "online")
    slow.go.set()
    expect(desk.page.locator("[data-text=phone]")).to_have_text("Softphone ready", timeout=15_000)
    expect(desk.page.locator("#notice")).to_be_hidden()
    assert desk.switch.agents[desk.agent].softphone == "online"


def test_mute_is_at_once_however_slow_the_switch_is(annas_desk: Desk) -> None:
    """SP-05. What the switch refuses is not so."""
    annas_desk.log_on()
    desk = annas_desk.talks()
    desk.switch.silent = True
    desk.page.keyboard.press("m")
    assert desk.page.evaluate(FRAMES) == [False]
    expect(desk.page.locator("#notice")).to_contain_text("did not answer", timeout=8_000)
    assert desk.page.evaluate(SOUNDS) is True
    desk.switch.silent = False
    desk.page.keyboard.press("m")
    expect(desk.page.locator("[data-do=mute]")).to_have_attribute("aria-pressed", "true")
    assert desk.page.evaluate(FRAMES) == [False]
    desk.page.keyboard.press("m")
    expect(desk.page.locator("[data-do=mute]")).to_have_attribute("aria-pressed", "false")
    assert desk.page.evaluate(FRAMES) == [True]


def test_who_changes_his_mind_before_the_answer_came_has_the_last_word(annas_desk: Desk) -> None:
    desk = annas_desk
    desk.switch.dispositions = (board.DispositionChoice(7, "Sold"), board.DispositionChoice(8, "Not sold"))
    desk.log_on()
    desk.talks().switch.caller_hangs_up(desk.agent)
    desk.panel("wrap_up")
    chosen = threading.Event()
    choose = desk.switch._ChooseDisposition
    desk.switch._ChooseDisposition = lambda request: (chosen.wait(4), choose(request))[1]
    for name in ("Sold", "Sold", "Not sold"):
        desk.page.locator("[data-do=dispose]", has_text=name).first.click()
    chosen.set()
    expect(desk.page.locator("[data-do=dispose][aria-checked=true], [data-do=dispose][aria-pressed=true]")).to_have_text("Not sold")
    assert [request.disposition for request in desk.switch.asked(requests.ChooseDisposition)] == [7, 8]


def test_who_sees_that_it_is_on_hold_takes_it_back_by_the_same_key(annas_desk: Desk) -> None:
    """The page is told of the hold before its request is answered."""
    desk = annas_desk
    desk.log_on()
    desk.talks()
    answered = threading.Event()
    hold = desk.switch._Hold
    desk.switch._Hold = lambda request: (hold(request), answered.wait(4))[0]
    desk.page.keyboard.press("h")
    desk.panel("held")
    desk.page.keyboard.press("h")
    desk.page.keyboard.press("h")  # pressed twice, wanted once
    answered.set()
    desk.panel("talking")
    assert [request.on for request in desk.switch.asked(requests.Hold)] == [True, False]


def test_a_key_for_the_next_call_counts_while_the_one_before_is_still_being_rejected(annas_desk: Desk) -> None:
    desk = annas_desk
    desk.log_on()
    first = desk.switch.ring(desk.agent).leg
    desk.panel("ringing")
    rejected = threading.Event()
    desk.switch._RejectOffer = lambda request: "gone" if rejected.wait(4) else "fault"  # its caller had hung up
    desk.page.keyboard.press("Escape")
    until(lambda: desk.switch.asked(requests.RejectOffer), "the first one is rejected")
    second = desk.switch.ring(desk.agent, caller="+4790000002", caller_name="Nils Moen").leg
    expect(desk.page.locator("#caller")).to_contain_text("Nils Moen")
    desk.page.keyboard.press("Escape")
    rejected.set()
    until(lambda: [request.leg for request in desk.switch.asked(requests.RejectOffer)] == [first, second], "so is the second one")


def test_who_the_customer_is_is_asked_again_after_the_connection_broke(annas_desk: Desk) -> None:
    desk = annas_desk
    desk.log_on()
    desk.page.evaluate(
        """() => {
        const send = WebSocket.prototype.send;
        window.__asked = 0;
        WebSocket.prototype.send = function (text) {
          if (!text.includes('desk.customer')) send.call(this, text);
          else if (window.__asked++) send.call(this, text);
          else this.close();  // it breaks in that moment
        };
        }"""
    )
    desk.switch.ring(desk.agent)
    desk.page.wait_for_function("window.__asked === 2", timeout=10_000)
    expect(desk.page.locator(".customer")).to_contain_text("Kari")


def test_a_page_that_is_being_proved_when_a_newer_one_takes_the_phone_leaves_it_there(annas_desk: Desk) -> None:
    """SP-07: a browser opens two desks at once when it is started anew."""
    desk = annas_desk
    desk.log_on()
    slow, before = Slow(desk.gateway.answers), proofs(desk)
    desk.gateway.answers = slow
    desk.page.reload()
    until(lambda: proofs(desk) > before, "the first one is being proved")
    second = desk.chromium.context.new_page()
    second.goto(f"{desk.web.url}/desk/")
    expect(desk.page.locator("#notice")).to_contain_text("that window has the phone")
    slow.go.set()
    expect(second.locator("[data-text=phone]")).to_have_text("Softphone ready")
    leg = desk.switch.ring(desk.agent).leg
    second.locator(".ringing-actions [data-do=answer]").click()
    until(lambda: answered(desk) == [leg], "it is answered in the newer one")
    expect(second.locator("#notice")).to_be_hidden()
    expect(desk.page.locator("#notice")).to_contain_text("that window has the phone")


def test_a_page_that_never_saw_itself_as_the_phone_gives_way_to_the_one_that_is(annas_desk: Desk) -> None:
    """SP-07: the newer one had claimed it before the older one heard of anything."""
    desk = annas_desk
    desk.log_on()
    up = desk.switch._SoftphoneUp

    def newer(request: requests.SoftphoneUp) -> str | None:
        refused = up(request)
        if request.claims:
            up(msgspec.structs.replace(request, connection="newer"))
        return refused

    desk.switch._SoftphoneUp = newer
    desk.page.reload()
    expect(desk.page.locator("#notice")).to_contain_text("that window has the phone")
    assert desk.switch.agents[desk.agent].connection == "newer"
    del desk.switch._SoftphoneUp
    desk.page.locator("#notice [data-do=take_phone]").click()
    expect(desk.page.locator("[data-text=phone]")).to_have_text("Softphone ready")


def test_who_logs_on_in_the_older_of_two_tabs_has_his_phone_there(annas_desk: Desk) -> None:
    """SP-08."""
    desk = annas_desk
    desk.log_on()
    second = desk.chromium.context.new_page()
    second.goto(f"{desk.web.url}/desk/")
    expect(second.locator("[data-text=phone]")).to_have_text("Softphone ready")
    expect(desk.page.locator("#notice")).to_contain_text("that window has the phone")
    second.locator("#status").click()
    second.locator("#status-list [data-do=log_off]").click()
    desk.panel("logged_off")
    desk.log_on()
    expect(desk.page.locator("#notice")).to_be_hidden()
    leg = desk.switch.ring(desk.agent).leg
    expect(desk.page.locator(".ringing-actions [data-do=answer]")).to_be_visible()
    expect(second.locator("#notice")).to_contain_text("that window has the phone")
    desk.page.keyboard.press("Enter")
    until(lambda: answered(desk) == [leg], "it is answered there")
