"""A short bad day by chance; `make soak` has a long one."""

import pytest

from tests.kills.soak import soak

SECONDS, SEED = 23.0, 1449  # this seed kills the switch, Redis and a cell; a test does the same each time

pytestmark = [pytest.mark.media, pytest.mark.timeout(400)]


def test_after_kills_by_chance_nothing_is_left_over_and_every_call_is_complete():
    """PF-08: no leg, session, lease, process or port too many; complete time lines; no agent stuck; memory flat."""
    figures, problems = soak(SECONDS, SEED)
    assert problems == [], figures
    assert sum(figures["kills"].values()) >= 3, "it was a bad day"
    assert figures["calls"].get("200", 0) > 10, "there was load"
