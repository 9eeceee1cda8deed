"""The one WebSocket of a page: /ws/live. Everything that comes and goes is one JSON object with its name in `m`.

From the page: {"m": "desk.pause", "id": 7, …}, answered by {"m": "live.reply", "id": 7, "code": ""}. The first message is
"live.start" with what the page knows already; the answer is "live.hello", then "live.board" batches, each of which
the page acknowledges with "live.seen" (see mailbox.py). Who speaks is known from the Django session; which page may
connect from the Origin header (see routing.py). A page asks about itself only: no message names an agent.
"""

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import Annotated, Any

import msgspec
import redis
from autobahn.exception import Disconnected
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.db import DatabaseError

from apps.accounts.models import User
from apps.live import audience, follower, record
from apps.live.ending import end
from apps.live.mailbox import Mailbox
from apps.live.modules import desk, directory, passing_on, softphone, summary, testcall
from apps.live.page import Page, Refused
from apps.live.rate import Bucket
from apps.live.standing import still_stands
from apps.switch import board
from contactcenter.lib import clock
from contactcenter.lib.reading import reader

log = logging.getLogger(__name__)

MODULES = (desk, directory, passing_on, softphone, summary, testcall)
ENTRIES = {name: entry for module in MODULES for name, entry in module.MESSAGES.items()}
LONGEST_MESSAGE = 32_768  # characters; an offer has about 2,000
PER_SECOND, BURST = 20, 60
AT_ONCE = 8  # requests of one page that wait for their answer
RIGHTS_SECONDS = 15.0  # how long a page may go on with rights that its user has lost
LEFT = 1001  # what a browser says when its page is left or loaded anew (RFC 6455 7.4.1)
# Close codes, all of the private range (RFC 6455 7.4.2): the web server raises an error instead of sending another one than 1000.
NOT_SIGNED_IN, TOO_FAST, TOO_BIG, TRY_LATER = 4401, 4008, 4009, 4013


class Envelope(msgspec.Struct, frozen=True):
    m: str
    id: int = 0


class Start(msgspec.Struct, frozen=True):
    """`known`: seq of the documents that the page has. `phone`: it wants to be the agent's phone. `leg`: whose audio it has already.

    `team`: it wants the documents of the team's agents too; who leads no team gets none.
    """

    known: dict[str, int] = {}
    desk: bool = True
    phone: bool = False
    team: bool = False
    leg: Annotated[str, msgspec.Meta(max_length=64)] = ""


class Seen(msgspec.Struct, frozen=True):
    batch: int


read_envelope, read_start, read_seen = reader(Envelope), reader(Start), reader(Seen)


def shown(entry: board.BoardEntry) -> dict[str, Any]:
    """An entry as pages get it: with the numbers on a card as people write them."""
    told: dict[str, Any] = {"topic": entry.topic, "seq": entry.seq, "document": entry.document}
    document = msgspec.json.decode(entry.document, type=dict[str, Any] | None)
    if document and (card := document.get("card")):
        consulted = (card.get("consult") or card.get("in_vain") or {}).get("number", "")
        told["numbers"] = {
            name: record.pretty(number)
            for name, number in (("caller", card["caller"]), ("dialled", card["dialled"]), ("consulted", consulted))
        }
    if document and (summary := document.get("summary")):
        told["about"] = record.pretty(summary["caller"])
    if document and (out := document.get("called_out")):
        told["called_out"] = record.pretty(out["number"])
    if document and document.get("callers"):
        told["callers"] = [{**caller, "number": record.pretty(caller["number"])} for caller in document["callers"]]
    return told


class LiveConsumer(AsyncJsonWebsocketConsumer):
    page: Page | None = None

    async def connect(self) -> None:
        user: User = self.scope["user"]
        await self.accept()  # refusing the handshake would tell the page nothing: browsers hide the reason
        if not user.is_authenticated or not user.is_active:
            await self.close(NOT_SIGNED_IN)
            return
        self.bucket = Bucket(per_second=PER_SECOND, burst=BURST)
        self.tasks: set[asyncio.Task[None]] = set()
        self.answering = 0
        self.mailbox: Mailbox | None = None
        self.something_waits = asyncio.Event()
        self.profile: int | None = None
        self.team = False
        rights = audience.is_administrator(user), audience.has_desk(user)
        self.page = Page(user, self.send_json, follower.hold(), self.background, *rights)
        self.background(self._watch_rights())

    async def disconnect(self, code: int) -> None:
        if self.page is None:
            return
        self.page.left = self.page.left or code == LEFT
        await end(self.tasks)
        try:
            for module in (softphone, testcall):
                await module.gone(self.page)
        except redis.RedisError:
            log.warning("a page left while Redis was away; leases and watchdogs clean up after it")
        finally:
            if self.mailbox is not None:
                self.page.follower.part(self.mailbox)
            await follower.release(self.page.follower)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any) -> None:
        if self.page is None:
            return
        if text_data is None or len(text_data) > LONGEST_MESSAGE:
            await self.close(TOO_BIG)
        elif not self.bucket.take(time.monotonic()):
            await self.close(TOO_FAST)
        else:
            await self._hear(text_data)

    async def _hear(self, text: str) -> None:
        try:
            envelope = read_envelope(text)
            if envelope.m == "live.seen":
                self._seen(read_seen(text))
            elif envelope.m == "live.start" and self.mailbox is None:
                await self._start(read_start(text))
            elif envelope.m == "live.ping":
                await self._reply(envelope.id, "", {"now": clock.now()})
            else:
                await self._request(envelope, text)
        except msgspec.DecodeError:  # a page of another version, or no page of ours
            await self.send_json({"m": "live.reply", "id": 0, "code": "bad_message"})

    # -- requests

    async def _request(self, envelope: Envelope, text: str) -> None:
        entry = ENTRIES.get(envelope.m)
        if entry and not entry.may(self.here):
            await self._reply(envelope.id, "not_allowed")
            return
        try:
            message = entry.decode(text) if entry else None
        except msgspec.ValidationError:
            message = None
        if entry is None or message is None:
            await self._reply(envelope.id, "bad_message")
        elif self.answering >= AT_ONCE:
            await self._reply(envelope.id, "too_many")
        else:
            self.answering += 1
            self.background(self._answer(envelope, entry.handle(self.page, message)))

    async def _answer(self, envelope: Envelope, work: Coroutine[Any, Any, dict[str, Any] | None]) -> None:
        """The one place where a request may fail."""
        try:
            await self._reply(envelope.id, "", await work)
        except Refused as refused:
            await self._reply(envelope.id, refused.code)
        except redis.RedisError:
            await self._reply(envelope.id, "no_answer_from_switch")
        except Exception:
            log.exception("a page's request failed: %s", envelope.m)
            await self._reply(envelope.id, "fault")
        finally:
            self.answering -= 1

    async def send_json(self, content: dict[str, Any], close: bool = False) -> None:
        try:
            await super().send_json(content, close)
        except (Disconnected, OSError):  # ASGI says OSError, Daphne its own; `disconnect` follows
            log.debug("a page left before it was told")

    async def close(self, code: int | bool | None = None, reason: str | None = None) -> None:
        try:
            await super().close(code, reason)
        except (Disconnected, OSError):
            log.debug("a page left before its connection was ended")

    async def _reply(self, request: int, code: str, more: dict[str, Any] | None = None) -> None:
        await self.send_json({"m": "live.reply", "id": request, "code": code, **(more or {})})

    def background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _watch_rights(self) -> None:
        """Who lost his rights goes no further with them: his page comes again, and is let in with what he may now, or not."""
        while True:
            await asyncio.sleep(RIGHTS_SECONDS)
            try:
                if await still_stands(self.scope["session"].session_key, self.here.user):
                    continue
            except DatabaseError as away:
                log.warning("a page's rights could not be read again: %s", type(away).__name__)
                continue
            self.here.left = True
            await self.close(TRY_LATER)
            return

    # -- the board

    @property
    def here(self) -> Page:
        """The page that `connect` let in; what is below runs for no other."""
        if self.page is None:
            raise LookupError("no page")
        return self.page

    @property
    def waiting(self) -> Mailbox:
        """What the page has not seen yet, from its `start` on."""
        if self.mailbox is None:
            raise LookupError("no mailbox")
        return self.mailbox

    async def _start(self, start: Start) -> None:
        """First state, or what has changed since the page's last connection."""
        page = self.here
        await self.send_json({"m": "live.hello", "now": clock.now(), "connection": page.connection, "agent": page.user.pk})
        self.mailbox = Mailbox(start.known)
        self.team = start.team
        if start.desk and page.desk:
            self.background(self._keep_true(start))

    def _seen(self, seen: Seen) -> None:
        if self.mailbox is not None:
            self.mailbox.seen(seen.batch)
            self.something_waits.set()

    async def _keep_true(self, start: Start) -> None:
        """Tell the page what changes, as fast as it reads. Without Redis or database it shall come again later."""
        try:
            if start.phone:
                await softphone.claim(self.here, start.leg)
            self.profile = await self._profile()
            await self.here.follower.join(self.waiting, self.something_waits.set, await self._topics())
            while True:
                await self.something_waits.wait()
                self.something_waits.clear()
                await self._hand_out()
        except (redis.RedisError, TimeoutError, DatabaseError):
            await self.close(TRY_LATER)

    async def _profile(self) -> int | None:
        (entry,) = await self.here.follower.read([board.agent_topic(self.here.user.pk)])
        return self._take_note(entry)

    async def _topics(self) -> list[str]:
        topics = await database_sync_to_async(self._wanted_topics)()
        await self.send_json({"m": "live.topics", "topics": topics})
        return topics

    def _wanted_topics(self) -> list[str]:
        """Each once: a team leader may be among his people."""
        team = audience.team_topics(self.here.user) if self.team else []
        return list(dict.fromkeys([*audience.topics_of(self.here.user, self.profile), *team]))

    async def _hand_out(self) -> None:
        while batch := self.waiting.take():
            number, entries = batch
            await self.send_json({"m": "live.board", "batch": number, "now": clock.now(), "entries": [shown(entry) for entry in entries]})
            await self._follow_profile(entries)

    async def _follow_profile(self, entries: list[board.BoardEntry]) -> None:
        """Another profile serves other queues."""
        own = [entry for entry in entries if entry.topic == board.agent_topic(self.here.user.pk)]
        if own and (profile := self._take_note(own[-1])) != self.profile:
            self.profile = profile
            await self.here.follower.change(self.waiting, await self._topics())

    def _take_note(self, entry: board.BoardEntry) -> int | None:
        document = msgspec.json.decode(entry.document, type=board.AgentDocument | None)
        card = document.card if document else None
        self.here.card_caller = card.caller if card else self.here.card_caller
        return document.profile if document and document.status != "logged_off" else None

    @classmethod
    async def encode_json(cls, content: dict[str, Any]) -> str:
        return msgspec.json.encode(content).decode()
