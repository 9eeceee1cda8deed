"""RTP that comes from elsewhere than the SDP says, or than it did: what is let in although the ports of a leg are guarded."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from apps.telephony.cell.guard import SILENT_SECONDS
from apps.telephony.protocol import Answer, LegAnswered, LegArrived, Mix, Record, RecordingStopped, StopRecord
from tests import tones
from tests.gateway.cells import PlainCell
from tests.sip.rtp import RtpEndpoint
from tests.sip.stranger import Stranger
from tests.telephony.pools import eventually
from tests.telephony.worlds import RealParty, RealWorld, until

pytestmark = pytest.mark.media
DOOR = "X-CC-Media: 127.0.0.1, 127.0.0.1/32\r\n"  # what the front door adds
TELEPHONE_HZ, STRANGER_HZ = 440, 700


class Telephone(PlainCell):
    """A SIP telephone; the leg's sound comes back to it (the cell mixes it with itself)."""

    def calls(self, world: RealWorld, cell: RealParty) -> None:
        self.invite(cell.address, "+4722334455", "leg", DOOR)
        until(world, cell, LegArrived)
        cell.do(Answer, leg="leg")
        until(world, cell, LegAnswered)
        cell.do(Mix, edges=(("leg", "leg"),))


@pytest.fixture
def world() -> Iterator[RealWorld]:
    with contextlib.closing(RealWorld()) as world:
        yield world


@pytest.fixture
def cell(world: RealWorld) -> RealParty:
    return world.party()


@pytest.fixture
def telephone() -> Iterator[Telephone]:
    with contextlib.closing(Telephone(TELEPHONE_HZ)) as telephone:
        yield telephone


def recorded(world: RealWorld, cell: RealParty, path: Path) -> np.ndarray:
    """What the leg says in the next half second."""
    cell.do(Record, recording="r", path=str(path), left=("leg",), right=())
    world.spend(0.5)
    cell.do(StopRecord, recording="r")
    until(world, cell, RecordingStopped, recording="r", error="")
    return tones.read_wav(path)[0][0]


def test_a_telephone_behind_nat_is_heard_and_hears_and_a_stranger_does_not(
    world: RealWorld, cell: RealParty, telephone: Telephone, tmp_path: Path
) -> None:
    """Its SDP names an address that nobody reaches; its packets come from where its SIP comes from."""
    telephone.receives = "10.1.2.3", 4000
    telephone.calls(world, cell)
    telephone.rtp.wait_for_tone(TELEPHONE_HZ, timeout=SILENT_SECONDS - 0.5)  # at once, not because nobody else has come
    with Stranger(telephone.rtp.remote) as same_host, Stranger(telephone.rtp.remote, source="127.0.0.2") as other_host:
        eventually(lambda: min(same_host.sent, other_host.sent) > 50, "the strangers speak")
        heard = recorded(world, cell, tmp_path / "r.wav")
        assert same_host.answers == other_host.answers == 0
    assert tones.strength(heard, TELEPHONE_HZ) > 0.2 and tones.strength(heard, STRANGER_HZ) < 0.003


def test_a_media_gateway_that_moves_by_a_new_invite_is_heard_at_its_new_address_and_not_at_its_old_one(
    world: RealWorld, cell: RealParty, telephone: Telephone, tmp_path: Path
) -> None:
    telephone.calls(world, cell)
    telephone.rtp.wait_for_tone(TELEPHONE_HZ)
    with RtpEndpoint(600) as new_place:
        telephone.receives = "127.0.0.1", new_place.port
        telephone.invite_again()
        telephone.wait(200)
        new_place.start_to(*telephone.rtp.remote)
        new_place.wait_for_tone(600)
        heard = recorded(world, cell, tmp_path / "r.wav")
    assert tones.strength(heard, 600) > 0.2 and tones.strength(heard, TELEPHONE_HZ) < 0.003
