"""The E-model against what ITU-T has published."""

import pytest

from contactcenter.lib import mos


def test_the_defaults_of_the_standard_give_its_rating():
    """G.107, 7.7: R = 93.2 with all parameters at their defaults."""
    assert mos.BASIC - mos.SIMULTANEOUS - mos.delay_impairment(0) == pytest.approx(93.2, abs=0.05)


@pytest.mark.parametrize(("r", "score"), [(90, 4.34), (80, 4.03), (70, 3.60), (60, 3.10), (50, 2.58), (0, 1.0), (-5, 1.0), (100, 4.5)])
def test_the_opinion_of_a_rating_is_that_of_the_standards_table(r, score):
    """G.107 Table B.1, lower limits."""
    assert mos.opinion(r) == pytest.approx(score, abs=0.01)


@pytest.mark.parametrize(("percent", "impairment"), [(0, 0), (1, 5), (2, 7), (3, 10), (5, 15), (7, 20), (10, 25), (15, 35), (20, 45)])
def test_what_loss_costs_with_g711_is_what_listeners_said(percent, impairment):
    """G.113 (2001) Table I.2, G.711 with concealment, losses at random: measured in steps of 5, hence the tolerance."""
    assert mos.loss_impairment(percent) == pytest.approx(impairment, abs=3)


@pytest.mark.parametrize("delay", [0, 50, 100, 150, 200, 250, 300])
def test_what_delay_costs_agrees_with_the_known_reduction(delay):
    """Cole and Rosenbluth, Voice over IP performance monitoring (2001): 0.024 d + 0.11 (d - 177.3) above 177.3 ms, from 93.2."""
    reduced = 0.024 * delay + max(0.0, 0.11 * (delay - 177.3))
    assert 93.2 - (mos.BASIC - mos.SIMULTANEOUS - mos.delay_impairment(delay)) == pytest.approx(reduced, abs=0.8)


def test_more_trouble_never_sounds_better():
    steps = [0, 0.5, 1, 5, 20, 60, 100]
    for name in ("loss_percent", "jitter_ms", "rtt_ms"):
        scores = [mos.rating(**{"loss_percent": 0, "jitter_ms": 0, "rtt_ms": 0, name: 10 * step}) for step in steps]
        assert scores == sorted(scores, reverse=True), name
        assert scores[0] > scores[-1]


@pytest.mark.parametrize(("lost", "grade"), [(0, "good"), (30, "good"), (60, "fair"), (120, "poor"), (5_000, "poor")])
def test_packets_become_a_grade(lost, grade):
    score = mos.of_packets(received=1000, lost=lost, jitter_ms=3, rtt_ms=20)
    assert score is not None and mos.grade(score) == grade


def test_of_nothing_received_nothing_is_known():
    assert mos.of_packets(received=0, lost=50, jitter_ms=0, rtt_ms=0) is None


def test_figures_that_cannot_be_do_no_harm():
    """RTCP of others: they count packets twice, or clocks run backwards."""
    assert mos.of_packets(received=10, lost=-3, jitter_ms=-1, rtt_ms=-1) == mos.of_packets(received=10, lost=0, jitter_ms=0, rtt_ms=0)
