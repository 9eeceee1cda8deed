"""The fetcher: does the web requests of call flows. More than one may run; each order is taken by one.

An order waits in the stream for no longer than its step does: whoever takes it later throws it away, because its caller has gone on by the
error exit, and a POST that is done then would surprise everybody. Nothing is done twice, so a fetcher that dies loses what it was at, and
the switch's deadline takes those steps' error exits.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

import msgspec
import redis.asyncio

from apps.flows.kinds.web import SECONDS
from apps.flows.web.http import FetchError, fetch
from apps.flows.web.orders import STREAM, WebOrder, WebResult, decode_order, values_of
from apps.flows.web.targets import Rules
from contactcenter.lib import bus
from contactcenter.lib.secrets import CannotOpenError, unseal

AT_ONCE = 100  # requests under way; more wait in the stream
GROUP = "fetchers"
ALIVE, ALIVE_SECONDS = "cc:fetcher", 4  # lapses with the last fetcher
BLOCK_MS = 1_000
PAUSE = 0.2  # seconds, when Redis is away

log = logging.getLogger(__name__)


class Fetcher:
    def __init__(self, client: redis.asyncio.Redis, rules: Rules, name: str) -> None:
        self._redis = client
        self._rules = rules
        self._name = name
        self._room = asyncio.Semaphore(AT_ONCE)
        self._under_way: set[asyncio.Task] = set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Until it is to stop; what is under way is finished first."""
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(AT_ONCE, "names"))  # a name server that hangs holds one each
        beating = asyncio.create_task(self._beat(stopping))
        while not stopping.is_set():
            await self._room.acquire()  # who has no hand free takes no order that another fetcher could do
            if order := await self._next_order():
                self._begin(*order)
            else:
                self._room.release()
        await asyncio.gather(beating, *self._under_way, return_exceptions=True)

    async def _beat(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            try:
                await self._redis.set(ALIVE, 1, ex=ALIVE_SECONDS)
            except redis.RedisError as error:
                log.warning("Redis is away: %s", type(error).__name__)
            await asyncio.sleep(1.0)

    # -- orders

    async def _next_order(self) -> tuple[bytes, float] | None:
        """An order, and the seconds that are left for it; None: there is none now."""
        try:
            answer = await self._redis.xreadgroup(GROUP, self._name, {STREAM: ">"}, count=1, block=BLOCK_MS, noack=True)
            entries = bus.entries(answer)
            seconds, microseconds = await self._redis.time() if entries else (0, 0)
        except redis.ResponseError:  # the stream or its group is not there: the first time, or Redis has forgotten
            await self._make_group()
        except redis.RedisError:
            await asyncio.sleep(PAUSE)
        else:
            return next(((encoded, SECONDS - (seconds + microseconds / 1e6 - _born(entry))) for entry, encoded in entries), None)
        return None

    async def _make_group(self) -> None:
        try:
            await self._redis.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
        except redis.RedisError:  # another one was quicker
            await asyncio.sleep(PAUSE)

    def _begin(self, encoded: bytes, seconds: float) -> None:
        task = asyncio.create_task(self._serve(encoded, seconds))
        self._under_way.add(task)
        task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task) -> None:
        self._under_way.discard(task)
        self._room.release()
        if not task.cancelled() and (fault := task.exception()):
            log.error("a web request was not done: %s", type(fault).__name__)  # what it carries may be personal

    async def _serve(self, encoded: bytes, seconds: float) -> None:
        if seconds > 0:
            await bus.post_async(self._redis, bus.INBOX, await self.result(decode_order(encoded), seconds))

    # -- one request

    async def result(self, order: WebOrder, seconds: float) -> WebResult:
        """What came of it, whatever that was."""
        try:
            async with asyncio.timeout(seconds):
                return await self._fetch(order)
        except FetchError as fault:
            code = fault.code
        except CannotOpenError:
            code = "secret"
        except TimeoutError:
            code = "late"
        return WebResult(call=order.call, number=order.number, error=code)

    async def _fetch(self, order: WebOrder) -> WebResult:
        """Errors: FetchError, CannotOpenError."""
        headers = {order.header_name: unseal(order.header)} if order.header_name else {}
        body = msgspec.json.encode(order.body) if order.method == "POST" else b""
        answer = await fetch(order.url, order.method, headers, body, self._rules)
        if answer.status not in order.expected and (code := _fault_of(answer.status)):
            raise FetchError(code)
        try:
            values = values_of(answer.body, order.paths)
        except ValueError as fault:
            if answer.status not in order.expected:
                raise FetchError("not_json") from fault
            values = {}  # a page that says in words what the status has said
        return WebResult(call=order.call, number=order.number, status=answer.status, values=values)


def _fault_of(status: int) -> str:
    return {2: "", 3: "redirect", 4: "refused"}.get(status // 100, "failed")


def _born(entry: str) -> float:
    """Unix seconds by Redis's clock."""
    return int(entry.partition("-")[0]) / 1e3
