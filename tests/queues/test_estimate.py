"""How long a caller is told that he will wait (QU-10)."""

import pytest

from apps.queues.acd.estimate import WINDOW, Answers, answers_per_minute, estimated_wait, whole_minutes

NINE = 1_750_000_000.0


def given_answers(per_minute: float, minutes: float) -> Answers:
    answers = Answers(since=NINE - minutes * 60)
    for number in range(int(per_minute * minutes)):
        answers.answered(NINE - minutes * 60 + number * 60 / per_minute + 0.1)
    return answers


def rate(answers: Answers, agents: int) -> float:
    return answers_per_minute(*answers.in_window(NINE), agents)


def test_a_place_further_back_waits_longer_in_proportion():
    """QU-10."""
    assert estimated_wait(1, per_minute=2, agents=3) == 30
    assert estimated_wait(6, per_minute=2, agents=3) == 180


def test_only_the_last_fifteen_minutes_count():
    """QU-10."""
    answers = Answers(since=NINE - 7200)
    answers.answered(NINE - WINDOW - 1)
    answers.answered(NINE - WINDOW + 1)
    assert answers.in_window(NINE) == (1, WINDOW)


def test_a_busy_queue_is_estimated_by_what_was_seen():
    assert rate(given_answers(per_minute=4, minutes=60), agents=8) == pytest.approx(4, rel=0.2)


def test_with_nothing_seen_yet_the_agents_count():
    """QU-10: two agents answer twice as much as one; nobody logged on answers nobody."""
    quiet = Answers(since=NINE)
    assert rate(quiet, agents=2) == 2 * rate(quiet, agents=1) > 0
    assert estimated_wait(1, rate(quiet, agents=0), agents=0) is None


def test_more_agents_make_the_wait_shorter_at_once():
    seen = given_answers(per_minute=1, minutes=15)
    assert estimated_wait(3, rate(seen, 8), 8) < estimated_wait(3, rate(seen, 2), 2)


def test_a_wait_is_announced_in_whole_minutes_and_never_as_none():
    """QU-09."""
    assert [whole_minutes(seconds) for seconds in (0, 59, 60, 61, 600)] == [1, 1, 1, 2, 10]
