"""Headsets in a page under test: the fake devices of Chromium, some of which can be plugged in and out."""

from playwright.sync_api import Page

PLUGS = """
(() => {
  const away = new Set(), streams = [], elements = new Set();
  const { enumerateDevices, getUserMedia } = MediaDevices.prototype, { setSinkId } = HTMLMediaElement.prototype;
  MediaDevices.prototype.enumerateDevices = async function () {
    return (await enumerateDevices.call(this)).filter(({ label }) => !away.has(label));
  };
  const labelOf = async (id) => (await enumerateDevices.call(navigator.mediaDevices)).find(({ deviceId }) => deviceId === id)?.label;
  MediaDevices.prototype.getUserMedia = async function (how) {
    if (away.has(await labelOf(how.audio.deviceId?.exact))) throw new DOMException('', 'OverconstrainedError');
    if (window.__busy && how.audio.deviceId) throw new DOMException('', 'NotReadableError');
    const stream = await getUserMedia.call(this, how);
    streams.push(stream);
    return stream;
  };
  HTMLMediaElement.prototype.setSinkId = async function (id) {
    elements.add(this);
    if (away.has(await labelOf(id))) throw new DOMException('', 'NotFoundError');
    await setSinkId.call(this, id);
  };
  window.__unplug = (labels) => {
    for (const label of labels) away.add(label);
    for (const track of streams.flatMap((stream) => stream.getTracks())) {
      if (!away.has(track.label) || track.readyState === 'ended') continue;
      track.stop();
      track.dispatchEvent(new Event('ended'));
    }
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
  };
  window.__plugIn = () => {
    away.clear();
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
  };
  const where = async ({ sinkId }) => (await labelOf(sinkId)) ?? '';
  window.__playsOn = () => Promise.all([...elements].filter(({ paused }) => !paused).map(where));
})()
"""
NEWEST_SENDER = "window.__peers.filter((peer) => peer.connectionState === 'connected').at(-1).getSenders()[0]"


def with_plugs(page: Page) -> None:
    """From its next load on."""
    page.add_init_script(PLUGS)
    page.reload()


def unplug(page: Page, *labels: str) -> None:
    """Of microphones and loudspeakers alike."""
    page.evaluate("__unplug", list(labels))


def plug_in(page: Page) -> None:
    """All that were unplugged."""
    page.evaluate("__plugIn()")


def speaks_by(page: Page, microphone: str) -> None:
    """Waits until the newest call has the sound of `microphone`."""
    page.wait_for_function(f"{NEWEST_SENDER}.track.label === {microphone!r}", timeout=6_000)


def plays_on(page: Page, *speakers: str) -> None:
    """Waits until what sounds now sounds there, one for each element; '': where the system plays."""
    page.wait_for_function(
        "async (wanted) => JSON.stringify(await __playsOn()) === JSON.stringify(wanted)", arg=list(speakers), timeout=6_000
    )
