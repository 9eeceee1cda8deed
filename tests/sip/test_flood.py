"""Floods at the trunk port: who sends too much harms himself, strangers are dropped and counted, others lose nothing (PF-10)."""

import asyncio
import socket
import time
from collections import Counter
from ipaddress import ip_network

import pytest

from apps.telephony.frontdoor import lanes
from apps.telephony.frontdoor.configuration import TrunkConfig
from tests.conftest import free_port
from tests.sip.door import Door
from tests.sip.floods import Flood, asked

FLOODER, OTHER, STRANGER = "127.0.0.2", "127.0.0.3", "127.0.0.9"
TRUNKS = (TrunkConfig("1", "Telenor", (FLOODER,)), TrunkConfig("2", "Telia", (OTHER,)))
CELLS = (ip_network("127.0.0.1/32"),)
PER_SECOND = 10_000


@pytest.fixture
def door(redis_url, tmp_path):
    with Door(redis_url, tmp_path, trunks=TRUNKS) as door:
        yield door


class Ears:
    """Lanes on a port of their own, and who was heard."""

    def __init__(self, *, worth: bool = True) -> None:
        self.port, self.heard, self.worth = free_port(), Counter(), worth
        self.lanes = lanes.Lanes(self._heard)
        self.lanes.open("127.0.0.1", self.port)
        self.lanes.steer(CELLS, TRUNKS)

    def _heard(self, data: bytes, host: str, port: int) -> bool:
        self.heard[host] += 1
        return self.worth

    def send(self, source: str, times: int = 1) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
            wire.bind((source, 0))
            for _ in range(times):
                wire.sendto(b"x" * 100, ("127.0.0.1", self.port))

    async def until(self, true) -> None:
        async with asyncio.timeout(5):
            while not true():  # noqa: ASYNC110 - the sockets are read in this loop
                await asyncio.sleep(0.001)


async def test_strangers_cost_nothing_and_are_counted_exactly():
    """The kernel drops them; not one byte reaches the process."""
    ears = Ears()
    for source in (STRANGER, OTHER, "127.0.0.1", STRANGER):
        ears.send(source, 500)
    await ears.until(lambda: ears.heard == {OTHER: 500, "127.0.0.1": 500})
    assert ears.lanes.dropped() == (1_000, 0)
    assert ears.lanes.dropped() == (0, 0)
    ears.lanes.close()


async def test_a_full_lane_leaves_the_others_their_room(monkeypatch):
    """What the flood of one trunk cannot put into its own lane is lost to that trunk, and counted."""
    monkeypatch.setattr(lanes, "RECEIVE_BUFFER", 65_536)
    ears = Ears()
    ears.send(FLOODER, 3_000)
    ears.send(OTHER, 50)
    await ears.until(lambda: ears.heard[OTHER] == 50)
    lost = ears.lanes.dropped()[1]
    await ears.until(lambda: ears.heard[FLOODER] == 3_000 - lost)
    assert lost > 1_000
    ears.lanes.close()


async def test_trunks_take_turns():
    """A lane that is full of work waits after a few messages."""
    ears, order = Ears(), []
    ears.lanes.heard = lambda data, host, port: order.append(host) or True
    ears.send(FLOODER, 100)
    ears.send(OTHER, 3)
    await ears.until(lambda: len(order) == 103)
    assert order.index(OTHER) <= lanes.WORK_A_TURN
    ears.lanes.close()


async def test_a_lane_that_is_read_in_vain_rests():
    """A flood costs little, however strong it is: what is dropped is read in portions, with pauses."""
    ears = Ears(worth=False)
    ears.send(FLOODER, 3 * lanes.READ_A_TURN)
    began = time.monotonic()
    await ears.until(lambda: ears.heard[FLOODER] == 3 * lanes.READ_A_TURN)
    assert time.monotonic() - began >= 2 * lanes.REST_SECONDS
    ears.lanes.close()


async def test_a_trunk_that_is_new_is_heard_and_one_that_is_gone_is_not():
    ears = Ears()
    ears.lanes.steer(CELLS, (TrunkConfig("3", "new", ("127.0.0.8/30", "::1", "nonsense")),))
    ears.send(FLOODER)
    ears.send("127.0.0.10")
    await ears.until(lambda: ears.heard == {"127.0.0.10": 1})
    ears.lanes.close()


def test_the_narrowest_network_names_the_lane():
    """AN-03: as in `FrontDoorConfig.trunk_of`; cells come first, IPv6 has no lanes."""
    wide, narrow = TrunkConfig("1", "wide", ("0.0.0.0/0", "::/0")), TrunkConfig("2", "narrow", ("192.0.2.0/24",))
    planned = lanes.plan(CELLS, (wide, narrow))
    assert [(str(net), lane) for net, lane in planned] == [("127.0.0.1/32", 0), ("192.0.2.0/24", 2), ("0.0.0.0/0", 1)]


async def test_a_kernel_that_steers_nothing_has_one_lane_and_hears_everybody(monkeypatch):
    monkeypatch.setattr(lanes, "_attach", lambda *_: False)
    ears = Ears()
    for source in (FLOODER, OTHER, STRANGER):
        ears.send(source)
    await ears.until(lambda: ears.heard == {FLOODER: 1, OTHER: 1, STRANGER: 1})
    ears.lanes.close()


@pytest.mark.media
@pytest.mark.quiet
def test_a_strangers_flood_gets_no_byte_back_is_counted_exactly_and_delays_nobody(door):
    """PF-10."""
    with Flood(door.port, STRANGER, PER_SECOND) as flood:
        _, lost = asked(door.port, OTHER, times=30, pause=0.01, patience=5)
    assert (lost, flood.heard) == (0, 0)
    assert flood.sent > 1_000
    door.until(lambda: door.counts().get("stranger", 0) >= flood.sent, "all are counted", 6)
    assert door.counts()["stranger"] == flood.sent


@pytest.mark.media
@pytest.mark.quiet
def test_a_trunks_flood_is_cut_and_another_trunk_loses_nothing(door):
    """PF-10: benchmarks/flood.py measures the delay."""
    with Flood(door.port, FLOODER, PER_SECOND) as flood:
        _, lost = asked(door.port, OTHER, times=60, pause=0.01, patience=5)
    assert lost == 0
    door.until(lambda: door.counts().get("flood", 0) > 0, "it is cut", 6)
    assert flood.heard < flood.sent / 2
    assert asked(door.port, FLOODER, times=1, pause=0, patience=5)[1] == 0, "in peace it is served again"
