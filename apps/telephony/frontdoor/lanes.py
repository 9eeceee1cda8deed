"""The UDP trunk port in lanes: one for cells, some for trunks, one for strangers. A flood fills its own lane and nobody else's.

All lanes are sockets on the same address and port (SO_REUSEPORT); a classic BPF program in the kernel gives each datagram to the lane of
its source, so what does not fit is lost by who sent too much. The strangers' lane has a filter that lets nothing in: no byte of theirs
costs this process anything, and the kernel counts what it dropped. Where a kernel cannot do that there is one lane, and the same
is decided in server.py, message by message.
"""

import asyncio
import contextlib
import ctypes
import ipaddress
import logging
import socket
import struct
from collections.abc import Callable, Iterable

from apps.telephony.frontdoor.configuration import Network, TrunkConfig

log = logging.getLogger(__name__)

TRUNK_LANES = 8  # more trunks share them
CELLS, STRANGERS = 0, 1 + TRUNK_LANES
RECEIVE_BUFFER = 4 * 1024 * 1024  # bytes of a lane; a burst of INVITEs waits in the kernel
LONGEST = 65_535  # bytes of a datagram
WORK_A_TURN = 4  # messages that are handled before other lanes have their turn
READ_A_TURN = 256  # datagrams that are read for it, most of them dropped
REST_SECONDS = 0.01  # a lane that is read in vain is not read for so long: a flood costs no more for being stronger
MAX_NETWORKS = 1_000  # a program holds 4,096 instructions

SO_ATTACH_FILTER, SO_ATTACH_REUSEPORT_CBPF, SO_MEMINFO = 26, 51, 55  # asm-generic/socket.h; Python does not name them
SO_REUSEPORT = getattr(socket, "SO_REUSEPORT", 15)
DROPS_AT, DROPS_BITS = 8, 32  # SK_MEMINFO_DROPS of linux/sock_diag.h, an unsigned int

# linux/bpf_common.h; the source address stands 12 bytes into the IP header, which begins at SKF_NET_OFF
LOAD, AND, JUMP_EQUAL, RETURN = 0x20, 0x54, 0x15, 0x06
SOURCE = (-0x100000 + 12) & 0xFFFFFFFF
Instruction = tuple[int, int, int, int]  # code, jump if true, jump if not, value

Heard = Callable[[bytes, str, int], bool]  # data, host, port; False: it was dropped


def plan(cells: Iterable[Network], trunks: Iterable[TrunkConfig]) -> list[tuple[Network, int]]:
    """Networks and their lanes, in the order in which they are asked: cells, then trunks, the narrowest network first."""
    of_trunks = [(net, 1 + number % TRUNK_LANES) for number, trunk in enumerate(trunks) for net in trunk.networks]
    of_trunks.sort(key=lambda pair: -pair[0].prefixlen)
    return [pair for pair in [*((net, CELLS) for net in cells), *of_trunks] if pair[0].version == 4]


def program(planned: list[tuple[Network, int]], otherwise: int) -> list[Instruction]:
    """Which lane a datagram goes to, by its source."""
    steps: list[Instruction] = []
    for net, lane in planned:
        steps += [(LOAD, 0, 0, SOURCE), (AND, 0, 0, int(net.netmask)), (JUMP_EQUAL, 0, 1, int(net.network_address)), (RETURN, 0, 0, lane)]
    return [*steps, (RETURN, 0, 0, otherwise)]


class Lanes:
    """`open`, `steer` whenever trunks change, `close`. `heard` is called for each datagram that a lane lets through."""

    def __init__(self, heard: Heard) -> None:
        self.heard = heard
        self._sockets: list[socket.socket] = []
        self._drops: list[int] = []  # of each lane, as counted last

    @property
    def steered(self) -> bool:
        return len(self._sockets) > 1

    def open(self, address: str, port: int) -> None:
        """Errors: OSError if the port is taken."""
        self._add(address, port)
        if ipaddress.ip_address(address).version == 4 and _attach(self._sockets[0], SO_ATTACH_REUSEPORT_CBPF, program([], CELLS)):
            for _ in range(1 + TRUNK_LANES):
                self._add(address, port)
            _attach(self._sockets[STRANGERS], SO_ATTACH_FILTER, [(RETURN, 0, 0, 0)])
        else:
            log.warning("this kernel steers no datagrams: a flood may delay other trunks")
        self._drops = [_drops(lane) for lane in self._sockets]
        for lane in self._sockets[:STRANGERS]:
            asyncio.get_running_loop().add_reader(lane, self._read, lane)

    def _add(self, address: str, port: int) -> None:
        lane = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
        self._sockets.append(lane)
        lane.setblocking(False)
        lane.setsockopt(socket.SOL_SOCKET, SO_REUSEPORT, 1)
        lane.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        lane.bind((address, port))

    def steer(self, cells: Iterable[Network], trunks: Iterable[TrunkConfig]) -> None:
        """From now on. With too many networks for a program the rest is read together with the cells' messages."""
        if self.steered:
            planned = plan(cells, trunks)
            steps = program(planned[:MAX_NETWORKS], STRANGERS if len(planned) <= MAX_NETWORKS else CELLS)
            _attach(self._sockets[0], SO_ATTACH_REUSEPORT_CBPF, steps)

    def send(self, data: bytes, host: str, port: int) -> None:
        """One datagram. What the kernel will not take is lost, as datagrams may be."""
        try:
            self._sockets[CELLS].sendto(data, (host, port))
        except OSError as lost:
            log.debug("a datagram could not be sent: %s", type(lost).__name__)

    def dropped(self) -> tuple[int, int]:
        """Datagrams that the kernel dropped since this was asked last: of strangers, and of others because their lane was full."""
        now = [_drops(lane) for lane in self._sockets]
        news = [(after - before) % (1 << DROPS_BITS) for before, after in zip(self._drops, now, strict=True)]
        self._drops = now
        return sum(news[STRANGERS:]), sum(news[:STRANGERS])

    def close(self) -> None:
        for lane in self._sockets:
            asyncio.get_running_loop().remove_reader(lane)
            lane.close()
        self._sockets.clear()

    def _read(self, lane: socket.socket) -> None:
        """One lane's turn."""
        work = 0
        for _ in range(READ_A_TURN):
            try:
                data, source = lane.recvfrom(LONGEST)
            except OSError:
                return
            work += self.heard(data, source[0], source[1])
            if work == WORK_A_TURN:
                return
        self._rest(lane)

    def _rest(self, lane: socket.socket) -> None:
        asyncio.get_running_loop().remove_reader(lane)
        asyncio.get_running_loop().call_later(REST_SECONDS, self._go_on, lane)

    def _go_on(self, lane: socket.socket) -> None:
        if lane in self._sockets:
            asyncio.get_running_loop().add_reader(lane, self._read, lane)


def _attach(lane: socket.socket, option: int, steps: list[Instruction]) -> bool:
    """Give the kernel a program. False: it knows no such thing."""
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    with contextlib.suppress(OSError):
        lane.setsockopt(socket.SOL_SOCKET, option, struct.pack("HP", len(steps), ctypes.addressof(code)))  # struct sock_fprog
        return True
    return False


def _drops(lane: socket.socket) -> int:
    """0 where the kernel does not count."""
    with contextlib.suppress(OSError, struct.error):
        counted = lane.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, 4 * (DROPS_AT + 1))
        return int(struct.unpack_from("I", counted, 4 * DROPS_AT)[0])
    return 0
