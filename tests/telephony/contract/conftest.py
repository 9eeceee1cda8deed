"""The contract of the media endpoint (ports.MediaEndpoint): the same calls with pjsua2 over SIP and RTP, and with the fake in no time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.telephony.contract.calls import Conversation, call
from tests.telephony.worlds import FakeWorld, Party, RealWorld, World


@pytest.fixture(params=["fake", pytest.param("pjsua", marks=pytest.mark.media)])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    found: World = FakeWorld() if request.param == "fake" else RealWorld()
    yield found
    found.close()


@pytest.fixture
def conversation(world: World, tmp_path: Path) -> Conversation:
    cell, kari, ola = world.party(), world.party(), world.party()
    call(world, kari, cell, "kari")
    call(world, cell, ola, "ola")
    return Conversation(world, cell, kari, ola, tmp_path)


@pytest.fixture
def pair(world: World) -> tuple[World, Party, Party]:
    """A telephone that called a cell; leg `kari`."""
    telephone, cell = world.party(), world.party()
    call(world, telephone, cell, "kari")
    return world, telephone, cell
