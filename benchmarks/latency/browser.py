"""The figures of an agent in headless Chromium: from his key to audio both ways, and from the caller's BYE to a desk that is quiet again.

The page is watched from outside. What it hears goes through an AudioWorklet, which wakes up every 2.7 ms; `ear_delay` measures what
the ear itself costs, and that is part of the figure.
"""

import random
import statistics
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.latency.company import NUMBER
from benchmarks.latency.phones import Caller
from tests import tones
from tests.browser.chromium import MICROPHONE_RATE, Chromium
from tests.main_path.desk_person import AtDesk
from tests.product import until

BOTH = "agent clicks Answer, to audio in both directions"
STOPPED = "caller hangs up, to ringing stopped in the browser"
SILENT_QUEUE = "2"  # digit: what is heard is the agent
SYLLABLES = (900.0, 1_300.0)  # Hz, in turns: a steady tone is noise to the browser, and a pause would be late by its own length
WATCH = """
(() => {
  const now = (window.__now = () => performance.timeOrigin + performance.now());
  window.__seen = { key: 0, answer: 0, connected: 0, sound: 0, quiet: 0, panel: 0 };
  addEventListener('keydown', (event) => (window.__seen.key = performance.timeOrigin + event.timeStamp), true);
  const stop = AudioBufferSourceNode.prototype.stop;
  AudioBufferSourceNode.prototype.stop = function (...when) {
    window.__seen.quiet = now();
    return stop.apply(this, when);
  };
  addEventListener('DOMContentLoaded', () =>
    new MutationObserver(() => document.body.dataset.panel === 'ringing' || (window.__seen.panel = now()))
      .observe(document.body, { attributeFilter: ['data-panel'] }));
  const ear = `registerProcessor('ear', class extends AudioWorkletProcessor {
    process([[samples]]) {
      if (!this.heard && samples?.some((sample) => Math.abs(sample) > 0.01)) this.port.postMessage(this.heard = true);
      return !this.heard;
    }
  });`;
  window.__ear = async (sourceOf) => {
    if (!window.__context) {
      window.__context = new AudioContext();
      await window.__context.audioWorklet.addModule(URL.createObjectURL(new Blob([ear], { type: 'text/javascript' })));
    }
    const node = new AudioWorkletNode(window.__context, 'ear');
    node.port.onmessage = () => (window.__seen.sound = now());
    sourceOf(window.__context).connect(node).connect(window.__context.destination);
  };
})();
"""
LISTEN = """
async () => {
  const peer = window.__peers.filter(({ connectionState }) => connectionState === 'new').at(-1);
  const { track } = peer.getReceivers()[0];
  peer.addEventListener('signalingstatechange', () => (window.__seen.answer = window.__now()));
  peer.addEventListener('connectionstatechange', () => peer.connectionState === 'connected' && (window.__seen.connected = window.__now()));
  await window.__ear((context) => new MediaStreamAudioSourceNode(context, { mediaStream: new MediaStream([track]) }));
  Object.assign(window.__seen, { key: 0, sound: 0 });
}
"""
EAR_DELAY = """
async () => {
  window.__seen.sound = 0;
  let begun = 0;
  await window.__ear((context) => {
    const tone = new OscillatorNode(context);
    begun = window.__now();
    tone.start();
    return tone;
  });
  while (!window.__seen.sound) await new Promise((resolve) => setTimeout(resolve, 10));
  return window.__seen.sound - begun;
}
"""


class Talking(Chromium):
    """A browser whose microphone says something all the time."""

    def __enter__(self) -> "Talking":
        super().__enter__()
        self.context.add_init_script(WATCH)
        return self

    def _flags(self) -> tuple[str, ...]:
        *flags, _ = super()._flags()
        syllables = [tones.tone(hertz, 0.2, rate=MICROPHONE_RATE, level=0.5) for hertz in SYLLABLES]
        wav = tones.write_wav(self._folder / "talking.wav", np.concatenate(syllables * 10), rate=MICROPHONE_RATE)
        return *flags, f"--use-file-for-fake-audio-capture={wav}"


@dataclass
class Browser:
    """`agent` is logged on with his softphone. Samples are milliseconds by the name of their figure; `way`: when what was reached."""

    trunk: str
    agent: AtDesk
    samples: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    way: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def round(self) -> None:
        """One call that is answered, and one whose caller does not wait."""
        self._answered()
        self._given_up()

    def ear_delay(self) -> float:
        """Median, in ms."""
        return statistics.median(self.agent.page.evaluate(EAR_DELAY) for _ in range(10))

    def _answered(self) -> None:
        caller = self._rings()
        self.agent.page.evaluate(LISTEN)
        caller.listen()
        self.agent.presses("Enter")
        caller.wait(caller.heard, "the agent is heard")
        seen = until(lambda: (seen := self._seen())["sound"] and seen, "the caller is heard")
        seen["caller hears"] = caller.sound_at * 1000
        for name in ("answer", "connected", "sound", "caller hears"):
            self.way[name].append(seen[name] - seen["key"])
        self.samples[BOTH].append(max(seen["sound"], seen["caller hears"]) - seen["key"])
        self._hang_up(caller)

    def _given_up(self) -> None:
        caller = self._rings()
        begun = self._hang_up(caller) * 1000
        seen = self._seen()
        assert min(seen["panel"], seen["quiet"]) > begun, "the desk was quiet before"
        self.samples[STOPPED].append(max(seen["panel"], seen["quiet"]) - begun)

    def _rings(self) -> Caller:
        """A caller for whom the desk has been ringing for a moment."""
        caller = Caller(self.trunk, NUMBER)
        caller.wait(caller.heard, "the prompt")
        caller.press(SILENT_QUEUE)
        self.agent.sees_panel("ringing")
        time.sleep(0.2 + random.random() * 0.1)  # not in step with packets
        return caller

    def _hang_up(self, caller: Caller) -> float:
        at = caller.hang_up()
        caller.wait(caller.gone, "the answer to a BYE")
        self.agent.sees_panel("idle")
        caller.close()
        return at

    def _seen(self) -> dict[str, Any]:
        return self.agent.page.evaluate("window.__seen")
