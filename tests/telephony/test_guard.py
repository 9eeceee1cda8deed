"""Who is let into a leg's RTP, and when somebody else: the decisions, in virtual time."""

from ipaddress import IPv4Network

import pytest

from apps.telephony.bpf import Source
from apps.telephony.cell.guard import MOVED_SECONDS, SILENT_SECONDS, Endpoint, Guard, networks

TRUNK = networks("192.0.2.1, 192.0.2.0/28")
FAR, ELSEWHERE, ANOTHER = ("192.0.2.1", 4000), ("192.0.2.1", 4444), ("192.0.2.2", 4000)
PRIVATE = ("10.1.2.3", 4000)


class Call:
    """A leg whose far end or somebody else speaks. A packet that is not let in is not counted, as in the cell."""

    def __init__(self, near: tuple[IPv4Network, ...] = TRUNK, *, moves: bool = False, far: Endpoint = FAR) -> None:
        self.guard, self.now, self.packets, self.source = Guard(near, moves), 100.0, 0, ("", 0)
        self.guard.meet(far, self.now)

    def lets_in(self, endpoint: Endpoint) -> bool:
        return lets_in(self.guard.rtp, endpoint)

    def hears(self, *endpoints: Endpoint, seconds: float = 0.5) -> None:
        """For a while packets come from `endpoints`, from the last one last."""
        for endpoint in endpoints:
            if self.lets_in(endpoint):
                self.packets, self.source = self.packets + 25, endpoint
        self.passes(seconds)

    def passes(self, seconds: float) -> None:
        self.now += seconds
        self.guard.look(self.packets, self.source, self.now)


def lets_in(sources: tuple[Source, ...], endpoint: Endpoint) -> bool:
    (host,) = networks(endpoint[0])
    return any(host.subnet_of(source.network) and source.port in (None, endpoint[1]) for source in sources)


def test_nobody_is_let_in_before_the_far_end_is_known() -> None:
    guard = Guard(TRUNK)
    assert guard.rtp == guard.rtcp == ()
    assert not guard.watches


def test_only_the_address_of_the_sdp_is_let_in_also_before_it_speaks() -> None:
    call = Call()
    call.hears(ELSEWHERE, ANOTHER, seconds=2)
    assert call.guard.rtp == (Source(IPv4Network("192.0.2.1/32"), 4000),)
    assert call.guard.rtcp == (Source(IPv4Network("192.0.2.1/32"), 4001),)


def test_a_far_end_that_has_spoken_and_falls_silent_is_replaced_by_nobody() -> None:
    """Silence suppression, a mute, a hole in the network: a stranger on the trunk's own host does not take the call over."""
    call = Call()
    call.hears(FAR)
    call.passes(60)
    call.hears(ELSEWHERE)
    assert call.lets_in(FAR) and not call.lets_in(ELSEWHERE)


def test_a_far_end_that_never_speaks_from_the_address_it_named_may_do_so_from_another_of_its_trunk() -> None:
    call = Call()
    call.passes(SILENT_SECONDS)
    assert call.lets_in(ANOTHER) and call.lets_in(ELSEWHERE) and not call.lets_in(("203.0.113.1", 4000))
    call.hears(ANOTHER)
    assert call.lets_in(ANOTHER) and not call.lets_in(ELSEWHERE), "the first who speaks, and no other"


def test_the_address_of_the_sdp_takes_its_place_back() -> None:
    call = Call()
    call.passes(SILENT_SECONDS)
    call.hears(ELSEWHERE)
    call.hears(ELSEWHERE, FAR)
    assert call.guard.rtp == (Source(IPv4Network("192.0.2.1/32"), 4000),)


def test_behind_nat_the_first_who_speaks_from_where_the_sip_comes_from_is_it() -> None:
    call = Call(far=PRIVATE)
    assert call.guard.waits and call.lets_in(ELSEWHERE) and not call.lets_in(("203.0.113.1", 4000))
    call.hears(ELSEWHERE)
    assert not call.guard.waits and call.lets_in(ELSEWHERE) and not call.lets_in(ANOTHER)
    assert lets_in(call.guard.rtcp, ("192.0.2.1", 60_001)), "NAT gives RTCP a port of its own"
    call.passes(SILENT_SECONDS)
    call.hears(ANOTHER)
    assert call.lets_in(ANOTHER) and not call.lets_in(ELSEWHERE), "NAT gave it another port"


def test_a_private_address_that_the_sip_comes_from_is_not_behind_nat() -> None:
    call = Call(networks("10.1.2.3"), far=PRIVATE)
    assert not call.guard.waits and not call.lets_in(("10.1.2.3", 4444))


def test_the_answer_to_a_call_of_ours_tells_that_it_is_behind_nat() -> None:
    call = Call((), far=PRIVATE)
    assert not call.lets_in(ELSEWHERE)
    call.guard.hear_from(TRUNK)
    assert call.lets_in(ELSEWHERE)


def test_the_gateway_moves_without_a_word_when_a_page_is_loaded_anew() -> None:
    """SP-07."""
    call = Call(networks("127.0.0.1"), moves=True, far=("127.0.0.1", 28_000))
    call.hears(("127.0.0.1", 28_000))
    call.hears(("127.0.0.1", 28_000), ("127.0.0.1", 28_100))
    assert not call.lets_in(("127.0.0.1", 28_100)), "not while the former one speaks"
    call.passes(MOVED_SECONDS)
    call.hears(("127.0.0.1", 28_100))
    assert call.guard.rtp == (Source(IPv4Network("127.0.0.1/32"), 28_100),)
    call.passes(MOVED_SECONDS)
    call.hears(("127.0.0.1", 28_200))
    assert call.guard.rtp == (Source(IPv4Network("127.0.0.1/32"), 28_200),), "and again"


def test_a_media_gateway_that_moves_says_so_in_new_sdp() -> None:
    call = Call()
    call.hears(FAR)
    call.guard.meet(ANOTHER, call.now)
    assert call.lets_in(ANOTHER) and not call.lets_in(FAR)
    call.packets = 0  # pjmedia begins a new stream
    call.hears(FAR, seconds=SILENT_SECONDS - 1)
    assert not call.lets_in(FAR)


def test_the_same_sdp_again_changes_nothing() -> None:
    call = Call(far=PRIVATE)
    call.hears(ELSEWHERE)
    call.guard.meet(PRIVATE, call.now)
    assert call.lets_in(ELSEWHERE) and not call.lets_in(ANOTHER)


def test_a_hold_without_an_address_lets_nobody_in() -> None:
    """RFC 3264 8.4: 0.0.0.0."""
    call = Call()
    call.guard.meet(("0.0.0.0", 4000), call.now)
    assert call.guard.rtp == ()


@pytest.mark.parametrize("value", ["", "nonsense, 300.1.1.1,, /24", "2001:db8::1, ::/0", "\x00"])
def test_networks_that_cannot_be_read_are_none(value: str) -> None:
    assert networks(value) == ()


def test_networks_are_bounded() -> None:
    assert len(networks(",".join(["192.0.2.1"] * 500))) == 16
