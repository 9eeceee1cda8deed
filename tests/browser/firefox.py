"""Headless Firefox, Debian's own, with a tone for a microphone, and ears: what it does that Chromium does not is seen here.

with Firefox() as firefox:
    page = firefox.open("http://127.0.0.1:8000/desk/")
    ...
    assert tones.hears(firefox.listen(page, seconds=1), 440)
"""

import io
import shutil
import sys
import tempfile
from pathlib import Path
from shlex import join

import av
import numpy as np
from playwright.sync_api import Browser as Running
from playwright.sync_api import BrowserContext, Page, Playwright

from tests import tones
from tests.browser.browser import NEWEST_CALL, NOTE_PEERS, Browser

EXECUTABLE = "/usr/bin/firefox-esr"
ROOT = Path(__file__).resolve().parent.parent.parent
MICROPHONE_HZ = 1000  # also what it is if nobody says so
PREFERENCES = {
    "media.navigator.streams.fake": True,  # the tone
    "media.navigator.audio.fake_frequency": MICROPHONE_HZ,
    "permissions.default.microphone": 1,  # allowed once and for all: else only the default route's address is offered, never loopback
    "permissions.default.desktop-notification": 1,
    "media.peerconnection.ice.loopback": True,  # everything stays on 127.0.0.1
    "app.normandy.enabled": False,  # asks its maker for nothing
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}
START_MS = 30_000
# Without a sound card an AudioContext stands still in Firefox, but a recorder runs.
LISTEN = """
async (seconds) => {
  const track = TRACK;
  if (!track) return null;
  const recorder = new MediaRecorder(new MediaStream([track]));
  const happens = (event) => new Promise((resolve) => recorder.addEventListener(event, resolve, { once: true }));
  const [begun, heard, over] = [happens('start'), happens('dataavailable'), happens('stop')];
  recorder.start();
  await begun;
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  recorder.stop();
  await over;
  return [...new Uint8Array(await (await heard).data.arrayBuffer())].map((byte) => String.fromCharCode(byte)).join('');
}
"""


class Firefox(Browser):
    """Its microphone is a tone of MICROPHONE_HZ, and permitted."""

    def __init__(self, *, locale: str = "en-GB", **preferences: object) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="cc-firefox-"))
        self._locale = locale
        self._preferences = PREFERENCES | preferences

    def _launch(self, playwright: Playwright) -> Running:
        relay = self._folder / "firefox"
        relay.write_text(
            f'#!/bin/sh\ncd {join([str(ROOT)])} && exec {join([sys.executable, "-m", "tests.browser.bidi_relay", EXECUTABLE])} "$@"\n'
        )
        relay.chmod(0o700)
        return playwright.firefox.launch(
            channel="moz-firefox", executable_path=relay, firefox_user_prefs=self._preferences, timeout=START_MS
        )

    def _new_context(self) -> BrowserContext:
        context = self.browser.new_context(locale=self._locale, viewport={"width": 1440, "height": 900})
        context.add_init_script(NOTE_PEERS)
        return context

    def listen(self, page: Page, seconds: float = 1.0, *, track: str = NEWEST_CALL) -> tones.Pcm:
        recorded = page.evaluate(LISTEN.replace("TRACK", track), seconds)
        assert recorded is not None, "no such track"
        return decoded(recorded.encode("latin-1"))

    def _end(self) -> None:
        super()._end()
        shutil.rmtree(self._folder, ignore_errors=True)


def decoded(recording: bytes) -> tones.Pcm:
    """Ogg with Opus, as Firefox records, at tones.RATE."""
    with av.open(io.BytesIO(recording)) as container:
        resampler = av.AudioResampler("s16", "mono", tones.RATE)
        parts = [part.to_ndarray()[0] for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate(parts)
