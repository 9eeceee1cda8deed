"""No input takes long, however long it is: each target gets pieces repeated to 64 kB where a parser looks twice (PF-10).

What is measured is the CPU of this process, so a busy machine does not matter; a pattern with quadratic steps takes many seconds.
"""

import pytest

from tests.fuzz import cell, frontdoor, gateway, pages

TARGETS = {**frontdoor.TARGETS, **gateway.TARGETS, **pages.TARGETS, **cell.TARGETS}
LONGEST = 65_000
PLACES = 5
PIECES = (
    b"a-", b"a.", b";a=b", b",<sip:a@b>", b",", b'"', b'\\"', b"<", b" ", b"%41", b":", b"[", b"1", b"\xff", b"?a", b"\r\n ",
    b"\r\nVia: SIP/2.0/UDP h;branch=z",
    b"\r\nContact: <sip:a@b>", b"\r\nX: y", b"a=rtpmap:8 PCMA/8000\r\n", b"{", b"\t",
)  # fmt: skip


@pytest.mark.parametrize("name", TARGETS)
def test_no_input_takes_long(name: str) -> None:
    target = TARGETS[name]
    seeds = target.seeds()
    for seed in (seeds[0], seeds[len(seeds) // 2], seeds[-1]):
        places = [at + 1 for at, sign in enumerate(seed) if sign in b":; ,"]
        for at in places[:: max(1, len(places) // PLACES)][:PLACES]:
            for piece in PIECES:
                target.confirm(seed[:at] + piece * ((LONGEST - len(seed)) // len(piece)) + seed[at:])
