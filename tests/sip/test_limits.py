"""How much one source may send (PF-10), and how telephone numbers are read."""

import asyncio
import contextlib

import pytest

from apps.telephony.frontdoor import framing, sockets
from apps.telephony.frontdoor.limits import Buckets
from contactcenter.lib import phone
from tests.conftest import free_port


def test_a_source_gets_its_burst_and_then_its_rate():
    buckets = Buckets(rate=10, burst=5)
    assert [buckets.allows("a", 0.0) for _ in range(7)] == [True] * 5 + [False] * 2
    assert buckets.allows("b", 0.0)
    assert [buckets.allows("a", 0.2) for _ in range(3)] == [True, True, False]
    assert [buckets.allows("a", 9.0) for _ in range(6)] == [True] * 5 + [False]


def test_sources_unheard_of_longest_are_forgotten():
    buckets = Buckets(rate=1, burst=1, sources=2)
    for source in ("a", "b", "c"):
        assert buckets.allows(source, 0.0)
    assert buckets.allows("a", 0.0)
    assert not buckets.allows("c", 0.0)


async def test_one_host_does_not_take_all_connections(monkeypatch):
    """PF-10: another trunk still gets in."""
    monkeypatch.setattr(sockets, "MAX_OF_ONE_HOST", 3)
    door, port = sockets.Sockets(lambda *message: True, lambda host: True), free_port()
    await door.open("127.0.0.1", port)
    greedy = [await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.2", 0)) for _ in range(4)]
    with contextlib.suppress(ConnectionResetError):
        assert await asyncio.wait_for(greedy[3][0].read(), 5) == b"", "it is closed"
    reader, other = await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.3", 0))
    other.write(framing.PING)
    assert await asyncio.wait_for(reader.readexactly(2), 5) == framing.PONG
    assert sorted(connection.host for connection in door.connections.values()) == ["127.0.0.2"] * 3 + ["127.0.0.3"]
    for stream in (other, *(writer for _, writer in greedy)):
        stream.close()
    await door.close()


@pytest.mark.parametrize("text", ["+4722334455", "004722334455", "4722334455", "22334455", "22 33 44 55", "+47 (22) 33-44-55"])
def test_a_number_is_read_in_every_spelling(text):
    """AN-01."""
    assert phone.e164(text, "NO") == "+4722334455"


@pytest.mark.parametrize("text", ["", "113", "1881", "anonymous", "+", "1-800-FLOWERS", "9" * 50, "+999999999999"])
def test_what_is_no_number_is_none(text):
    assert phone.e164(text, "NO") is None


def test_numbers_as_people_write_them():
    assert phone.pretty("+4722334455", "NO") == "22 33 44 55"
    assert phone.pretty("+4722334455", "SE") == "+47 22 33 44 55"
    assert phone.pretty("113", "NO") == "113"
    assert phone.national("+4722334455", "NO") == "22334455"
    assert phone.national("+4722334455", "SE") == "+4722334455"
