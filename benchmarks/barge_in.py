"""From a digit to the silence of the prompt that it interrupts, measured in RTP at the caller (IV-02: 100 ms). Prints one JSON line.

python -m benchmarks.barge_in

The whole product; sounds are tones (tests/main_path/tone_company.py). A call interrupts the menu's tone with 1, which leads to a
value, and that one's tone with 4. The clock starts when the first packet of the RFC 4733 event is sent, and stops when the sound
of the last packet with that tone is over, 20 ms after it has come.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import tell
from tests import tones
from tests.main_path.tone_company import HERTZ, NUMBER
from tests.product import ROOT, Product
from tests.sip.sipp import Caller

CALLS = 15
INTO_THE_SOUND = 0.4  # seconds of the tone that are heard before the digit
AFTERWARDS = 0.6  # seconds that are listened to after it
PACKET = 0.02  # seconds of sound in a packet


def interrupt(caller: Caller, digit: str, hertz: float) -> float:
    """Milliseconds."""
    caller.audio.wait_for_tone(hertz, window=INTO_THE_SOUND)
    already = len(caller.audio.pressed)
    caller.audio.press(digit)
    while len(caller.audio.pressed) == already:
        time.sleep(0.005)
    at, _ = caller.audio.pressed[-1]
    time.sleep(AFTERWARDS)
    loud = [packet.at for packet in caller.audio.packets if packet.at >= at - INTO_THE_SOUND and tones.hears(packet.pcm, hertz)]
    assert sum(one < at for one in loud) >= 5, "the packets of the tone are known for what they are"
    assert loud[-1] < at + AFTERWARDS - 0.1, "the digit did not stop the sound"
    return 1000 * max(0.0, loud[-1] + PACKET - at)


def main() -> None:
    took: list[float] = []
    with Product() as product, tempfile.TemporaryDirectory(prefix="cc-barge-in-") as folder:
        subprocess.run([sys.executable, "-m", "tests.main_path.tone_company"], cwd=ROOT, env=product.environment, check=True)
        for number in range(CALLS):
            with Caller(product.trunk, NUMBER, folder=Path(folder), caller=f"+47900001{number:02d}", seconds=30) as caller:
                caller.wait_answered()
                took.append(interrupt(caller, "1", HERTZ["menu"]))
                took.append(interrupt(caller, "4", HERTZ["ask"]))
                caller.hang_up()
                caller.wait()
    took.sort()
    print(" ".join(f"{one:.0f}" for one in took), file=sys.stderr)
    tell(f"barge-in: digit to silence, median of {len(took)}", statistics.median(took), "ms", 100)
    tell(f"barge-in: digit to silence, slowest of {len(took)}", took[-1], "ms", 100)


if __name__ == "__main__":
    main()
