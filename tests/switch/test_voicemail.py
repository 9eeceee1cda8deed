"""IV-01: a message on its way through the switch: what its cell is told, and what becomes a fact whenever the call ends."""

import pytest
from msgspec.structs import replace

from apps.events import vocabulary as v
from apps.flows.graph import FlowGraph
from apps.flows.kinds import HangUp, Message, Voicemail
from apps.switch.core import Core
from apps.switch.restoring import restore
from apps.telephony import protocol as t
from tests.switch.company import WELCOME, Caller, Company, configuration

BEEP = "/audio/beep.wav"


def night() -> Company:
    steps = (
        Voicemail(id=1, name="Voicemail", prompt=1, exits={"next": 2, "empty": 3}),
        Message(id=2, name="Thanks", prompts=(1,), exits={"next": 3}),
        HangUp(id=3, name="Goodbye"),
    )
    graph = FlowGraph(version=1, flow=1, name="Night", language="nb", start=1, default_exit=3, steps={step.id: step for step in steps})
    sounds = {"prompts": {1: {"nb": WELCOME}, 8: {"nb": BEEP}, 9: {"nb": "/audio/question.wav"}}}
    return Company(replace(configuration(graph), **sounds, system_sounds={"beep": 8, "keep_or_again": 9}))


@pytest.fixture
def office() -> Company:
    return night()


@pytest.fixture
def kari(office) -> Caller:
    """She speaks."""
    kari = office.caller()
    kari.hears_all()
    office.passes(12)
    return kari


def tape(office: Company) -> t.Record:
    return office.told(t.Record)[-1]


def closes(caller: Caller, seconds: float = 12.0, error: str = "") -> None:
    record = tape(caller.company)
    caller.event(t.RecordingStopped, recording=record.recording, path=record.path, seconds=seconds, error=error)


def test_the_caller_alone_is_recorded(office, kari):
    assert office.told(t.Play)[0].files == (WELCOME, BEEP)
    assert (tape(office).left, tape(office).right) == ((f"{kari.id}-caller",), ())
    began = office.of(v.RecordingBegan)[0]
    assert (began.tape, began.agent, began.mode, began.path) == ("voicemail", None, "", tape(office).path)
    assert began.path == f"/recordings/incoming/1970-01-01/{began.recording}.wav"


def test_a_message_is_closed_heard_and_kept(office, kari):
    kari.presses("#")
    assert [stop.recording for stop in office.told(t.StopRecord)] == [tape(office).recording]
    closes(kari)
    kari.presses("2")
    assert office.told(t.Play)[-1].files == (tape(office).path, "/audio/question.wav")
    kari.presses("1")
    left = office.of(v.VoicemailLeft)[0]
    assert (left.recording, left.seconds) == (tape(office).recording, 12.0)
    assert office.told(t.Play)[-1].files == (WELCOME,)


def test_whoever_hangs_up_has_left_his_message_and_its_file_is_closed(office, kari):
    kari.hangs_up()
    assert office.of(v.VoicemailLeft)[0].seconds == 12.0
    assert office.told(t.StopRecord)
    closes(kari)
    assert office.of(v.RecordingFinished)[0].seconds == 12.0
    kinds = [type(fact).__name__ for fact in office.facts]
    assert kinds.index("VoicemailLeft") < kinds.index("CallEnded")


def test_when_the_cell_dies_the_message_is_told_all_the_same(office, kari):
    """RC-06: its parts are on the disk, and are put together when it is stored."""
    office.tell(t.CellLost(cell=f"cell-{kari.id}", call=kari.id, at=office.now))
    assert office.of(v.VoicemailLeft) and office.of(v.CallEnded)[0].cause == "cell_lost"


def test_a_switch_that_takes_over_goes_on_with_the_message(office, kari):
    world = office.core.world
    office.core = Core(world.configuration)
    restore(office.core.world, office.now, world.calls.values(), world.agents.values(), world.graphs)
    office.take(office.core.world.take_outcome())
    assert (tape(office).recording, tape(office).left) == (f"{kari.id}-m1.0", (f"{kari.id}-caller",))
    kari.presses("#")
    closes(kari)
    kari.presses("1")
    assert office.of(v.VoicemailLeft)


def test_a_recording_that_cannot_be_written_does_not_drop_the_caller(office, kari):
    """IV-09"""
    closes(kari, 0.0, "No space left on device")
    assert office.of(v.StepFailed)


def test_music_and_talk_are_not_on_the_tape_of_a_caller(office, kari):
    """What is recorded is said for each state of the call, not only for the one in which it began."""
    assert all(record.right == () for record in office.told(t.Record))
