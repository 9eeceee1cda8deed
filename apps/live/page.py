"""One page that is connected: who looks at it, and what it can ask of the switch and of a gateway."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import msgspec

from apps.accounts.models import User
from apps.live.follower import Follower
from apps.switch import requests
from apps.telephony import leases, protocol
from contactcenter.lib import bus

ASK_SECONDS = 5.0  # a person waits no longer for a button


class Refused(Exception):
    """What the page asked cannot be; it puts `code` into words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(eq=False)
class TestedCall:
    """A test call of a page, from the moment it is asked for. `leg` empty: the cell has not answered yet."""

    leg: str = ""


@dataclass(eq=False)
class Page:
    """`tell` sends one message to the page; `connection` is new with every web socket and names it to switch and gateway."""

    user: User
    tell: Callable[[dict[str, Any]], Awaitable[None]]
    follower: Follower
    background: Callable[[Coroutine[Any, Any, None]], object]  # runs until it is done or the page has left
    administrator: bool = False
    desk: bool = False  # may be an agent
    connection: str = field(default_factory=bus.new_id)
    gateway: str = ""
    has_phone: bool = False  # the switch was told of this connection
    left: bool = False  # the person left or lost his rights; else the connection only broke
    ready: bool = False  # microphone and media path are proved (SP-03)
    card_caller: str = ""  # number of the customer whom this agent is offered or talks to
    test_call: TestedCall | None = None
    phone_turn: asyncio.Lock = field(default_factory=asyncio.Lock)  # the switch hears of the claim first, then of what follows
    _order: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ask_switch(self, request: requests.Request) -> None:
        """Errors: `Refused` with the switch's code."""
        answer = await self._ask(bus.INBOX, request)
        code = requests.decode_reply(answer).code if answer else "no_answer_from_switch"
        if code:
            raise Refused(code)

    async def tell_switch(self, request: requests.Request) -> None:
        """Nobody waits for an answer."""
        async with self._order:
            await bus.post_async(self.follower.redis, bus.INBOX, request)

    async def ask_gateway(self, request: protocol.GatewayRequest) -> protocol.MediaAnswer:
        """Errors: `Refused` with the gateway's code, no_gateway, no_answer_from_gateway."""
        answer = await self._ask(bus.gateway_stream(self.gateway), request)
        if answer is None:
            raise Refused("no_answer_from_gateway")
        reply = protocol.decode_gateway_reply(answer)
        if isinstance(reply, protocol.MediaRefused):
            raise Refused(reply.code)
        return reply

    async def tell_gateway(self, request: protocol.GatewayRequest) -> None:
        """Nobody waits for an answer. It overtakes nothing that was asked before."""
        async with self._order:
            if self.gateway:
                await bus.post_async(self.follower.redis, bus.gateway_stream(self.gateway), request)

    async def choose_gateway(self) -> None:
        """One that lives, always the same for this person: a page that comes back must find its leg. Errors: `Refused`."""
        alive = sorted(await leases.gateways_async(self.follower.redis))
        if not alive:
            self.gateway = ""
            raise Refused("no_gateway")
        if self.gateway not in alive:
            self.gateway = max(alive, key=lambda name: zlib.crc32(f"{name} {self.user.pk}".encode()))

    async def _ask(self, stream: str, request: Any) -> bytes | None:
        """Requests of a page reach the switch in the order in which they were made; their answers are awaited side by side."""
        with self.follower.replies.expected() as reply:
            async with self._order:
                await bus.post_async(self.follower.redis, stream, msgspec.structs.replace(request, reply_to=reply.to))
            return await reply.within(ASK_SECONDS)
