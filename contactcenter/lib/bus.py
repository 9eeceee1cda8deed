"""Redis as the bus between the processes: which streams there are, and the few ways of using them.

Every message is one msgspec struct, encoded as JSON in the field ``m`` of a stream entry. All streams are bounded.
A reader keeps its own cursor (a stream id), so a process that was away reads on where it stopped.
"""

import time
import uuid
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
import redis
import redis.asyncio
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

INBOX = "cc:inbox"  # all that the switch hears: leg events, requests of pages, changed configuration
JOURNAL = "cc:journal"  # facts, in order; read by the journal writer and by live pages
BOARD = "cc:board"  # hash: topic -> document, the state that live pages show
BOARD_FEED = "cc:board:feed"  # changes of the board, in order

CONFIGURATION = "cc:configuration"  # channel: somebody saved configuration; the switch reads it anew

CONNECT_TIMEOUT = 2.0  # seconds
REPLY_TIMEOUT = 5.0  # seconds a request waits for its reply
SOCKET_TIMEOUT = 15.0  # seconds until a silent Redis counts as gone: longer than any blocking read (redis-py's default is 5)
LENGTHS = {INBOX: 100_000, JOURNAL: 1_000_000, BOARD_FEED: 20_000}
SHORT = 1_000  # entries kept in the stream of one cell or gateway, and replies that nobody has read
REPLY_KEPT = 60  # seconds, after the last one
CONNECTIONS = 20  # of one asyncio client at once: with 100, 500 commands at once took seven times as long
CONNECTION_WAIT = 5.0  # seconds in which one must become free

encoder = msgspec.json.Encoder()


def cell_stream(cell: str) -> str:
    """Commands for one cell."""
    return f"cc:cell:{cell}"


def gateway_stream(gateway: str) -> str:
    """Requests for one gateway."""
    return f"cc:gateway:{gateway}"


def reply_list(reply_to: str) -> str:
    """Where the reply to a request with this `reply_to` is put."""
    return f"cc:reply:{reply_to.partition('.')[0]}"


def shared_reply(name: str, number: int) -> str:
    """A `reply_to` for whoever has one list, `name`, for many requests. What is put there begins with it; see `read_shared_reply`."""
    return f"{name}.{number}"


def connect(url: str) -> redis.Redis:
    """A blocking client. Errors: `redis.ConnectionError` after three tries within about a second."""
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_TIMEOUT,
        socket_timeout=SOCKET_TIMEOUT,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), 3),
    )


def connect_async(url: str) -> redis.asyncio.Redis:
    """An asyncio client with a pool of its own. When all connections are in use, one waits for its turn (redis-py's own pool refuses)."""
    pool = redis.asyncio.BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=CONNECTION_WAIT,
        socket_connect_timeout=CONNECT_TIMEOUT,
        socket_timeout=SOCKET_TIMEOUT,
    )
    return redis.asyncio.Redis.from_pool(pool)


@cache
def client() -> redis.Redis:
    """The client of this Django process (web, worker, switch). Processes that fork must call `connect` in the child."""
    from django.conf import settings

    return connect(settings.REDIS_URL)


def post(to: redis.Redis, stream: str, message: msgspec.Struct) -> bytes:
    """Append `message` to `stream`; returns the entry's id."""
    return to.xadd(stream, {"m": encoder.encode(message)}, maxlen=LENGTHS.get(stream, SHORT), approximate=True)


def read(source: redis.Redis, stream: str, cursor: str, *, block_ms: int | None, count: int = 200) -> Iterator[tuple[str, bytes]]:
    """(entry id, encoded message) after `cursor`, waiting up to `block_ms` (None: do not wait, 0: for ever)."""
    yield from entries(source.xread({stream: cursor}, count=count, block=block_ms))


def entries(answer: Any) -> list[tuple[str, bytes]]:
    """(entry id, encoded message) of an answer to XREAD."""
    return [(entry_id.decode(), fields[b"m"]) for _, found in answer or () for entry_id, fields in found]


def new_id() -> str:
    """An id that sorts by time: 48 bits of milliseconds and 80 random bits, as 32 hex digits (the idea of RFC 9562, UUIDv7)."""
    return f"{int(time.time() * 1000):012x}{uuid.uuid4().hex[:20]}"


def ask(to: redis.Redis, stream: str, request: Any, timeout: float = REPLY_TIMEOUT) -> bytes | None:
    """Post a request that has a field ``reply_to`` and wait for the one reply. None: nobody answered in time."""
    post(to, stream, request)
    answer = to.blpop([reply_list(request.reply_to)], timeout=timeout)
    return answer[1] if answer else None


async def post_async(to: redis.asyncio.Redis, stream: str, message: msgspec.Struct) -> bytes:
    """As `post`, for event loops."""
    return await to.xadd(stream, {"m": encoder.encode(message)}, maxlen=LENGTHS.get(stream, SHORT), approximate=True)


def reply(to: redis.Redis, reply_to: str, said: msgspec.Struct) -> None:
    """Answer a request; nobody picks it up within a minute: it is dropped."""
    with to.pipeline(transaction=True) as pipe:
        for command in reply_commands(reply_to, said):
            pipe.execute_command(*command)
        pipe.execute()


async def reply_async(to: redis.asyncio.Redis, reply_to: str, said: msgspec.Struct) -> None:
    """As `reply`, for event loops."""
    async with to.pipeline(transaction=True) as pipe:
        for command in reply_commands(reply_to, said):
            pipe.execute_command(*command)
        await pipe.execute()


def reply_commands(reply_to: str, said: msgspec.Struct) -> list[list[str]]:
    """What Redis has to do for `reply`, for whoever has other things to commit with it."""
    key, encoded = reply_list(reply_to), encoder.encode(said).decode()
    entry = f"{reply_to} {encoded}" if "." in reply_to else encoded
    return [["RPUSH", key, entry], ["LTRIM", key, str(-SHORT), "-1"], ["EXPIRE", key, str(REPLY_KEPT)]]


def read_shared_reply(entry: bytes) -> tuple[str, bytes]:
    """Of a list for many requests: the `reply_to` that it answers, and the encoded reply."""
    reply_to, _, encoded = entry.partition(b" ")
    return reply_to.decode(), encoded


async def newest_async(source: redis.asyncio.Redis, stream: str) -> str:
    """The cursor after all that is in `stream` now."""
    entries = await source.xrevrange(stream, count=1)
    return entries[0][0].decode() if entries else "0-0"


async def read_async(source: redis.asyncio.Redis, stream: str, cursor: str, *, block_ms: int, count: int = 200) -> list[tuple[str, bytes]]:
    """As `read`, for event loops."""
    return entries(await source.xread({stream: cursor}, count=count, block=block_ms))
