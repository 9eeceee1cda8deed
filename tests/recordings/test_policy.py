"""RC-01, RC-04: which mode applies."""

import itertools

import pytest

from apps.recordings import policy


@pytest.mark.parametrize(
    ("queue", "agent", "applies"),
    [
        ("off", "off", "off"),
        ("pausable", "off", "pausable"),
        ("off", "pausable", "pausable"),
        ("forced", "pausable", "forced"),
        ("pausable", "forced", "forced"),
        ("manual", "off", "manual"),
        ("manual", "pausable", "pausable"),
        ("pending", "forced", "pending"),
        ("forced", "pending", "forced"),
        ("pending", "pausable", "pending"),
    ],
)
def test_the_strictest_wins_but_pending_on_the_queue_beats_forced_on_the_agent(queue, agent, applies):
    """RC-01."""
    assert policy.mode(queue, agent) == applies


@pytest.mark.parametrize(("queue", "agent"), list(itertools.product(policy.STRICTNESS, repeat=2)))
def test_a_caller_who_refuses_is_never_recorded(queue, agent):
    """RC-04."""
    assert policy.mode(queue, agent, refused=True) == "off"


def test_an_unknown_mode_is_a_fault_and_not_silence():
    with pytest.raises(ValueError):
        policy.mode("sometimes", "off")


def test_what_the_modes_allow():
    """RC-01, RC-02."""
    assert [mode for mode in policy.STRICTNESS if policy.starts_at_answer(mode)] == ["pausable", "pending", "forced"]
    assert [mode for mode in policy.STRICTNESS if policy.may_pause(mode)] == ["manual", "pausable"]


def test_an_agents_mode_is_the_strictest_of_his_own_and_his_teams():
    assert policy.strictest(["off", "forced", "pausable"]) == "forced"
    assert policy.strictest([]) == "off"
