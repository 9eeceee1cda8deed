"""Byte ranges (RFC 9110, 14.1.2)."""

import pytest

from apps.recordings import ranges


@pytest.mark.parametrize(
    ("header", "answer"),
    [
        ("bytes=0-", (0, 999)),
        ("bytes=0-99", (0, 99)),
        ("bytes=500-", (500, 999)),
        ("bytes=999-999", (999, 999)),
        ("bytes=900-5000", (900, 999)),
        ("bytes=-100", (900, 999)),
        ("bytes=-5000", (0, 999)),
        (" bytes=0-1 ", (0, 1)),
    ],
)
def test_a_range_is_answered_with_its_bytes(header, answer):
    assert ranges.wanted(header, 1000) == answer


NO_SINGLE_RANGE = ["", "bytes=", "bytes=-", "bytes=5-2", "bytes=0-1,5-6", "lines=0-1", "bytes=a-b", f"bytes={'9' * 400}-"]


@pytest.mark.parametrize("header", NO_SINGLE_RANGE)
def test_what_is_no_single_range_is_ignored(header):
    assert ranges.wanted(header, 1000) is None


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=5000-6000", "bytes=-0"])
def test_a_range_behind_the_end_cannot_be_satisfied(header):
    with pytest.raises(ranges.UnsatisfiableError):
        ranges.wanted(header, 1000)


def test_one_answer_is_never_longer_than_allowed():
    assert ranges.wanted("bytes=10-", 5_000_000) == (10, 10 + ranges.LONGEST - 1)
