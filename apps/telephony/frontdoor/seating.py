"""Leading each call to its cell: leases, places in a trunk, retransmissions, and callers who give up while they wait."""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Coroutine

import redis
import redis.asyncio

from apps.telephony import load
from apps.telephony.frontdoor import proxy
from apps.telephony.frontdoor.calls import Calls, Placed
from apps.telephony.frontdoor.decisions import Decision, Forward, Inside, NewCall, NewOutgoing, Own, Resume
from apps.telephony.leases import ASK_AGAIN_SECONDS, WARMING_SECONDS

log = logging.getLogger(__name__)

DRAIN_SECONDS = 3.0
MAX_UNDER_WAY = 1_000  # messages that wait for Redis, DNS or a connection
NO_REDIS = (redis.RedisError, OSError, TimeoutError)


class Seating:
    """`send` and `carry_out` are the front door's; nothing here touches a socket."""

    def __init__(
        self,
        source: redis.asyncio.Redis,
        own: Own,
        counts: Counter[str],
        send: Callable[[Forward], None],
        speaks_for: Callable[[str, str], bool] = lambda host, trunk: False,
    ) -> None:
        """`speaks_for`: whether a host (an IP address) belongs to a trunk (its id)."""
        self.redis, self.own, self.counts, self.send, self._speaks_for = source, own, counts, send, speaks_for
        self.calls = Calls(source)
        self.draining = False
        self._refusal: load.Refusal | None = None  # as the newest call was told
        self.waiting: dict[str, tuple[NewCall, asyncio.Task]] = {}  # calls that wait for their cells, by key
        self.under_way: set[asyncio.Task] = set()

    def soon(self, work: Coroutine) -> asyncio.Task | None:
        """Run beside all else what must wait for somebody. None: too much of it is under way; it is dropped and counted."""
        if len(self.under_way) >= MAX_UNDER_WAY:
            self.counts["overload"] += 1
            work.close()
            return None
        task = asyncio.create_task(work)
        self.under_way.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task) -> None:
        self.under_way.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a message was lost", exc_info=error)

    async def drain(self) -> None:
        """No new call any more; finish what is under way."""
        self.draining = True
        if self.under_way:
            await asyncio.wait(self.under_way, timeout=DRAIN_SECONDS)
        for task in list(self.under_way):
            task.cancel()

    async def load(self, trunks: list[str]) -> None:
        with contextlib.suppress(*NO_REDIS):
            await self.calls.load(trunks)

    def renew(self, key: str) -> None:
        """What is lost when Redis is away mends itself with the next probe."""
        self.soon(_quietly(self.calls.renew(key)))

    def end(self, key: str) -> None:
        self.soon(_quietly(self.calls.end(key)))

    # Calls in

    def arrive(self, new: NewCall) -> None:
        """A retransmission follows its INVITE; the first one waits for a cell, and only once."""
        placed = self.calls.recall(new.key)
        if self.calls.is_of_another(new.key, new.trunk.id) or self._waits_for_another(new):
            self.send(proxy.refuse(new.request, new.peer, 482))  # RFC 3261 8.2.2.2: a request that came by two ways, or a forged one
        elif placed and placed.cseq == new.cseq:
            self.send(proxy.place(new.request, new.peer, placed.address, self.own))
        elif self.draining:
            self.send(proxy.busy(new.request, new.peer))
        elif new.key not in self.waiting:
            self._wait(new)

    def _waits_for_another(self, new: NewCall) -> bool:
        return new.key in self.waiting and self.waiting[new.key][0].trunk.id != new.trunk.id

    def _wait(self, new: NewCall) -> None:
        task = self.soon(self._seat(new))
        if task is None:
            self.send(proxy.busy(new.request, new.peer))
            return
        self.waiting[new.key] = (new, task)
        task.add_done_callback(lambda _: self.waiting.pop(new.key, None))

    async def _seat(self, new: NewCall) -> None:
        try:
            placed = await self._find_seat(new)
        except asyncio.CancelledError:
            self.send(proxy.refuse(new.request, new.peer, 487))
            await _quietly(self.calls.release(new.trunk.id, new.key))
            return
        except NO_REDIS:
            self.counts["no redis"] += 1
            placed = None
        self.send(proxy.place(new.request, new.peer, placed.address, self.own) if placed else proxy.busy(new.request, new.peer))

    async def _find_seat(self, new: NewCall) -> Placed | None:
        """A place in the trunk and a cell. None: there is none, and no trace is left.

        Calls that have theirs need the switch more than new ones do: these are shed first (PF-09).
        """
        if await self._switch_refuses():
            placed = await self.calls.find(new.key)
            return placed if placed and placed.cseq == new.cseq else None
        trunk, deadline = new.trunk, time.monotonic() + WARMING_SECONDS
        while True:
            found = await self.calls.seat(trunk.id, new.key, new.cseq, trunk.max_calls)
            if found != "warming" or time.monotonic() > deadline:
                break
            await asyncio.sleep(ASK_AGAIN_SECONDS)
        if isinstance(found, Placed):
            self.counts["calls"] += 1
            return found
        if found == "trunk full":
            self.counts["trunk full"] += 1
            log.warning("trunk %s has its maximum of calls", trunk.name)
            return None
        self.counts["no cell"] += 1
        await self.calls.release(trunk.id, new.key)
        return None

    async def _switch_refuses(self) -> bool:
        refusal = await load.refusal_async(self.redis)
        if refusal:
            self.counts[refusal] += 1
        if refusal != self._refusal:
            log.warning("%s: new calls are %s", refusal or "the switch decides in time", "refused" if refusal else "let in again")
            self._refusal = refusal
        return refusal is not None

    # What belongs to calls

    def is_anothers(self, inside: Inside) -> bool:
        """Whether a trunk speaks in a dialogue that is not its own, or to another cell than the dialogue's."""
        to = f"{inside.forward.to.host}:{inside.forward.to.port}"
        known = [placed for placed in map(self.calls.recall, inside.keys) if placed]
        return any(placed.address != to or not self._is_of(inside, placed.trunk) for placed in known)

    def _is_of(self, inside: Inside, trunk: str) -> bool:
        return trunk == inside.trunk or self._speaks_for(inside.host, trunk)

    def resume(self, old: Resume, carry_out: Callable[[Decision], None]) -> None:
        new, task = self.waiting.get(old.key, (None, None))
        if new and task and not task.done() and old.request.method == "CANCEL" and (new.cseq, new.trunk.id) == (old.cseq, old.trunk):
            task.cancel()
            self.send(proxy.refuse(old.request, old.peer, 200))
        elif placed := self.calls.recall(old.key):
            self._hand_over(old, placed, carry_out)
        else:
            self.soon(self._look_up(old, carry_out))

    async def _look_up(self, old: Resume, carry_out: Callable[[Decision], None]) -> None:
        placed = None
        with contextlib.suppress(*NO_REDIS):
            placed = await self.calls.find(old.key)
        self._hand_over(old, placed, carry_out)

    def _hand_over(self, old: Resume, placed: Placed | None, carry_out: Callable[[Decision], None]) -> None:
        if placed and placed.trunk == old.trunk and old.cseq in (None, placed.cseq):
            self.send(proxy.place(old.request, old.peer, placed.address, self.own))
        else:
            carry_out(old.missing)

    # Calls out

    def leave(self, new: NewOutgoing) -> None:
        if self.soon(self._leave(new)) is None:
            self.send(new.refusal)

    async def _leave(self, new: NewOutgoing) -> None:
        """Retransmissions come this way too: a call that has its place keeps it. Without Redis calls go out uncounted."""
        trunk, room = new.trunk, True
        if trunk:
            with contextlib.suppress(*NO_REDIS):
                room = await self.calls.let_out(trunk.id, new.key, new.cell, trunk.max_calls)
        self.send(new.forward if room else new.refusal)


async def _quietly(work: Coroutine) -> None:
    with contextlib.suppress(*NO_REDIS):
        await work
