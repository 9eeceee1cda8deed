"""Headless Chromium with a tone for a microphone, and ears: what a page hears comes back as PCM, so that numbers decide.

with Chromium(microphone_hz=1000) as chromium:
    page = chromium.open("http://localhost:8000/desk/")
    ...
    assert tones.hears(chromium.listen(page, seconds=1), 440)
"""

import base64
import shutil
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser as Running
from playwright.sync_api import BrowserContext, Page, Playwright

from tests import tones
from tests.browser.browser import NEWEST_CALL, NOTE_PEERS, Browser

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
)
MICROPHONE_RATE = 48_000
PLAIN_MICROPHONE = """
(() => {
  const devices = navigator.mediaDevices;
  if (!devices) return;
  const real = devices.getUserMedia.bind(devices);
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  devices.getUserMedia = ({ audio, ...others }) => real({ ...others, audio: audio && { ...(audio === true ? {} : audio), ...plain } });
})();
"""
LISTEN = """
async ({ seconds, rate }) => {
  const track = TRACK;
  if (!track) return null;
  const context = new AudioContext({ sampleRate: rate });
  await context.resume();
  const processor = context.createScriptProcessor(1024, 1, 1);
  const heard = [];
  window.__hears = false;
  const done = new Promise((resolve) => {
    processor.onaudioprocess = ({ inputBuffer }) => {
      window.__hears = true;
      heard.push(...inputBuffer.getChannelData(0));
      if (heard.length >= seconds * rate) resolve();
    };
  });
  const source = context.createMediaStreamSource(new MediaStream([track]));
  source.connect(processor).connect(context.destination);
  await done;
  source.disconnect();
  await context.close();
  const bytes = new Uint8Array(Int16Array.from(heard, (x) => Math.max(-1, Math.min(1, x)) * 32767).buffer);
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}
"""


class Chromium(Browser):
    """`microphone_hz` 0: it has no microphone.

    `steady`: the tone has no pauses, and nothing takes it for noise; for measuring gaps over a long time.
    """

    def __init__(self, microphone_hz: float = 1000.0, *, permit: bool = True, locale: str = "en-GB", steady: bool = False) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="cc-chromium-"))
        self.microphone_hz = microphone_hz
        self._permit = permit
        self._locale = locale
        self._steady = steady

    def _launch(self, playwright: Playwright) -> Running:
        return playwright.chromium.launch(
            executable_path=self._executable(),
            headless=False,  # FLAGS say headless; Playwright's own way would mute the sound
            args=list(self._flags()),
        )

    def _new_context(self) -> BrowserContext:
        context = self.browser.new_context(bypass_csp=True, locale=self._locale, viewport={"width": 1440, "height": 900})
        context.add_init_script(NOTE_PEERS)
        if self._steady:
            context.add_init_script(PLAIN_MICROPHONE)
        return context

    def listen(self, page: Page, seconds: float = 1.0, *, track: str = NEWEST_CALL) -> tones.Pcm:
        """What `track` (JavaScript; else what the newest call of `page` receives) says from now on, at tones.RATE.

        Errors: AssertionError, there is no such track.
        """
        self.begins_to_listen(page, seconds, track=track)
        return self.has_heard(page)

    def begins_to_listen(self, page: Page, seconds: float, *, track: str = NEWEST_CALL) -> None:
        """Goes on by itself, so that several can listen at once; `window.__hears` when its ear is open."""
        listen = LISTEN.replace("TRACK", track)
        page.evaluate(f"(how) => {{ window.__heard = ({listen})(how); }}", {"seconds": seconds, "rate": tones.RATE})

    def has_heard(self, page: Page) -> tones.Pcm:
        """What it began to listen to, as soon as it is all there. Errors: AssertionError, there was no such track."""
        encoded = page.evaluate("window.__heard")
        assert encoded is not None, "no such track"
        return np.frombuffer(base64.b64decode(encoded), "<i2")

    def speak_plainly(self) -> None:
        """In pages that are opened from now on the browser does nothing to the microphone's sound."""
        self.context.add_init_script(PLAIN_MICROPHONE)

    def _flags(self) -> tuple[str, ...]:
        """Without a fake device there is no microphone; without the fake permission dialogue nobody permits it."""
        flags = [flag for flag in FLAGS if self._permit or "fake-ui" not in flag]
        if not self._permit:
            flags.append("--deny-permission-prompts")
        if not self.microphone_hz:
            return tuple(flag for flag in flags if "fake-device" not in flag)
        speak = steady_tone if self._steady else speech_like
        wav = speak(self._folder / "microphone.wav", self.microphone_hz)
        return *flags, f"--use-file-for-fake-audio-capture={wav}"

    def _executable(self) -> str:
        return "/usr/bin/chromium"

    def _end(self) -> None:
        super()._end()
        shutil.rmtree(self._folder, ignore_errors=True)


class ChromiumShell(Chromium):
    """The same engine without what a browser has around its pages (profiles, history, permission dialogues): half the work.

    For pages whose sound goes to no gateway: for media it refuses loopback, whatever the flag says.
    """

    def _executable(self) -> str:
        return "/usr/bin/chromium-headless-shell"


def speech_like(path: Path, hertz: float) -> Path:
    """A tone in syllables of 0.2 s: a steady one is noise to the browser's noise suppression, which takes it away."""
    syllable = tones.tone(hertz, 0.2, rate=MICROPHONE_RATE, level=0.5)
    pause = tones.silence(0.1, rate=MICROPHONE_RATE)
    return tones.write_wav(path, np.concatenate([syllable, pause] * 10), rate=MICROPHONE_RATE)


def steady_tone(path: Path, hertz: float) -> Path:
    return tones.tone_wav(path, hertz, 3.0, rate=MICROPHONE_RATE, level=0.5)
