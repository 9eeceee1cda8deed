"""The pool of cells with real processes: births, deaths, draining, kills. Nothing is left behind. (PL-01, PL-03)"""

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.telephony import leases
from apps.telephony.cell import stereo
from apps.telephony.cell.blocks import SIZE, Blocks, NoPorts
from apps.telephony.cell.pool import PoolSettings
from apps.telephony.protocol import CellLost, CellReport, Dial, HangUp, LegEnded, Record, RecordingStopped, Report, Retire
from contactcenter.lib import bus
from tests.conftest import START_SECONDS
from tests.ports import OURS
from tests.telephony.pools import Office, eventually

pytestmark = pytest.mark.media


@pytest.fixture
def office(redis_url: str) -> Iterator[Office]:
    found = Office(redis_url)
    yield found
    found.close()


def test_warm_cells_are_offered_and_replaced_when_they_are_taken(office: Office) -> None:
    calls = [office.connect() for _ in range(3)]
    assert len({cell.address for call in calls for cell in (call.out, call.into)}) == 6
    assert not office.heard(LegEnded)


def test_there_are_never_more_cells_than_allowed(redis_url: str) -> None:
    office = Office(redis_url, warm=2, most=3)
    try:
        office.connect()
        office.lease()
        eventually(lambda: leases.take(office.redis) == "full", "no room")
        assert len(office.cells()) == 3 + 1  # the warm parent
    finally:
        office.close()


def test_a_busy_cell_refuses_a_second_call_and_keeps_the_first(office: Office) -> None:
    first = office.connect()
    third = office.lease()
    office.order(third.cell, Dial, "third", leg="leg3", uri=f"sip:1@{first.into.address}")
    assert office.hear(LegEnded, cell=third.cell).code == 486
    office.order(first.into.cell, Report, first.arrived.call)
    assert len(office.hear(CellReport, cell=first.into.cell).legs) == 1


def test_a_cell_obeys_only_the_call_that_it_has(office: Office) -> None:
    first = office.connect()
    office.order(first.into.cell, HangUp, "another", leg=first.arrived.leg)
    office.order(first.into.cell, Report, first.arrived.call)
    assert len(office.hear(CellReport, cell=first.into.cell).legs) == 1


def test_a_retired_cell_hangs_up_and_goes_and_nobody_calls_it_lost(office: Office) -> None:
    first = office.connect()
    pid = office.pid(first.into)
    office.order(first.into.cell, Retire, first.arrived.call)
    assert office.hear(LegEnded, cell=first.into.cell).by_us
    assert office.hear(LegEnded, cell=first.out.cell).code == 200
    eventually(lambda: pid not in office.cells(), "the cell's end")
    assert not office.heard(CellLost)
    assert not office.redis.exists(bus.cell_stream(first.into.cell))


def test_a_killed_cell_is_reported_with_its_call_and_replaced(office: Office) -> None:
    first = office.connect()
    os.kill(office.pid(first.into), signal.SIGKILL)
    assert office.hear(CellLost, cell=first.into.cell).call == first.arrived.call
    office.connect()


def test_the_recording_of_a_killed_cell_is_recovered(office: Office, tmp_path: Path) -> None:
    """RC-02: a kill loses less than a second of sound."""
    first = office.connect()
    pid, path = office.pid(first.into), tmp_path / "r.wav"
    ordered = time.monotonic()
    office.order(first.into.cell, Record, first.arrived.call, recording="r", path=str(path), left=(first.arrived.leg,), right=())
    eventually(lambda: stereo.parts(path)[1].exists(), "the recording begins")
    began = time.monotonic()
    eventually(lambda: stereo.parts(path)[1].stat().st_size > 16_000, "a second on the disk")
    os.kill(pid, signal.SIGKILL)
    killed = time.monotonic()
    office.hear(CellLost, cell=first.into.cell)
    assert not path.exists()
    seconds = stereo.recover(path)
    assert seconds is not None
    assert max(0.9, killed - began - 1.0) < seconds < killed - ordered
    assert [found.name for found in tmp_path.iterdir()] == ["r.wav"]


def test_a_killed_warm_parent_is_replaced_and_calls_go_on(office: Office) -> None:
    first = office.connect()
    parents = office.cells()
    warm_parent = next(pid for pid, parent in parents.items() if parent == office.supervisor.pid)
    os.kill(warm_parent, signal.SIGKILL)
    eventually(lambda: warm_parent not in office.cells(), "its death")
    office.connect()
    office.order(first.into.cell, Report, first.arrived.call)
    assert len(office.hear(CellReport, cell=first.into.cell).legs) == 1
    assert not office.heard(CellLost)


def room(office: Office) -> int:
    """Cells that the supervisor could still start, as it tells those who look for one."""
    return int(office.redis.hvals(leases.ROOM)[0].split()[0])


def kill_supervisor(office: Office) -> None:
    os.kill(office.supervisor.pid, signal.SIGKILL)
    office.supervisor.wait()


def test_without_a_supervisor_calls_go_on_and_free_cells_take_new_ones(office: Office) -> None:
    """PF-08: nobody has to wait for the next supervisor."""
    first = office.connect()
    eventually(lambda: len(office.cells()) == 5, "two free cells again, and the warm parent")
    kill_supervisor(office)
    office.connect()
    office.order(first.into.cell, Report, first.arrived.call)
    assert len(office.hear(CellReport, cell=first.into.cell).legs) == 1


def test_the_next_supervisor_adopts_cells_and_learns_of_their_deaths(office: Office) -> None:
    """The far end of an adopted cell is told too: what is owed came with it."""
    first = office.connect()
    kill_supervisor(office)
    office.start()
    eventually(lambda: room(office) <= 2, "the new one has adopted two cells with a call and two free ones", START_SECONDS)
    second = office.connect()
    addresses = {cell.address for cell in (first.out, first.into, second.out, second.into)}
    assert len(addresses) == 4
    os.kill(office.pid(first.into), signal.SIGKILL)
    assert office.hear(CellLost, cell=first.into.cell).call == first.arrived.call
    assert office.hear(LegEnded, cell=first.out.cell).code == 200


def test_adopted_cells_count_and_end_with_their_new_supervisor(redis_url: str) -> None:
    office = Office(redis_url, warm=2, most=4)
    try:
        first = office.connect()
        eventually(lambda: len(office.cells()) == 4 + 1, "as many as may be, and the warm parent")
        kill_supervisor(office)
        office.start()
        eventually(lambda: room(office) == 0, "no room for more", START_SECONDS)
        office.supervisor.terminate()
        office.order(first.into.cell, Retire, first.arrived.call)
        assert office.supervisor.wait(10) == 0
        assert office.cells() == {}
    finally:
        office.close()


def test_a_stranger_at_the_supervisors_door_is_not_let_in(office: Office) -> None:
    """What is no cell's word ends the conversation; calls go on."""
    first = office.connect()
    door = PoolSettings("test-machine", office.redis_url, 2, 6, "127.0.0.1", "127.0.0.1", (32_000, 33_999)).door
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as stranger:
        stranger.settimeout(5)
        stranger.connect(door)
        stranger.send(b"let me in")
        assert stranger.recv(100) == b""
    office.order(first.into.cell, Report, first.arrived.call)
    assert len(office.hear(CellReport, cell=first.into.cell).legs) == 1


def test_draining_ends_free_cells_and_lets_calls_finish(office: Office) -> None:
    first = office.connect()
    busy = {office.pid(first.into), office.pid(first.out)}
    office.supervisor.terminate()
    eventually(
        lambda: set(office.cells().values()) != set() and len(office.cells()) == len(busy) + 1, "only those with a call, and the parent"
    )
    assert leases.take(office.redis) == "full"
    office.order(first.out.cell, HangUp, "out", leg="leg")
    office.hear(LegEnded, cell=first.into.cell)
    assert office.supervisor.wait(10) == 0
    assert office.cells() == {}
    assert not office.heard(CellLost)


def test_when_all_is_stopped_calls_end_and_recordings_are_complete(office: Office, tmp_path: Path) -> None:
    """Ctrl-C at honcho: SIGTERM to the whole process group."""
    first = office.connect()
    office.order(
        first.into.cell, Record, first.arrived.call, recording="r", path=str(tmp_path / "r.wav"), left=(first.arrived.leg,), right=()
    )
    eventually(lambda: (tmp_path / "r.wav.right.wav").exists(), "the recording runs")
    os.killpg(office.supervisor.pid, signal.SIGTERM)
    assert office.supervisor.wait(10) == 0
    assert office.cells() == {}
    assert office.hear(RecordingStopped, recording="r").error == ""
    assert (tmp_path / "r.wav").exists()


def test_blocks_of_ports_that_somebody_uses_are_left_out() -> None:
    low = OURS.take(3 * SIZE)[0]
    blocks = Blocks(low, low + 3 * SIZE - 1, "127.0.0.1", "127.0.0.1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as squatter:
        squatter.bind(("127.0.0.1", low + SIZE + 5))
        got = [blocks.take(), blocks.take()]
        assert sorted(place.sip_port for place in got) == [low, low + 2 * SIZE]
        with pytest.raises(NoPorts):
            blocks.take()
    blocks.give_back(got[0])
    assert {blocks.take().sip_port, blocks.take().sip_port} == {got[0].sip_port, low + SIZE}
