"""The quality of a leg from that of its streams, one after the other: each re-INVITE may begin a new one. PURE."""

from collections.abc import Iterable, Sequence

from apps.telephony.protocol import LegQuality

NEGATIVE = 1 << 23  # from here on, a count of 24 bits is one: duplicates came, and less than nothing is missing


def over(streams: Sequence[LegQuality]) -> LegQuality:
    """`sent_lost` of a stream: the count of RTCP as it came (RFC 3550, 6.4.1). Means are weighted by packets."""
    sent = sum(stream.sent for stream in streams)
    return LegQuality(
        received=sum(stream.received for stream in streams),
        lost=sum(stream.lost for stream in streams),
        jitter_ms=_mean((stream.jitter_ms, stream.received) for stream in streams),
        rtt_ms=_mean((stream.rtt_ms, stream.received + stream.sent) for stream in streams),
        sent=sent,
        sent_lost=min(sent, _lost_there(stream.sent_lost for stream in streams if stream.sent)),
        sent_jitter_ms=_mean((stream.sent_jitter_ms, stream.sent) for stream in streams),
    )


def _lost_there(counts: Iterable[int]) -> int:
    """The other end counts for a source (SSRC), which outlives a stream: it goes on, or, where the count is smaller, began anew."""
    lost = before = 0
    for count in counts:
        reported = count if count < NEGATIVE else 0
        lost += reported - before if reported >= before else reported
        before = reported
    return lost


def _mean(weighted: Iterable[tuple[float, int]]) -> float:
    """Of values and their weights; 0 without any weight."""
    pairs = list(weighted)
    whole = sum(weight for _, weight in pairs)
    return round(sum(value * weight for value, weight in pairs) / whole, 1) if whole else 0.0
