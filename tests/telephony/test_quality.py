"""What is stored of a leg whose media were changed on the way: hold at the far end, a page that was loaded anew."""

import pytest

from apps.telephony.cell import quality
from apps.telephony.protocol import LegQuality


def sent(*streams: tuple[int, int]) -> LegQuality:
    """Each stream: packets, and the count of lost ones that the other end reported last."""
    return quality.over([LegQuality(sent=packets, sent_lost=count) for packets, count in streams])


def test_packets_add_up_and_means_are_weighted_by_them():
    first = LegQuality(received=3000, lost=30, jitter_ms=2, rtt_ms=20, sent=1000, sent_lost=10, sent_jitter_ms=8)
    second = LegQuality(received=1000, lost=2, jitter_ms=6, rtt_ms=60, sent=3000, sent_lost=20, sent_jitter_ms=4)
    assert quality.over([first, second]) == LegQuality(
        received=4000, lost=32, jitter_ms=3.0, rtt_ms=40.0, sent=4000, sent_lost=20, sent_jitter_ms=5.0
    )


@pytest.mark.parametrize(
    ("streams", "lost"),
    [
        (((3000, 300), (3000, 300)), 300),  # it went on counting, and nothing more was lost
        (((3000, 300), (200, 310)), 310),
        (((3000, 300), (3000, 40)), 340),  # it began anew
        (((3000, 300), (0, 0), (3000, 350)), 350),  # nothing was reported of the one between
        (((3000, (1 << 24) - 5), (3000, 20)), 20),  # five duplicates: minus five
        (((100, 1000),), 100),  # never more than there were
    ],
)
def test_what_the_other_end_has_lost_is_counted_once(streams, lost):
    assert sent(*streams).sent_lost == lost


def test_where_nothing_came_the_round_trip_is_still_known():
    assert quality.over([LegQuality(rtt_ms=80, sent=500)]).rtt_ms == 80


def test_without_a_stream_nothing_is_known():
    assert quality.over([]) == LegQuality()
