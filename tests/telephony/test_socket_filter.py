"""The kernel's socket filter does what its programs say: run by this kernel, on real sockets."""

import contextlib
import logging
import socket
from collections.abc import Iterator
from ipaddress import IPv4Network

import pytest

from apps.telephony import sockets
from apps.telephony.bpf import Source, program

HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.1.1", "127.8.0.1")


class Ear:
    """A socket with a filter, and one sender on each of HOSTS, on two ports."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self.socket = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.senders = [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(2 * len(HOSTS))]
        for number, sender in enumerate(self.senders):
            sender.bind((HOSTS[number // 2], 0))

    def address(self, host: str, number: int = 0) -> tuple[str, int]:
        return self.senders[2 * HOSTS.index(host) + number].getsockname()

    def heard(self, sources: list[Source]) -> set[tuple[str, int]]:
        """Who gets through."""
        sockets.admit(self.socket.fileno(), sources)
        for sender in self.senders:
            sender.sendto(b"rtp", self.socket.getsockname())
        found = set()
        with contextlib.suppress(BlockingIOError):
            while True:
                found.add(self.socket.recvfrom(100)[1])
        return found


@pytest.fixture
def ear() -> Iterator[Ear]:
    with contextlib.ExitStack() as stack:
        yield Ear(stack)


def host(address: str, port: int | None = None) -> Source:
    return Source(IPv4Network(address), port)


def test_without_sources_nothing_gets_through(ear: Ear) -> None:
    assert ear.heard([]) == set()


def test_one_address_and_port_is_one_sender(ear: Ear) -> None:
    chosen = ear.address("127.0.0.2", 1)
    assert ear.heard([host("127.0.0.2", chosen[1])]) == {chosen}
    assert ear.heard([host("127.0.0.1", chosen[1])]) == set(), "the port of another host is not enough"


def test_a_network_is_all_its_hosts_and_all_their_ports(ear: Ear) -> None:
    assert {sender[0] for sender in ear.heard([host("127.0.0.0/24")])} == {"127.0.0.1", "127.0.0.2"}
    assert len(ear.heard([host("0.0.0.0/0")])) == len(ear.senders)


def test_several_sources_add_up(ear: Ear) -> None:
    chosen = ear.address("127.0.1.1")
    assert ear.heard([host("127.8.0.1"), host("127.0.1.1", chosen[1]), host("192.0.2.0/24")]) == {
        ear.address("127.8.0.1"), ear.address("127.8.0.1", 1), chosen,
    }  # fmt: skip


def test_the_newest_program_counts(ear: Ear) -> None:
    assert ear.heard([host("127.0.0.1")]) and not ear.heard([]) and ear.heard([host("127.0.0.2")])


def test_what_is_refused_is_counted(ear: Ear) -> None:
    before = sockets.refused(ear.socket.fileno())
    ear.heard([host("127.0.0.1")])
    assert sockets.refused(ear.socket.fileno()) - before == len(ear.senders) - 2


def test_many_networks_are_no_problem_for_the_kernel(ear: Ear) -> None:
    sources = [host(f"192.0.2.{number}", 4000) for number in range(200)]
    assert len(program(sources)) == 1201
    assert {sender[0] for sender in ear.heard([*sources, host("127.8.0.1")])} == {"127.8.0.1"}


def test_a_socket_is_found_by_its_address_and_stays_open(ear: Ear) -> None:
    assert sockets.find(ear.socket.getsockname()) == ear.socket.fileno()
    assert ear.socket.fileno() >= 0 and ear.heard([host("0.0.0.0/0")])
    assert sockets.find(("127.0.0.1", 1)) is None
    assert not sockets.is_at(ear.socket.fileno(), ("127.0.0.1", 1)) and not sockets.is_at(987, ear.socket.getsockname())


def test_this_kernel_filters() -> None:
    assert sockets.filters_work()


@pytest.mark.parametrize("lie", ["admit", "refuse"])
def test_a_kernel_that_does_not_filter_is_complained_of_once(lie: str, monkeypatch: pytest.MonkeyPatch, caplog) -> None:
    """One that knows no filters, and one that says yes and lets everything through."""

    def admit(descriptor: int, sources: object) -> None:
        if lie == "refuse":
            raise OSError(92, "Protocol not available")

    monkeypatch.setattr(sockets, "admit", admit)
    sockets.filters_work.cache_clear()
    with caplog.at_level(logging.ERROR):
        assert not sockets.filters_work() and not sockets.filters_work()
    sockets.filters_work.cache_clear()
    assert len(caplog.records) == 1 and "firewall" in caplog.text
