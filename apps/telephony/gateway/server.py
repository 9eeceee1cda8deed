"""The gateway's process: its socket, its clock, its part of Redis. What is decided stands in phones.py and lines.py.

Legs that ring or are answered are kept in Redis too, so that a gateway that was killed takes them up when it starts again under the
same name: it binds the same port, answers the cells, reads the requests that came meanwhile, and the browsers reattach. A person whose
desk rings all the while answers as if nothing had been.
"""

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec
import redis
import redis.asyncio

from apps.telephony import leases, load, protocol
from apps.telephony.gateway.engine import RtpEngine
from apps.telephony.gateway.lines import Lines
from apps.telephony.gateway.phones import Phones, decode_dialogue, encode_dialogue
from apps.telephony.gateway.silence import Silence
from apps.telephony.gateway.talk import Answered, HangUp, Input, Over, Received, Send, Tick
from contactcenter.lib import bus

log = logging.getLogger(__name__)

OFFER_EVERY = 1.0  # seconds, see leases.OFFER_SECONDS
LOOK_EVERY = 10.0
READ_MS = 1_000
REDIS_PAUSE = 0.5  # seconds before Redis is tried again
GOODBYE_SECONDS = 1.0  # for BYEs to be confirmed


@dataclass(frozen=True, slots=True)
class Place:
    """`outside`: address for browsers, `inside`: for cells. `ports`: SIP takes the last free one, RTP the others."""

    name: str
    outside: str
    inside: str
    ports: tuple[int, int]
    drain_seconds: float = 3.0


class Server(asyncio.DatagramProtocol):
    """One gateway. `run` returns after SIGTERM or SIGINT."""

    def __init__(self, place: Place, client: redis.asyncio.Redis) -> None:
        self._place = place
        self._redis = client
        self._stopping = asyncio.Event()
        self._over = False  # the loops end; a cancellation alone may be lost inside redis-py
        self._changed = asyncio.Event()  # for `_keep`
        self._moved = asyncio.Event()  # for `_until_quiet`
        self._saved: dict[str, bytes] = {}
        self._unsure = False  # whether Redis still knows what was saved: it was away
        self._timer: asyncio.TimerHandle | None = None
        self._engine = RtpEngine(place.outside, place.inside, (place.ports[0], place.ports[1] - 1), self._lost)

    async def run(self) -> None:
        await self._engine.start()
        memory = await self._redis.hgetall(self._memory)
        cursor = await self._first_cursor(memory.get(b"cursor"))
        await self._bind(memory)
        await self._redis.hset(self._memory, mapping={"port": str(self._phones.contact[1]), "cursor": cursor})
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._stopping.set)
        loops = [self._serve(cursor), self._forever(self._offer, OFFER_EVERY), self._forever(self._look, LOOK_EVERY), self._keep()]
        tasks = [asyncio.create_task(loop) for loop in loops]
        log.info("Gateway %s listens to cells on %s", self._place.name, self._sip_address)
        stop = asyncio.create_task(self._stopping.wait())
        done, _ = await asyncio.wait([*tasks, stop], return_when=asyncio.FIRST_COMPLETED)
        await self._drain()
        await self._end(tasks)
        await self._lines.stop()
        await self._engine.stop()
        self._silence.close()
        self._transport.close()
        await self._redis.aclose()
        for task in done - {stop}:
            task.result()  # a loop that ended by itself failed: say how

    async def _end(self, loops: list[asyncio.Task[None]]) -> None:
        self._over = True
        for task in loops:
            task.cancel()
        self._changed.set()
        await asyncio.wait(loops)

    @property
    def _stream(self) -> str:
        return bus.gateway_stream(self._place.name)

    @property
    def _sip_address(self) -> str:
        return "{}:{}".format(*self._phones.contact)

    @property
    def _memory(self) -> str:
        """Redis hash: "port" -> our SIP port, "cursor" -> the last request that was begun, "leg <id>" -> its dialogue."""
        return f"cc:gateway:{self._place.name}:memory"

    # The socket

    async def _bind(self, memory: dict[bytes, bytes]) -> None:
        """The port of the process before this one, if it can be had: cells know it. Errors: OSError, no port is free."""
        before = memory.get(b"port")
        low, high = self._place.ports
        candidates = ([int(before)] if before else []) + list(range(high, low, -1))
        for port in candidates:
            try:
                await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, local_addr=(self._place.inside, port))
            except OSError:
                continue
            self._meet(port)
            self._adopt(memory)  # before a datagram is read: what it is about must be known
            return
        raise OSError(f"no free UDP port from {low} to {high} on {self._place.inside}")

    def _meet(self, port: int) -> None:
        self._phones = Phones((self._place.inside, port), frozenset({self._place.inside}))
        self._silence = Silence(self._place.inside)
        self._lines = Lines(self._engine, self._phones, self._tell, self._lease, self._reply, time.time, self._silence)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._tell(Received(data, (addr[0], addr[1])))

    def error_received(self, error: Exception) -> None:
        log.debug("A cell is gone: %s", error)  # ICMP; what follows from it is up to the timers

    # The pure machine

    def _tell(self, message: Input) -> None:
        for output in self._phones.handle(message, time.time()):
            match output:
                case Send(data, to):
                    self._transport.sendto(data, to)  # type: ignore[attr-defined]  # a DatagramTransport
                case Answered():
                    self._lines.answered(output)
                case Over():
                    self._lines.over(output)
        self._changed.set()
        self._moved.set()
        self._wind()

    def _wind(self) -> None:
        if self._timer:
            self._timer.cancel()
        when = self._phones.next_timer()
        if when is not None:
            self._timer = asyncio.get_running_loop().call_later(max(0.0, when - time.time()), self._tell, Tick())

    def _lost(self, sessions: frozenset[str]) -> None:
        self._lines.lost(sessions)

    # Redis

    async def _serve(self, cursor: str) -> None:
        """Requests, one after the other."""
        while not self._over:
            try:
                entries = await bus.read_async(self._redis, self._stream, cursor, block_ms=READ_MS)
            except redis.RedisError as error:
                await self._redis_is_away(error)
                continue
            for cursor, message in entries:
                await self._request(cursor, message)

    async def _first_cursor(self, saved: bytes | None) -> str:
        """After the last request that the process before this one began, without those whose askers have given up."""
        if not saved:
            return await bus.newest_async(self._redis, self._stream)
        seconds, _ = await self._redis.time()
        earliest = int((seconds - bus.REPLY_TIMEOUT) * 1000)
        return saved.decode() if int(saved.partition(b"-")[0]) > earliest else f"{earliest}-0"

    async def _request(self, cursor: str, message: bytes) -> None:
        """Begun at most once, whatever happens: asked twice, an answer would be refused and a call made twice."""
        try:
            await self._redis.hset(self._memory, "cursor", cursor)
            await self._lines.handle(protocol.decode_gateway_request(message))
        except msgspec.DecodeError as error:
            log.warning("A request that nobody understands: %s", error)
        except redis.RedisError as error:
            await self._redis_is_away(error)  # the asker hears nothing and says so to the person

    async def _reply(self, reply_to: str, answer: protocol.AnyGatewayReply) -> None:
        await bus.reply_async(self._redis, reply_to, answer)

    async def _lease(self) -> leases.FreeCell | leases.NoCell:
        """A test call is a new call too: no cell for it while the switch is behind."""
        if await load.refusal_async(self._redis):
            return "full"
        return await leases.take_async(self._redis)

    async def _offer(self) -> None:
        await leases.offer_gateway_async(self._redis, self._place.name, self._sip_address)

    async def _look(self) -> None:
        await self._lines.look_around()

    async def _forever(self, work: Callable[[], Awaitable[None]], pause: float) -> None:
        while not self._stopping.is_set():
            try:
                await work()
            except redis.RedisError as error:
                await self._redis_is_away(error)
            await asyncio.sleep(pause)

    async def _redis_is_away(self, error: redis.RedisError) -> None:
        self._unsure = True
        self._changed.set()
        log.warning("Redis does not answer (%s); calls go on", type(error).__name__)
        await asyncio.sleep(REDIS_PAUSE)

    # Memory

    def _adopt(self, memory: dict[bytes, bytes]) -> None:
        for name, encoded in memory.items():
            if name.startswith(b"leg "):
                self._phones.adopt(decode_dialogue(encoded))
                self._saved[name.decode()] = encoded
        if self._saved:
            log.info("Took up %d legs of the process before", len(self._saved))
        self._wind()  # what one of them repeats is due perhaps

    async def _keep(self) -> None:
        """Write legs down whenever something has changed."""
        while not self._over:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._save()
            except redis.RedisError as error:
                self._changed.set()
                await self._redis_is_away(error)

    async def _save(self) -> None:
        now = {f"leg {dialogue.leg}": encode_dialogue(dialogue) for dialogue in self._phones.resumable()}
        now["port"] = str(self._phones.contact[1]).encode()
        if self._unsure:
            self._saved = {name.decode(): b"" for name in await self._redis.hkeys(self._memory) if name.startswith(b"leg ")}
            self._unsure = False
        news = {name: encoded for name, encoded in now.items() if self._saved.get(name) != encoded}
        gone = self._saved.keys() - now.keys()
        if not news and not gone:
            return
        async with self._redis.pipeline(transaction=True) as pipe:
            if news:
                pipe.hset(self._memory, mapping=news)
            if gone:
                pipe.hdel(self._memory, *gone)
            await pipe.execute()
        self._saved = now

    # The end

    async def _drain(self) -> None:
        """Take nothing new, let conversations end by themselves for a while, then hang up."""
        self._phones.open = False
        try:
            await leases.withdraw_gateway_async(self._redis, self._place.name, self._sip_address)
        except redis.RedisError as error:
            log.warning("Redis does not answer (%s); the offer lapses by itself", type(error).__name__)
        await self._until_quiet(self._place.drain_seconds, lambda: not self._phones.live_legs())
        for dialogue in self._phones.live_legs():
            self._tell(HangUp(dialogue.leg))
        await self._until_quiet(GOODBYE_SECONDS, lambda: not self._phones.ending())

    async def _until_quiet(self, seconds: float, quiet: Callable[[], bool]) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not quiet():
                    self._moved.clear()
                    await self._moved.wait()


async def serve(place: Place, redis_url: str) -> None:
    """Run a gateway until it is told to stop. Errors: OSError (no port), TimeoutError (no engine), redis.RedisError at start."""
    await Server(place, bus.connect_async(redis_url)).run()
