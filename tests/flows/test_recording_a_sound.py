"""AU-02: speaking a sound by telephone: nothing is taken unless it is saved."""

import msgspec
import pytest

from apps.events.vocabulary import PromptRecorded, RecordingDiscarded
from apps.flows import interpreter as f
from apps.flows.errands import LANGUAGES, RECORD_PROMPT, errand
from apps.flows.graph import FlowGraph

TAPE = "call-1-m1.0"


class Speaker:
    def __init__(self) -> None:
        self.graph = errand(RECORD_PROMPT, "en")
        self.now = 1000.0
        self.run, self.said = f.start(self.graph, self.now, "call-1")

    def hears(self, *inputs: f.Input) -> list:
        for heard in inputs:
            self.run, self.said = f.handle(self.graph, self.run, heard, self.now)
        return self.said

    def has_spoken(self) -> "Speaker":
        self.hears(f.Played())
        self.now += 5
        self.hears(f.DigitPressed("#"), f.Taped(TAPE, 5.0))
        return self

    def told(self, kind: type) -> list:
        return [said for said in self.said if isinstance(said, kind)]


def test_after_the_tone_he_is_recorded_and_asked():
    anna = Speaker()
    assert f.PlayPrompts(("record_after_tone", "beep"), barge_in=True) in anna.said
    assert anna.hears(f.Played()) == [f.StartTape(TAPE, "prompt")]
    anna.now += 5
    assert anna.hears(f.DigitPressed("#")) == [f.StopTape(TAPE)]
    assert anna.hears(f.Taped(TAPE, 5.0)) == [f.PlayPrompts(("keep_or_again",), barge_in=True)]


def test_1_saves_and_the_call_ends():
    anna = Speaker().has_spoken()
    anna.hears(f.DigitPressed("1"))
    assert [fact.recording for fact in anna.told(PromptRecorded)] == [TAPE]
    assert anna.run.over


def test_2_plays_it_and_3_records_it_again():
    anna = Speaker().has_spoken()
    assert f.PlayPrompts((f.Tape(TAPE), "keep_or_again"), barge_in=True) in anna.hears(f.DigitPressed("2"))
    anna.hears(f.DigitPressed("3"))
    assert anna.told(RecordingDiscarded) and not anna.told(PromptRecorded)
    assert anna.hears(f.Played()) == [f.StartTape("call-1-m1.1", "prompt")]


@pytest.mark.parametrize("moment", ["speaking", "asked", "silent"])
def test_nothing_is_saved_by_hanging_up_or_saying_nothing(moment):
    """AU-02: nothing replaces the old version."""
    anna = Speaker()
    if moment == "speaking":
        anna.hears(f.Played())
    else:
        anna.has_spoken()
    if moment == "silent":
        for _ in range(3):
            anna.hears(f.Played())
            anna.now += 5
            anna.hears(f.TimePassed())
        assert anna.run.over
    else:
        anna.hears(f.CallerGone())
    assert not anna.told(PromptRecorded) and anna.told(RecordingDiscarded)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_switch_that_takes_over_knows_the_flow_from_its_snapshot(language):
    graph = errand(RECORD_PROMPT, language)
    assert msgspec.json.decode(msgspec.json.encode(graph), type=FlowGraph) == graph
    assert graph.version < 0 and graph.language == language
