"""When a cell is free, whose commands it obeys, and when it is over: in virtual time, with the fake endpoint."""

from pathlib import Path

import pytest

from apps.telephony.cell.cell import FAREWELL_SECONDS, LINGER_SECONDS, Cell
from apps.telephony.cell.fake import FakeNetwork
from apps.telephony.protocol import (
    Answer,
    CellReport,
    Dial,
    HangUp,
    LegArrived,
    LegEnded,
    LegEvent,
    Record,
    RecordingStopped,
    Report,
    Retire,
)


class Life:
    """A cell that Kari can call."""

    def __init__(self) -> None:
        self.network = FakeNetwork()
        self.posted: list[LegEvent] = []
        self.calls: list[str] = []
        self.cell = Cell(
            "cell-1",
            lambda emit: self.network.endpoint("10.0.0.1:5060", emit),
            post=self.posted.append,
            taken=self.calls.append,
            now=lambda: self.network.now,
            new_id=lambda: "call-1",
        )
        self.heard: list[LegEvent] = []
        self.kari = self.network.endpoint(
            "10.0.0.2:5060", lambda kind, **fields: self.heard.append(kind(cell="k", call="k", at=0, **fields))
        )

    def kari_calls(self, leg: str = "kari") -> None:
        self.kari.dial(Dial(call="k", leg=leg, uri="sip:+4722334455@10.0.0.1:5060", caller="+4791234567"))
        self.network.advance(0.1)

    def connected(self) -> "Life":
        self.kari_calls()
        self.cell.obey(Answer(call="call-1", leg="kari"))
        self.network.advance(0.1)
        return self

    def over(self, *, wanted: bool = True) -> bool:
        return self.cell.over(self.network.now, wanted=wanted)


@pytest.fixture
def life() -> Life:
    return Life()


def test_an_invite_gives_a_free_cell_its_call(life: Life) -> None:
    life.kari_calls()
    (arrived,) = life.posted
    assert isinstance(arrived, LegArrived)
    assert (arrived.cell, arrived.call, life.calls) == ("cell-1", "call-1", ["call-1"])


def test_a_dial_gives_a_free_cell_its_call(life: Life) -> None:
    life.cell.obey(Dial(call="callback", leg="out", uri="sip:1@10.0.0.2:5060"))
    life.network.advance(0.1)
    assert (life.cell.call, life.calls, isinstance(life.heard[0], LegArrived)) == ("callback", ["callback"], True)


def test_a_second_invite_is_refused_and_not_told(life: Life) -> None:
    life.connected()
    before = len(life.posted)
    life.kari_calls("second")
    assert life.heard[-1] == LegEnded(cell="k", call="k", at=0, leg="second", code=486, by_us=False)
    assert len(life.posted) == before


def test_commands_of_another_call_are_ignored(life: Life) -> None:
    life.connected()
    for command in (HangUp(call="other", leg="kari"), Retire(call="other"), Report(call="other")):
        life.cell.obey(command)
    life.network.advance(0.1)
    assert not [event for event in life.posted if isinstance(event, LegEnded | CellReport)]


def test_a_report_tells_the_legs(life: Life) -> None:
    life.connected()
    life.cell.obey(Report(call="call-1"))
    report = life.posted[-1]
    assert isinstance(report, CellReport)
    assert [(status.leg, status.answered) for status in report.legs] == [("kari", True)]


def test_a_free_cell_is_over_when_nobody_wants_it(life: Life) -> None:
    assert not life.over()
    assert life.over(wanted=False)


def test_a_cell_with_a_call_is_not_over_although_its_supervisor_is(life: Life) -> None:
    assert not life.connected().over(wanted=False)


def test_a_cell_waits_a_while_after_its_last_leg(life: Life) -> None:
    life.connected()
    life.kari.hang_up(HangUp(call="k", leg="kari"))
    life.network.advance(LINGER_SECONDS - 1)
    assert not life.over()
    life.network.advance(2)
    assert life.over()


def test_a_retired_cell_hangs_up_and_is_over(life: Life) -> None:
    life.connected()
    life.cell.obey(Retire(call="call-1"))
    assert not life.over()
    life.network.advance(FAREWELL_SECONDS + 0.1)
    assert life.over()
    assert isinstance(life.heard[-1], LegEnded)


def test_a_retired_cell_waits_for_its_recordings(life: Life, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    life.connected()
    life.cell.obey(Record(call="call-1", recording="r", path=str(tmp_path / "r.wav"), left=("kari",), right=()))
    monkeypatch.setattr(life.cell.endpoint, "report", lambda: ((), ("r",)))
    life.cell.obey(Retire(call="call-1"))
    life.network.advance(FAREWELL_SECONDS + 1)
    assert not life.over()
    monkeypatch.undo()
    assert life.over()
    assert isinstance(life.posted[-1], RecordingStopped)


def test_a_retired_cell_takes_no_call_any_more(life: Life) -> None:
    life.cell.retire()
    life.kari_calls()
    assert isinstance(life.heard[-1], LegEnded)
    assert life.posted == []
