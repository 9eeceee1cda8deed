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
LISTS_ONE_BY_ONE = """
(() => {
  const load = Number(sessionStorage.loads ?? 0) + 1, id = `speaker-of-load-${load}`, sinks = new WeakMap(), elements = new Set();
  sessionStorage.loads = load;
  const { enumerateDevices } = MediaDevices.prototype, { setSinkId } = HTMLMediaElement.prototype;
  let permitted = false;
  window.__asked = [];
  window.__answer = null;  // name of the error that the dialog ends with
  MediaDevices.prototype.selectAudioOutput = async function ({ deviceId = '' } = {}) {
    window.__asked.push(deviceId);
    if (!navigator.userActivation.isActive) throw new DOMException('', 'InvalidStateError');
    if (window.__answer) throw new DOMException('', window.__answer);
    permitted = true;
    return { deviceId: id, kind: 'audiooutput', label: 'Desk speaker' };
  };
  MediaDevices.prototype.enumerateDevices = async function () {
    const inputs = (await enumerateDevices.call(this)).filter(({ kind }) => kind === 'audioinput');
    return permitted ? [...inputs, { deviceId: id, kind: 'audiooutput', label: 'Desk speaker' }] : inputs;
  };
  HTMLMediaElement.prototype.setSinkId = async function (wanted) {
    elements.add(this);
    if (wanted && !(permitted && wanted === id)) throw new DOMException('', 'NotFoundError');
    sinks.set(this, wanted ? 'Desk speaker' : '');
  };
  window.__playsOn = async () => [...elements].filter(({ paused }) => !paused).map((element) => sinks.get(element));
})()
"""  # as Firefox does; the id of the loudspeaker is another one on each page, which browsers may do
NEWEST_SENDER = "window.__peers.filter((peer) => peer.connectionState === 'connected').at(-1).getSenders()[0]"


def with_plugs(page: Page) -> None:
    """From its next load on."""
    _begin_anew(page, PLUGS)


def as_in_firefox(page: Page) -> None:
    """From its next load on: loudspeakers are picked in a dialog of the browser's."""
    _begin_anew(page, LISTS_ONE_BY_ONE)


def _begin_anew(page: Page, script: str) -> None:
    page.add_init_script(script)
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
