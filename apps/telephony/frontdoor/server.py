"""The front door's process: carries out what proxy.py decides, with real sockets and a real Redis.

    await serve(FrontDoorSettings(redis_url, address="127.0.0.1", port=5060))

runs until SIGTERM or SIGINT (or until `stop` is set); then new calls get 503, what is under way is finished, and the
sockets are closed. Calls that are up do not need it to stay: whoever opens the port next serves them on.
"""

import asyncio
import logging
import signal
import time
from collections import Counter
from dataclasses import dataclass
from typing import Literal

import msgspec
import redis
import redis.asyncio
from sipmessage import Request, Response

from apps.telephony import leases, trunk_health
from apps.telephony.frontdoor import proxy, published, sip, trying
from apps.telephony.frontdoor.calls import PROBE_SECONDS
from apps.telephony.frontdoor.configuration import EMPTY, FrontDoorConfig, TrunkConfig
from apps.telephony.frontdoor.decisions import (
    Alive,
    Decision,
    Drop,
    Forward,
    Inside,
    NewCall,
    NewOutgoing,
    Ours,
    Own,
    Peer,
    Resume,
    Target,
)
from apps.telephony.frontdoor.limits import Buckets
from apps.telephony.frontdoor.seating import NO_REDIS, Seating
from apps.telephony.frontdoor.sockets import Sockets, is_address
from apps.telephony.frontdoor.trunks import Trunks

log = logging.getLogger(__name__)

REFRESH_SECONDS = 1.0  # the configuration is read anew even if nobody told of a change
REDIS_SECONDS = 1.0  # no message waits longer for an answer of Redis
RATE, BURST = 400.0, 1_200.0  # messages a second of one source: 40 call set-ups with all that belongs to them, and a rush
COUNTS_KEPT_SECONDS = 3_600
END_AGAIN_SECONDS = 0.1


def counts_key(own: Own) -> str:
    """Hash: what happened -> how often, of one front door since its start."""
    return f"cc:frontdoor:counts:{own.host}:{own.port}"


@dataclass(frozen=True)
class FrontDoorSettings:
    """`address`, `port`: where to listen. `advertised`: what to call ourselves towards others, if not `address`.

    Cells are known by `cells` (networks; `address` belongs to them) and `cell_ports`; keep trunks on this machine off these ports.
    """

    redis_url: str
    address: str = "127.0.0.1"
    port: int = 5060
    advertised: str = ""
    cells: tuple[str, ...] = ("127.0.0.0/8",)
    cell_ports: tuple[int, int] = (20_000, 29_999)

    def own(self) -> Own:
        return Own(self.advertised or self.address, self.port, (*self.cells, self.address), self.cell_ports)


class FrontDoor:
    """`open`, then it works by itself; `close` drains it."""

    def __init__(self, settings: FrontDoorSettings) -> None:
        self.settings, self.own = settings, settings.own()
        self.config: FrontDoorConfig = EMPTY
        self.counts: Counter[str] = Counter()
        self.redis = redis.asyncio.Redis.from_url(
            settings.redis_url, socket_connect_timeout=REDIS_SECONDS, socket_timeout=REDIS_SECONDS, max_connections=64
        )
        self.seating = Seating(self.redis, self.own, self.counts, self.send, self.speaks_for)
        self.sockets = Sockets(self.received, self.welcomes)
        self.trunks = Trunks(self.own, lambda ours: self.send(Forward(ours.request, ours.to)), self.sockets.resolve, self._steer)
        self.tally = trunk_health.Tally()
        self.buckets = Buckets(RATE, BURST)
        self._blind = False  # Redis did not answer last time

    async def open(self) -> None:
        """Errors: OSError if the port is taken."""
        await self.refresh()
        await self.seating.load([trunk.id for trunk in self.config.trunks])
        await self.sockets.open(self.settings.address, self.settings.port)
        self._steer()
        self.trunks.configure(self.config)
        log.info("front door open on %s:%s", self.settings.address, self.settings.port)

    async def close(self) -> None:
        await asyncio.gather(self.seating.drain(), self.trunks.close())
        await self.sockets.close()
        await self.redis.aclose()

    async def refresh(self) -> None:
        """Take the published configuration and tell the counts; what is in memory stays valid when Redis is away."""
        self._count_drops()
        try:
            before, self.config = self.config, await published.fetch(self.redis) or self.config
            if self.config.version != before.version:
                log.debug("%d numbers are known now", len(self.config.numbers))
            if self.config.trunks != before.trunks:
                self._steer()
                self.trunks.configure(self.config)
            async with self.redis.pipeline(transaction=False) as pipe:
                pipe.hset(counts_key(self.own), mapping={"started": 1, **self.counts})
                pipe.expire(counts_key(self.own), COUNTS_KEPT_SECONDS)
                leases.offer_front_door(pipe, self.own.name)
                trunk_health.tell(pipe, self.own.name, self.trunks.healths(), self.tally)
                await pipe.execute()
            self.tally.empty()
            self._blind = False
        except NO_REDIS as away:
            if not self._blind:
                log.warning("Redis is away (%s); trunks and numbers stay as they were", type(away).__name__)
            self._blind = True
        except msgspec.ValidationError as wrong:
            log.error("the published configuration cannot be read: %s", wrong)

    def _steer(self) -> None:
        """Who may speak: the sources of trunks, and the hosts that we call and register at, if only to answer."""
        far = [TrunkConfig(trunk.id, trunk.name, (address,)) for address, trunk in self.trunks.far_ends.items()]
        self.sockets.lanes.steer(self.own.networks, (*self.config.trunks, *far))

    def _count_drops(self) -> None:
        """What the kernel dropped for us."""
        strangers, floods = self.sockets.lanes.dropped()
        self.counts["stranger"] += strangers
        self.counts["flood"] += floods

    async def keep_fresh(self) -> None:
        """Refresh when a change is told of, and every `REFRESH_SECONDS`."""
        while True:
            try:
                async with self.redis.pubsub() as news:
                    await news.subscribe(published.CHANGED, trunk_health.TRY)
                    while True:
                        await self.refresh()
                        message = await news.get_message(ignore_subscribe_messages=True, timeout=REFRESH_SECONDS)
                        if message and message["channel"].decode() == trunk_health.TRY:
                            self._test(message["data"])
            except NO_REDIS:
                await asyncio.sleep(REFRESH_SECONDS)

    async def keep_counting(self) -> None:
        """Probe the cells of all calls; tell how many strangers knocked."""
        told = 0
        while True:
            await asyncio.sleep(PROBE_SECONDS)
            for placed in self.seating.calls.running():
                self.send(proxy.probe(placed.key, placed.address, self.own))
            self.sockets.close_idle()
            if self.counts["stranger"] > told:
                log.warning("%s messages of unknown sources dropped", self.counts["stranger"] - told)
                told = self.counts["stranger"]

    def _test(self, document: bytes) -> None:
        """Admin asks how a trunk is, now."""
        try:
            asked = trunk_health.decode_try(document)
        except msgspec.DecodeError:
            log.warning("a question for a trunk cannot be read")
            return

        async def told(step: trunk_health.Tried) -> None:
            async with self.redis.pipeline(transaction=True) as pipe:
                trunk_health.push(pipe, asked.test, step)
                await pipe.execute()

        self.seating.soon(trying.run(self.trunks, asked.trunk, told))

    # Messages in

    def welcomes(self, host: str) -> bool:
        """Whether a trunk may connect from `host` (PF-10: strangers are dropped silently and counted)."""
        if self.config.trunk_of(host):
            return True
        self.counts["stranger"] += 1
        return False

    def speaks_for(self, host: str, trunk_id: str) -> bool:
        """Several trunks may have an operator's host in common."""
        trunk, line = self.config.trunk(trunk_id), self.trunks.lines.get(trunk_id)
        return (trunk is not None and trunk.has(host)) or (line is not None and host in line.addresses)

    def received(self, data: bytes, host: str, port: int, transport: Literal["udp", "tcp"], flow: str) -> bool:
        """One message of anybody. Strangers, floods and nonsense end here, counted. False: it cost nothing."""
        cell = transport == "udp" and self.own.is_cell(host, port)
        source = None if cell else self.config.trunk_of(host)
        trunk = source if cell else source or self.trunks.far_ends.get(host)
        if not cell and trunk is None:
            self.counts["stranger"] += 1
            return False
        if not cell and not self.buckets.allows(host, time.monotonic()):
            self.counts["flood"] += 1
            return False
        if data.strip():
            self._take(data, Peer(host, port, transport, trunk, flow), may_call=cell or source is not None)
        return True

    def _take(self, data: bytes, peer: Peer, *, may_call: bool) -> None:
        try:
            message = sip.parse(data)
        except sip.Malformed:
            self.counts["malformed"] += 1
            if peer.trunk and may_call and (refusal := proxy.refuse_unreadable(data, peer)):
                self.send(refusal)
            return
        if not may_call and isinstance(message, Request) and not sip.tag(message, "To"):
            self.counts["stranger"] += 1  # we call there; nobody said that it may call us
            return
        self.counts["messages"] += 1
        self.carry_out(proxy.decide(message, peer, self.config, self.own))

    def carry_out(self, decision: Decision) -> None:
        match decision:
            case Forward():
                self.send(decision)
            case NewCall():
                self.tally.called(decision.trunk.id, "in")
                self.seating.arrive(decision)
            case Inside():
                self.carry_out(decision.refusal if self.seating.is_anothers(decision) else decision.forward)
            case Resume():
                self.seating.resume(decision, self.carry_out)
            case NewOutgoing():
                if decision.trunk:
                    self.tally.called(decision.trunk.id, "out")
                self.seating.leave(decision)
            case Alive(key):
                self.seating.renew(key)
            case Ours(response):
                self.trunks.hear(response)
            case Drop(reason):
                self.counts[reason] += 1

    # Messages out

    def send(self, forward: Forward) -> None:
        for key in forward.ends:
            self.seating.end(key)
        if forward.stranger_on:
            self.counts["unknown number"] += 1
            log.warning("a call to a number that is not ours was refused; trunk %s", forward.stranger_on)
        if isinstance(forward.message, Response) and forward.message.cseq.method == "INVITE" and forward.message.code >= 400:
            self._count_refusal(forward.message, forward.to)
        data, to = sip.encode(forward.message), forward.to
        if not 0 < to.port < 65_536:
            self.counts["undeliverable"] += 1
        elif to.transport == "udp" and is_address(to.host):
            self.sockets.send(data, to.host, to.port)
        else:
            self.seating.soon(self._deliver(data, to))

    def _count_refusal(self, response: Response, to: Target) -> None:
        """Of which trunk: that of the call it ends, else (a call that was never placed) that of whom it is told."""
        key = proxy.call_key(response.call_id, sip.tag(response, "From"))
        placed = self.seating.calls.recall(key)
        if placed:
            self.tally.refused(placed.trunk, "in" if placed.cseq else "out", response.code, key)
        elif trunk := self.config.trunk_of(to.host):
            self.tally.refused(trunk.id, "in", response.code, key)

    async def _deliver(self, data: bytes, to: Target) -> None:
        try:
            await self.sockets.deliver(data, to.host, to.port, to.transport, to.flow)
        except (OSError, TimeoutError) as lost:
            self.counts["undeliverable"] += 1
            log.warning("a message could not be delivered over %s: %s", to.transport, type(lost).__name__)


async def serve(settings: FrontDoorSettings, stop: asyncio.Event | None = None) -> None:
    """Errors: OSError if the port is taken."""
    if stop is None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    door = FrontDoor(settings)
    await door.open()
    keepers = [asyncio.create_task(keeper) for keeper in (door.keep_fresh(), door.keep_counting(), door.trunks.run())]
    try:
        await stop.wait()
    finally:
        await _end(set(keepers))
        await door.close()


async def _end(tasks: set[asyncio.Task]) -> None:
    """Also of one that swallows a cancellation: redis-py does, now and then, while a timeout of its own runs out or it connects."""
    while tasks:
        for task in tasks:
            task.cancel()
        _, tasks = await asyncio.wait(tasks, timeout=END_AGAIN_SECONDS)
