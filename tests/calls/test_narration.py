"""A call is told in sentences (AR-02, IV-05, QU-14)."""

import typing

import pytest
from django.utils import translation

from apps.audio.models import Prompt
from apps.calls import narration, wording
from apps.calls.references import References
from apps.events import vocabulary as v
from tests.calls.story import CALL, OTHER_CALL, RECORDING, START, Company, entries, facts

TOLD = [
    # seconds after the start, sentence, seconds it took
    (0.0, "22 33 44 55 called 800 12 345", None),
    (0.2, "Message «Welcome»: played to the end after 3.0 s", 3.0),
    (3.2, "Menu «Main menu»: chose 1 Invoice after 4.2 s", 4.2),
    (7.4, "Queue step «Invoice queue»: answered", None),
    (7.4, "Waiting in the queue Support, number 2", None),
    (10.0, "Offered to Per Dahl: not answered after 20 s", 20.0),
    (35.4, "Offered to Anna Berg: answered after 4.0 s", 4.0),
    (39.4, "Answered from the queue Support after 32 s", 32.0),
    (39.4, "Conversation with Anna Berg", None),
    (39.4, "Recording (the agent may pause)", None),
    (60.0, "On hold for 12 s", 12.0),
    (80.0, "Recording paused for 15 s", 15.0),
    (100.0, "Anna Berg masked the recording for 12 s: a tone was recorded", 12.0),
    (172.4, "Conversation with Anna Berg ended by the caller after 2:13 min, of it 12 s on hold", 133.0),
    (172.4, "The caller hung up", None),
    (172.9, "Recording ended: 1:58 min of audio", 118.0),
]


@pytest.fixture
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def told(company: Company, english) -> list[narration.Line]:
    names = {f"agent:{one.pk}": str(one) for one in (company.anna, company.per)} | {f"queue:{company.support.pk}": "Support"}
    return narration.narrate(entries(facts(company)), names, "NO")


def test_a_whole_call_is_told(told):
    """AR-02: flow steps with choices, waiting, every offer, conversation, hold, recording with its gap, and the end; in order."""
    lines = [(round(line.at - START, 1), line.sentence, line.seconds and round(line.seconds, 1)) for line in told if not line.technical]
    assert lines == TOLD


def test_a_sound_that_is_recorded_by_calling_in_is_told_with_who_and_which_and_never_the_code(company: Company, english):
    """AU-02: names as they were when it happened."""
    welcome = Prompt.objects.create(name="Welcome")
    events = [
        v.StepEntered(at=START, call=CALL, step=1, kind="record_sound", name="Record"),
        v.PhoneCodeRefused(at=START + 1, call=CALL, reason="wrong", within_hour=1),
        v.PromptChosen(at=START + 2, call=CALL, prompt=welcome.pk, by=company.liv.pk, language="nb"),
        v.PromptRecorded(at=START + 9, call=CALL, recording=f"{CALL}-m1.0", seconds=4.0),
        v.PhoneCodeRefused(at=START + 10, call=CALL, reason="blocked", within_hour=20),
        v.StepLeft(at=START + 20, call=CALL, step=1, exit="next", result="saved", seconds=20.0),
    ]
    references = References(entries(events))
    names = {name: text for entry in entries(events) for name, text in references.names(entry).items()}
    assert [line.sentence for line in narration.narrate(entries(events), names, "NO")] == [
        "Record a sound «Record»: saved after 20 s",
        "The telephone code was wrong",
        "Liv Moe records the sound “Welcome”",
        "A sound was recorded: 4.0 s",
        "No telephone code was looked at: too many were wrong",
    ]


def test_connections_are_told_to_those_who_look_for_faults(told):
    assert [line.sentence for line in told if line.technical] == [
        "The caller's connection stands",
        "The agent's connection is being set up",
        "The agent's connection ended (SIP 487)",
        "The agent's connection is being set up",
        "The agent's connection stands",
        "The agent's connection ended (SIP 200): 1.0 % of the audio lost, jitter 3 ms; on its way there 20.0 % lost, jitter 0 ms",
        "The recording is in the archive",
    ]


def test_an_offer_tells_which_agents_were_considered_and_who_won(told):
    """QU-14."""
    offer = next(line for line in told if "Per Dahl" in line.sentence)
    assert [(one.name, one.figures, one.note, one.chosen) for one in offer.considered] == [
        ("Per Dahl", ["9", "0", "300.5"], "Morning", True),
        ("Anna Berg", ["7", "0", "–"], "Evening", False),
    ]
    assert offer.figures == ("Level", "Conversations", "Seconds since the last offer, or ready")
    assert "agents were considered" in offer.why


def test_an_offer_to_an_agent_who_became_free_tells_which_callers_were_considered(told):
    """QU-14."""
    offer = next(line for line in told if "Anna Berg: answered" in line.sentence)
    assert offer.figures[:2] == ("Score", "Importance of the queue")
    assert [(one.name, one.call, one.chosen) for one in offer.considered] == [
        ("This call", CALL, True),
        ("Another call", OTHER_CALL, False),
    ]


def test_the_recording_stands_in_the_time_line(told):
    assert [line.recording for line in told if line.recording] == [RECORDING]


def test_what_is_not_over_yet_is_told_as_it_is(company, english):
    lines = narration.narrate(entries(facts(company)[:9]), {}, "NO")
    assert [line.sentence for line in lines][-2:] == [
        f"Waiting in the queue {company.support.pk}, number 2",
        f"Offered to {company.per.pk}",
    ]


def test_a_step_whose_beginning_was_lost_still_has_its_line(english):
    (line,) = narration.narrate(entries([v.StepLeft(at=1.0, call=CALL, step=7, exit="", result="no_input", seconds=5.0)]), {}, "NO")
    assert line.sentence == "Step «7»: no input after 5.0 s"


@pytest.mark.parametrize(
    ("result", "sentence"),
    [
        ("no_input", "Menu «M»: no input after 5.0 s"),
        ("invalid", "Menu «M»: only invalid input after 5.0 s"),
        ("maximum_tries", "Menu «M»: all tries used up after 5.0 s"),
        ("hung_up", "Menu «M»: the caller hung up after 5.0 s"),
        ("error", "Menu «M»: a fault after 5.0 s"),
        ("something_new", "Menu «M»: something new after 5.0 s"),
    ],
)
def test_results_of_a_step_are_told_apart(english, result, sentence):
    """IV-05."""
    step = [v.StepEntered(at=1.0, call=CALL, step=7, kind="menu", name="M")]
    step.append(v.StepLeft(at=6.0, call=CALL, step=7, exit="", result=result, seconds=5.0))
    (line,) = narration.narrate(entries(step), {}, "NO")
    assert line.sentence == sentence


def test_a_withheld_number_and_a_forwarded_call_are_told(english):
    event = v.CallArrived(at=1.0, call=CALL, leg="1", caller="", dialled="+4780012345", forwarded_from="+4722334455")
    (line,) = narration.narrate(entries([event]), {}, "NO")
    assert line.sentence == "A caller without number called 800 12 345, forwarded from 22 33 44 55"


@pytest.mark.parametrize(
    ("shown", "sentence"),
    [("+4721000001", "Anna Berg calls 22 33 44 55, showing 21 00 00 01"), ("", "Anna Berg calls 22 33 44 55")],
)
def test_who_calls_out_is_told_and_what_is_shown_if_it_is_known(english, shown, sentence):
    event = v.CallArrived(at=1.0, call=CALL, leg="1", caller="+4722334455", dialled=shown, placed=True, agent=7)
    (line,) = narration.narrate(entries([event]), {"agent:7": "Anna Berg"}, "NO")
    assert line.sentence == sentence


def test_a_page_that_comes_back_tells_how_long_it_was_away(english):
    lost = [v.AgentMediaLost(at=10.0, call=CALL, agent=1), v.AgentMediaBack(at=17.0, call=CALL, agent=1)]
    (line,) = narration.narrate(entries(lost), {"agent:1": "Anna Berg"}, "NO")
    assert line.sentence == "The connection to Anna Berg was lost for 7.0 s: the caller heard music"


def test_every_fact_of_the_vocabulary_can_be_told():
    assert set(narration._TELL) == set(typing.get_args(v.AnyEvent))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.0 s"),
        (4.24, "4.2 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.6, "1:00 min"),
        (133, "2:13 min"),
        (3725, "1:02:05 h"),
        (-1, "0.0 s"),
    ],
)
def test_durations_are_written_as_people_read_them(english, seconds, text):
    assert wording.duration(seconds) == text


def test_the_reader_gets_his_own_decimal_sign():
    """PF-05."""
    with translation.override("nb"):
        assert wording.duration(4.2) == "4,2 s"


def test_who_let_an_agent_call_is_told(english):
    event = v.CallArrived(at=1.0, call=CALL, leg="1", caller="+4722334455", dialled="", placed=True, agent=7, by=9)
    (line,) = narration.narrate(entries([event]), {"agent:7": "Anna Berg", "agent:9": "Rita Lund"}, "NO")
    assert line.sentence == "Anna Berg calls 22 33 44 55, as Rita Lund wanted"
