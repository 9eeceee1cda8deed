"""REFER and Replaces: a caller's telephone may ask for a transfer, at our cost and past the switch. It is refused, and the call goes on."""

import contextlib
import re
import socket
from collections.abc import Iterator

import pytest

from apps.telephony.protocol import Answer, HangUp, LegAnswered, LegArrived, LegEnded
from tests.gateway.cells import PlainCell
from tests.telephony.worlds import RealParty, RealWorld, said, until

pytestmark = pytest.mark.media


@pytest.fixture
def world() -> Iterator[RealWorld]:
    with contextlib.closing(RealWorld()) as world:
        yield world


@pytest.fixture
def telephone() -> Iterator[PlainCell]:
    with contextlib.closing(PlainCell()) as telephone:
        yield telephone


def talk(world: RealWorld, telephone: PlainCell) -> RealParty:
    """A cell with which `telephone` talks: leg "leg"."""
    cell = world.party()
    telephone.invite(cell.address, "+4722334455", "leg")
    until(world, cell, LegArrived)
    cell.do(Answer, leg="leg")
    until(world, cell, LegAnswered)
    return cell


def goes_on(world: RealWorld, cell: RealParty) -> None:
    """The leg is still the one that it was."""
    assert len(said(cell, LegArrived)) == 1 and said(cell, LegEnded) == []
    cell.do(HangUp, leg="leg")
    assert until(world, cell, LegEnded).by_us


def test_a_refer_is_declined_and_nobody_is_called(world: RealWorld, telephone: PlainCell) -> None:
    cell = talk(world, telephone)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as victim:
        victim.bind(("127.0.0.1", 0))
        victim.settimeout(0.3)
        telephone.seq += 1
        telephone.send("REFER", more="Refer-To: <sip:+4790000000@{}:{}>\r\n".format(*victim.getsockname()))
        telephone.wait(603)
        with pytest.raises(TimeoutError):
            victim.recv(65_535)
    goes_on(world, cell)


def test_an_invite_that_would_replace_a_leg_is_refused(world: RealWorld, telephone: PlainCell) -> None:
    """RFC 3891, even by somebody who knows all the dialogue's ids."""
    cell = talk(world, telephone)
    theirs, ours = (re.findall("tag=([^;>]+)", side)[-1] for side in (telephone.theirs, telephone.ours))
    with contextlib.closing(PlainCell()) as thief:
        thief.invite(cell.address, "+4722334455", "thief", f"Replaces: {telephone.call_id};to-tag={theirs};from-tag={ours}\r\n")
        thief.wait(603)
    goes_on(world, cell)
