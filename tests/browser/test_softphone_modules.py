"""Ringing, level meter, devices: the browser's modules beside the call itself, checked by numbers."""

import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page

from contactcenter.lib import mos
from tests import tones
from tests.browser.chromium import Chromium, ChromiumShell

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
PERIOD = 3.0  # seconds from one ring to the next, two thirds of it silence (static/softphone/ringer.js)
RINGING = "window.__outputs.at(-1)?.stream.getAudioTracks()[0]"  # what the ringer plays
NOTE_OUTPUTS = """
(() => {
  const real = AudioContext.prototype.createMediaStreamDestination;
  window.__outputs = [];
  AudioContext.prototype.createMediaStreamDestination = function () {
    window.__outputs.push(real.call(this));
    return window.__outputs.at(-1);
  };
})();
"""


FAR_END = """
window.farEnds = 0;
window.farEnd = async (offer) => {
  const peer = new RTCPeerConnection();
  farEnds += 1;
  peer.addTrack((await navigator.mediaDevices.getUserMedia({ audio: true })).getAudioTracks()[0]);  // it sends at once
  await peer.setRemoteDescription({ type: 'offer', sdp: offer });
  await peer.setLocalDescription(await peer.createAnswer());
  while (peer.iceGatheringState !== 'complete') await new Promise((resolve) => setTimeout(resolve, 10));
  return { sdp: peer.localDescription.sdp, leg: 'leg-1' };
};
window.offers = () => window.__peers.length - farEnds;
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def chromium() -> Iterator[Chromium]:
    with ChromiumShell(microphone_hz=1000) as browser:
        yield browser


@pytest.fixture
def page(chromium: Chromium) -> Iterator[Page]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(ROOT)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    chromium.context.add_init_script(NOTE_OUTPUTS)
    page = chromium.open(f"http://localhost:{server.server_address[1]}/tests/browser/pages/phone.html")
    page.wait_for_function("document.title === 'loaded'")
    page.click("#start")  # browsers play nothing to who has not touched the page
    yield page
    server.shutdown()
    server.server_close()


def test_ringing_rises_slowly_and_stops_at_once(page: Page, chromium: Chromium) -> None:
    """SP-04, SP-08."""
    page.evaluate("(window.ringer = new Ringer()).start()")
    first = tones.rms(chromium.listen(page, 3.0, track=RINGING))
    page.wait_for_timeout(3000)
    later = tones.rms(chromium.listen(page, 3.0, track=RINGING))
    assert first > 50
    assert later > 1.7 * first
    milliseconds = page.evaluate("(() => { const begin = performance.now(); ringer.stop(); return performance.now() - begin; })()")
    assert milliseconds < 200 and page.evaluate("ringer.ringing") is False
    assert tones.rms(chromium.listen(page, 1.0, track=RINGING)) < 5


def test_ringing_may_be_started_and_stopped_in_any_order(page: Page, chromium: Chromium) -> None:
    page.evaluate(
        "(async () => { const r = window.ringer = new Ringer(); r.stop(); const a = r.start(); r.stop(); await a;"
        " await Promise.all([r.start(), r.start()]); r.stop(); r.close(); r.close(); await r.start(); })()"
    )
    assert tones.rms(chromium.listen(page, PERIOD, track=RINGING)) > 50


def test_beep_is_short_and_not_heard_into_ringing(page: Page, chromium: Chromium) -> None:
    page.evaluate("(window.ringer = new Ringer()).start(); ringer.stop()")  # it has its output: an ear can be open before the beep begins
    chromium.begins_to_listen(page, 2.0, track=RINGING)
    page.wait_for_function("window.__hears")
    page.evaluate("ringer.beep()")
    heard = tones.sounding(chromium.has_heard(page))
    assert tones.dominant(heard[: tones.RATE // 4]) == pytest.approx(784, abs=10)
    assert tones.rms(heard[int(0.6 * tones.RATE) :]) < 5
    page.wait_for_timeout(600)
    assert tones.rms(chromium.listen(page, 0.5, track=RINGING)) < 5


def test_the_next_offer_is_gathered_when_audio_flows_not_while_it_is_waited_for(page: Page) -> None:
    """SP-04; issue 3: agent clicks Answer, to audio."""
    page.evaluate(FAR_END)
    page.evaluate("(window.phone = new Softphone({ test: farEnd, answer: (leg, offer) => new Promise((go) => (window.go = go)) })).open()")
    page.wait_for_function("phone.state === 'idle'")
    gathered = page.evaluate("offers()")
    page.evaluate("void phone.answer('leg-1')")
    page.wait_for_function("window.go !== undefined")
    assert page.evaluate("offers()") == gathered
    page.evaluate("farEnd(phone.media.offer).then(go)")
    page.wait_for_function("phone.state === 'connected'")
    page.wait_for_function(f"offers() === {gathered + 1}")


@pytest.mark.parametrize("step", ["setRemoteDescription", "getStats"])
def test_a_call_that_ends_while_its_audio_is_set_up_is_waited_for_no_longer(page: Page, step: str) -> None:
    """A browser never says how that step ended; whoever waited for it could not answer the next call."""
    page.evaluate(FAR_END)
    page.evaluate(
        "(window.phone = new Softphone({ test: farEnd, answer: async (leg, offer) => ({ ...(await farEnd(offer)), leg }) })).open()"
    )
    page.wait_for_function("phone.state === 'idle'")
    page.evaluate(
        """(step) => {
        const real = RTCPeerConnection.prototype[step];
        RTCPeerConnection.prototype[step] = function (...how) {
          const done = real.apply(this, how);
          if (phone.leg === 'ends' && how[0]?.type !== 'offer') phone.hangUp();  // the far end's own peer takes an offer
          return done;
        };
        window.said = codeOf(() => phone.answer('ends'));
        }""",
        step,
    )
    assert page.evaluate("Promise.race([said, new Promise((give) => setTimeout(give, 5000, 'nothing'))])") == "closed"
    page.evaluate("phone.answer('next')")
    assert page.evaluate("phone.state") == "connected"


def test_a_call_that_ends_before_the_gateway_has_answered_is_waited_for_no_longer(page: Page) -> None:
    page.evaluate(FAR_END)
    page.evaluate("(window.phone = new Softphone({ test: farEnd, answer: (leg, offer) => new Promise(() => {}) })).open()")
    page.wait_for_function("phone.state === 'idle'")
    page.evaluate("void (window.said = codeOf(() => phone.answer('ends')))")
    page.wait_for_function("phone.leg === 'ends'")
    page.evaluate("phone.hangUp()")
    assert page.evaluate("Promise.race([said, new Promise((give) => setTimeout(give, 5000, 'nothing'))])") == "closed"


def test_audio_that_could_not_be_mended_once_is_mended_the_next_time(page: Page) -> None:
    """The offer for the new media could not be gathered the first time."""
    page.evaluate(FAR_END)
    carrier = "{ test: farEnd, answer: (leg, offer) => farEnd(offer), reattach: (leg, offer) => farEnd(offer) }"
    page.evaluate(f"(window.phone = new Softphone({carrier})).open()")
    page.evaluate("phone.answer('leg-1')")
    page.evaluate(
        """() => {
        window.createOffer = RTCPeerConnection.prototype.createOffer;
        window.interrupt = () => {
          Object.defineProperty(phone.media, 'state', { value: 'interrupted', configurable: true, writable: true });
          phone.media.dispatchEvent(new Event('state'));
        };
        RTCPeerConnection.prototype.createOffer = async () => { throw new DOMException('', 'OperationError'); };
        phone.networkChanged();
        interrupt();
        }"""
    )
    page.wait_for_function("phone.state === 'failed'", timeout=5000)
    page.evaluate("RTCPeerConnection.prototype.createOffer = createOffer; phone.networkChanged(); interrupt()")
    page.wait_for_function("phone.state === 'connected'", timeout=5000)


def test_meter_shows_the_voice_and_nothing_for_silence(page: Page) -> None:
    """SP-06."""
    highest = page.evaluate(
        """async () => {
        const stream = await devices.openMicrophone();
        const nothing = new AudioContext().createMediaStreamDestination().stream;
        const seen = { voice: 0, silence: 0, looks: 0 };
        let enough;
        const done = new Promise((resolve) => (enough = resolve));
        const meters = [
          new LevelMeter(stream, (level) => (seen.voice = Math.max(seen.voice, level))),
          new LevelMeter(nothing, (level) => {
            seen.silence = Math.max(seen.silence, level);
            seen.looks += 1;
            if (seen.voice > 0.5 && seen.looks > 60) enough();
          }),
        ];
        await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 20_000))]);
        meters.forEach((meter) => meter.close());
        return seen;
        }"""
    )
    assert highest["voice"] > 0.5
    assert highest["silence"] == 0


def test_chosen_devices_are_remembered_in_this_browser(page: Page) -> None:
    """SP-06."""
    page.evaluate("devices.openMicrophone()")
    microphones = page.evaluate("devices.listDevices().then((all) => all.microphones)")
    assert microphones and all(device["id"] and device["label"] for device in microphones)
    page.evaluate("id => { devices.choose('microphone', id); devices.choose('ringer', 'r'); }", microphones[-1]["id"])
    page.reload()
    page.wait_for_function("document.title === 'loaded'")
    assert page.evaluate("['microphone', 'ringer', 'speaker'].map(devices.chosen)") == [microphones[-1]["id"], "r", ""]


def test_microphone_that_was_unplugged_gives_the_systems(page: Page) -> None:
    """SP-06."""
    page.evaluate("devices.choose('microphone', 'gone')")
    assert page.evaluate("devices.openMicrophone().then((stream) => stream.getAudioTracks().length)") == 1


def test_nonsense_in_the_browsers_store_is_no_obstacle(page: Page) -> None:
    page.evaluate("localStorage.setItem('cc.devices', '{')")
    assert page.evaluate("devices.chosen('speaker')") == ""
    page.evaluate("devices.choose('speaker', 's')")
    assert page.evaluate("devices.chosen('speaker')") == "s"


LOOKS = """
async (totals) => {
  const { Looks } = await import('/static/softphone/quality.js');
  const looks = new Looks();
  return totals.map((one) => looks.add({ received: 0, lost: 0, jitterMs: 2, rttMs: 20, farLossPercent: 0, ...one }));
}
"""


def test_browser_and_server_agree_on_how_a_line_sounds(page: Page) -> None:
    """SP-06: the sign on the desk and the archive say the same of the same figures."""
    grid = [
        {"loss_percent": loss, "jitter_ms": jitter, "rtt_ms": rtt}
        for loss in (0, 0.1, 1, 3, 5.5, 10, 30, 100) for jitter in (0, 0.4, 7, 40, 200) for rtt in (0, 1, 30, 180, 400, 1500)
    ]  # fmt: skip
    said = page.evaluate(
        """async (grid) => {
          const { rating, opinion, gradeOf } = await import('/static/softphone/quality.js');
          return grid.map(({ loss_percent, jitter_ms, rtt_ms }) => {
            const r = rating({ lossPercent: loss_percent, jitterMs: jitter_ms, rttMs: rtt_ms });
            return [r, opinion(r), gradeOf(opinion(r))];
          });
        }""",
        grid,
    )
    for figures, (r, score, grade) in zip(grid, said, strict=True):
        ours = mos.rating(**figures)
        assert (r, score, grade) == (pytest.approx(ours), pytest.approx(mos.opinion(ours)), mos.grade(mos.opinion(ours))), figures
    assert {grade for _, _, grade in said} == {"good", "fair", "poor"}


def test_the_last_seconds_count_and_the_worse_direction(page: Page) -> None:
    """SP-06: what was lost a while ago is over; what does not arrive there is as bad as what does not arrive here."""
    steps = [{"received": 100 * look, "lost": 0 if look < 4 else 60} for look in range(12)]
    seen = page.evaluate(LOOKS, steps)
    assert seen[0] is None
    assert (seen[3]["grade"], seen[4]["grade"], seen[11]["grade"]) == ("good", "poor", "good")
    assert seen[4]["lossPercent"] == pytest.approx(100 * 60 / 460)
    far = page.evaluate(LOOKS, [{"received": 100 * look, "farLossPercent": 12} for look in range(2)])
    assert (far[1]["lossPercent"], far[1]["grade"], far[1]["cause"]) == (12, "poor", "loss")


@pytest.mark.parametrize(
    ("figures", "cause"), [({"jitterMs": 150}, "jitter"), ({"rttMs": 900}, "delay"), ({"jitterMs": 30, "farLossPercent": 8}, "loss")]
)
def test_what_costs_the_most_is_named(page: Page, figures: dict, cause: str) -> None:
    """SP-06: what to do depends on it."""
    last = page.evaluate(LOOKS, [{"received": 100 * look, **figures} for look in range(2)])[-1]
    assert last["cause"] == cause
    assert last["grade"] != "good"


def test_a_round_trip_of_nothing_is_known_and_one_that_is_not_told_is_not(page: Page) -> None:
    """SP-06: Firefox counts whole milliseconds, and within an office there are none."""
    unknown, known = ([{"received": 100 * look, "rttMs": rtt} for look, rtt in enumerate(rtts)] for rtts in ((None, None), (None, 0)))
    assert page.evaluate(LOOKS, unknown)[-1]["rttMs"] is None
    told = page.evaluate(LOOKS, known)[-1]
    assert (told["rttMs"], told["grade"]) == (0, "good")


def test_new_media_begin_anew(page: Page) -> None:
    seen = page.evaluate(LOOKS, [{"received": 500, "lost": 0}, {"received": 10, "lost": 0}, {"received": 110, "lost": 0}])
    assert seen[1] is None and seen[2]["grade"] == "good"
