"""How a connection sounds, from what is measured of it: the E-model of ITU-T G.107 (06/2015). PURE.

    R = Ro - Is - Id - Ie,eff + A        and from R the mean opinion score (MOS), 1 to 4.5

Delay and loss are taken in with their full equations; the telephones, rooms and networks at both ends are those of the standard's
Table 2 (its defaults), for nobody can measure them from here. static/softphone/quality.js says the same to the agent; a test compares.
"""

from math import exp, log2, log10, sqrt
from typing import Literal, NamedTuple

Grade = Literal["good", "fair", "poor"]


class Codec(NamedTuple):
    """G.113 Appendix I: `impairment` is Ie (without any loss), `robustness` is Bpl."""

    impairment: float
    robustness: float


G711 = Codec(0.0, 25.1)  # with concealment of lost packets. The one codec that cells and the gateway speak (A-law and µ-law)

BASIC = 94.769  # Ro, signal to noise of the defaults
SIMULTANEOUS = 1.414  # Is, what comes together with the voice
TALKER_ECHO = 94.769  # Roe = -1.5 (No - RLR)
TELR, WEPL = 65.0, 110.0  # dB
PACKET_MS = 20.0  # of sound in a packet
GOOD, FAIR = 80.0, 70.0  # R from which users are satisfied; below FAIR many are not (G.109)


def rating(*, loss_percent: float, jitter_ms: float, rtt_ms: float, codec: Codec = G711) -> float:
    """R, 0 (unusable) to 93.2. `loss_percent` as if losses were independent (BurstR 1); the far end waits twice the jitter."""
    delay = rtt_ms / 2 + 2 * jitter_ms + PACKET_MS
    return min(100.0, max(0.0, BASIC - SIMULTANEOUS - delay_impairment(delay) - loss_impairment(loss_percent, codec)))


def delay_impairment(delay_ms: float) -> float:
    """Id: echo to the talker, echo to the listener, and the delay as such. `delay_ms`: one way, from mouth to ear."""
    return _talker_echo(delay_ms) + _listener_echo(2 * delay_ms) + _too_late(delay_ms)


def _talker_echo(t: float) -> float:
    """Idte. (7-20) to (7-24), with Ist as it is for STMR 15."""
    heard = TELR - 40 * log10((1 + t / 10) / (1 + t / 150)) + 6 * exp(-0.3 * t * t)
    away = TALKER_ECHO - (80 + 2.5 * (heard - 14))
    return (away / 2 + sqrt(away * away / 4 + 100) - 1) * (1 - exp(-t))


def _listener_echo(round_trip: float) -> float:
    """Idle. (7-25), (7-26)."""
    away = BASIC - float(10.5 * (WEPL + 7) * (round_trip + 1) ** -0.25)
    return away / 2 + sqrt(away * away / 4 + 169)


def _too_late(t: float) -> float:
    """Idd. (7-27), (7-28): nothing below 100 ms."""
    if t <= 100:
        return 0.0
    x = log2(t / 100)
    return float(25 * ((1 + x**6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2))


def loss_impairment(percent: float, codec: Codec = G711) -> float:
    """Ie,eff. (7-29)."""
    return codec.impairment + (95 - codec.impairment) * percent / (percent + codec.robustness)


def opinion(r: float) -> float:
    """MOS of R. Annex B; between 0 and 6.5 its polynomial dips below 1, the worst there is."""
    if r <= 0:
        return 1.0
    return 4.5 if r >= 100 else max(1.0, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)


def grade(mos: float) -> Grade:
    """In the three steps that people are shown."""
    if mos >= opinion(GOOD):
        return "good"
    return "fair" if mos >= opinion(FAIR) else "poor"


def of_packets(*, received: int, lost: int, jitter_ms: float, rtt_ms: float) -> float | None:
    """MOS of what one end has received; None: it has received nothing, so nothing is known."""
    if received <= 0:
        return None
    return of_loss(100 * max(0, lost) / (received + max(0, lost)), jitter_ms=jitter_ms, rtt_ms=rtt_ms)


def of_loss(percent: float, *, jitter_ms: float, rtt_ms: float) -> float:
    """MOS where this share of the packets was lost, 0 to 100."""
    return opinion(rating(loss_percent=percent, jitter_ms=max(0.0, jitter_ms), rtt_ms=max(0.0, rtt_ms)))
