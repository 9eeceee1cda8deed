"""Who hears whom: everybody speaks a tone of his own, and all are listened to in the same moment.

ears = Ears(customer=kari.audio, anna=anna)
ears.are(customer={"anna"}, anna={"customer"})
"""

import time

from tests import tones
from tests.main_path.desk_person import AtDesk
from tests.main_path.ear_company import MUSIC_HZ
from tests.product import until
from tests.sip.rtp import RtpEndpoint

SECONDS = 0.3  # of listening
PATIENCE = 10.0  # seconds
FIVE_TONES = 25.0  # seconds, of ringing: it is heard for one in five
QUIET = 50  # root mean square below which there is nothing
RINGING = "ringing"
SOUNDS = MUSIC_HZ | {RINGING: 425}  # Hz; what is no voice
UNKNOWN = "something else"


class Ears:
    def __init__(self, **listeners: AtDesk | RtpEndpoint) -> None:
        self.listeners = listeners
        self.hertz = SOUNDS | {name: listener.hertz for name, listener in listeners.items()}

    def are(self, **wanted: set[str]) -> None:
        """Each hears these and nobody else. Errors: AssertionError with what was heard at last."""
        deadline = time.monotonic() + (FIVE_TONES if {RINGING} in wanted.values() else PATIENCE)
        while (heard := self.heard(*wanted)) != wanted and time.monotonic() < deadline:
            pass
        assert heard == wanted, f"heard {heard}, wanted {wanted}"

    def heard(self, *who: str) -> dict[str, set[str]]:
        at_desks = {name: listener for name, listener in self.listeners.items() if name in who and isinstance(listener, AtDesk)}
        for desk in at_desks.values():
            desk.begins_to_listen(SECONDS)
        since = time.monotonic()
        return {
            name: self._named(name, at_desks[name].has_heard() if name in at_desks else self._on_telephone(name, since)) for name in who
        }

    def _on_telephone(self, name: str, since: float) -> tones.Pcm:
        audio = self.listeners[name]
        until(lambda: len(audio.heard(since)) >= SECONDS * tones.RATE, f"sound at {name}", 3)
        return audio.heard(since)

    def _named(self, who: str, pcm: tones.Pcm) -> set[str]:
        """His own voice too: nobody hears himself."""
        found = {name for name, hertz in self.hertz.items() if tones.hears(pcm, hertz)}
        return found or ({UNKNOWN} if tones.rms(pcm) > QUIET else set())
