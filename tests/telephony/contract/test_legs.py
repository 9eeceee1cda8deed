"""Legs: how they arrive, are dialled, answered, refused and ended, and what a cell tells of them."""

from pathlib import Path

import pytest

from apps.telephony.protocol import (
    Answer,
    CellReport,
    Dial,
    HangUp,
    LegAnswered,
    LegArrived,
    LegEnded,
    LegRinging,
    LegStatus,
    MediaBack,
    MediaLost,
    Mix,
    Play,
    Proof,
    Record,
    Report,
    Ring,
    SendDigits,
    StopPlay,
    StopRecord,
)
from contactcenter.lib.secrets import seal
from tests import tones
from tests.telephony.contract.calls import MUSIC, call
from tests.telephony.worlds import Party, World, said, until


def test_a_call_arrives_rings_is_answered_and_ends(world: World) -> None:
    kari, cell = world.party(), world.party()
    kari.do(Dial, leg="kari", uri=f"sip:+4722334455@{cell.address}", caller="+4791234567", caller_name='Kari "K" Ås')
    arrived = until(world, cell, LegArrived)
    assert (arrived.leg, arrived.caller, arrived.caller_name, arrived.dialled) == ("kari", "+4791234567", 'Kari "K" Ås', "+4722334455")
    cell.do(Ring, leg="kari")
    until(world, kari, LegRinging, leg="kari")
    cell.do(Answer, leg="kari")
    until(world, kari, LegAnswered)
    until(world, cell, LegAnswered)
    kari.do(HangUp, leg="kari")
    ended = until(world, cell, LegEnded)
    assert (ended.code, ended.by_us, ended.quality is not None) == (200, False, True)
    assert until(world, kari, LegEnded).by_us
    assert [type(event) for event in cell.events] == [LegArrived, LegAnswered, LegEnded]


def test_the_cell_hangs_up(pair: tuple[World, Party, Party]) -> None:
    world, telephone, cell = pair
    cell.do(HangUp, leg="kari")
    assert (until(world, cell, LegEnded).code, said(cell, LegEnded)[0].by_us) == (200, True)
    assert (until(world, telephone, LegEnded).code, said(telephone, LegEnded)[0].by_us) == (200, False)


def test_a_withheld_number_arrives_as_nothing(world: World) -> None:
    kari, cell = world.party(), world.party()
    kari.do(Dial, leg="kari", uri=f"sip:22334455@{cell.address}", caller="", caller_name="Kari")
    arrived = until(world, cell, LegArrived)
    assert (arrived.caller, arrived.caller_name) == ("", "")


def test_headers_of_front_door_arrive(world: World) -> None:
    kari, cell = world.party(), world.party()
    kari.do(Dial, leg="kari", uri=f"sip:22334455@{cell.address}", headers={"X-CC-Trunk": "7", "X-CC-Test": "token"})
    arrived = until(world, cell, LegArrived)
    assert (arrived.trunk, arrived.test) == ("7", "token")


def test_a_busy_party_refuses(world: World) -> None:
    kari, ola = world.party(), world.party()
    kari.do(Dial, leg="kari", uri=f"sip:ola@{ola.address}")
    until(world, ola, LegArrived)
    ola.do(HangUp, leg="kari", code=486)
    assert (until(world, kari, LegEnded).code, said(kari, LegEnded)[0].by_us) == (486, False)
    assert (until(world, ola, LegEnded).code, said(ola, LegEnded)[0].by_us) == (486, True)


def test_a_password_that_nobody_asks_for_changes_nothing(world: World) -> None:
    """AN-03: a trunk without challenges may have an account all the same; who does ask is in test_calls_that_prove_who_calls.py."""
    kari, ola = world.party(), world.party()
    kari.do(
        Dial, leg="kari", uri=f"sip:ola@{ola.address}", caller="+4722334455", home="operator.example", proof=Proof("anna", seal("s3cret"))
    )
    assert until(world, ola, LegArrived).caller == "+4722334455"


def test_a_dial_that_nobody_answers_gives_up(world: World) -> None:
    kari, ola = world.party(), world.party()
    kari.do(Dial, leg="kari", uri=f"sip:ola@{ola.address}", timeout=0.5)
    until(world, ola, LegArrived)
    ola.do(Ring, leg="kari")
    ended = until(world, kari, LegEnded)
    assert (ended.code, ended.by_us, ended.quality) == (408, False, None)
    assert until(world, ola, LegEnded).code == 487


@pytest.mark.parametrize("unless_answered", [False, True])
def test_a_dial_is_taken_back(world: World, unless_answered: bool) -> None:
    kari, ola = world.party(), world.party()
    kari.do(Dial, leg="kari", uri=f"sip:ola@{ola.address}")
    until(world, ola, LegArrived)
    ola.do(Ring, leg="kari")
    until(world, kari, LegRinging)
    kari.do(HangUp, leg="kari", unless_answered=unless_answered)
    assert (until(world, kari, LegEnded).code, said(kari, LegEnded)[0].by_us) == (487, True)
    assert (until(world, ola, LegEnded).code, said(ola, LegEnded)[0].by_us) == (487, False)


def test_a_dial_that_was_answered_in_the_last_moment_is_not_taken_back(world: World) -> None:
    kari, ola = world.party(), world.party()
    call(world, kari, ola, "kari")
    kari.do(HangUp, leg="kari", code=487, unless_answered=True)
    kari.do(Report)
    assert until(world, kari, CellReport).legs == (LegStatus("kari", True),)
    assert not said(kari, LegEnded)


def test_a_dial_to_nowhere_ends(world: World) -> None:
    kari = world.party()
    kari.do(Dial, leg="kari", uri="sip:ola@127.0.0.1:9", timeout=0.5)
    ended = until(world, kari, LegEnded)
    assert ended.code in (408, 503)
    assert not ended.by_us


@pytest.mark.parametrize("where", [{"uri": "nonsense"}, {"uri": "sip:1@10.9.9.9", "route": "no route"}])
def test_a_dial_that_makes_no_sense_ends(world: World, where: dict[str, str]) -> None:
    kari = world.party()
    kari.do(Dial, leg="kari", **where)
    assert until(world, kari, LegEnded, leg="kari").code == 503


def test_there_is_room_for_four_legs(world: World) -> None:
    cell, others = world.party(), [world.party(), world.party()]
    for number in range(4):
        call(world, others[number // 2], cell, f"leg{number}")
    kari = world.party()
    kari.do(Dial, leg="fifth", uri=f"sip:1@{cell.address}")
    assert until(world, kari, LegEnded).code == 486
    assert not said(cell, LegArrived, leg="fifth")


def test_a_report_tells_legs_and_recordings(pair: tuple[World, Party, Party], tmp_path: Path) -> None:
    world, _, cell = pair
    nobody = world.party()
    cell.do(Dial, leg="ola", uri=f"sip:ola@{nobody.address}")
    cell.do(Record, recording="r", path=str(tmp_path / "r.wav"), left=("kari",), right=())
    until(world, nobody, LegArrived)
    cell.do(Report)
    report = until(world, cell, CellReport)
    assert sorted(report.legs, key=lambda status: status.leg) == [LegStatus("kari", True), LegStatus("ola", False)]
    assert report.recordings == ("r",)


def test_commands_for_legs_that_are_gone_are_ignored(pair: tuple[World, Party, Party], tmp_path: Path) -> None:
    world, _, cell = pair
    before = list(cell.events)
    tone = str(tones.tone_wav(tmp_path / "tone.wav", MUSIC, 0.2))
    for kind, fields in (
        (Ring, {}),
        (Answer, {}),
        (HangUp, {}),
        (SendDigits, {"digits": "1"}),
        (Play, {"playback": "p", "files": (tone,)}),
        (StopPlay, {"playback": "p"}),
    ):
        cell.do(kind, leg="gone", **fields)
    cell.do(StopRecord, recording="gone")
    cell.do(Mix, edges=(("gone", "kari"), ("kari", "gone")))
    world.spend(0.5)
    assert cell.events == before


def test_a_leg_that_falls_silent_is_reported_and_so_is_its_return(pair: tuple[World, Party, Party]) -> None:
    world, telephone, cell = pair
    world.spend(1.0)
    assert not said(cell, MediaLost)
    telephone.freeze()
    lost = until(world, cell, MediaLost, leg="kari")
    assert 3.0 <= lost.seconds < 4.0
    telephone.thaw()
    until(world, cell, MediaBack, leg="kari", within=2)
    assert len(said(cell, MediaLost)) == 1
