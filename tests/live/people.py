"""People for the tests of the live connection, and a page of theirs."""

import asyncio
from typing import Any

import msgspec
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client

from apps.accounts.models import Profile, Role, Skill, Team, User
from apps.queues.models import Queue
from contactcenter.asgi import application


def company() -> dict[str, Any]:
    """Anna serves Support and Sales by one profile, Sales alone by another; Per is in another team; Ingrid administers."""
    team, other = Team.objects.create(name="Service"), Team.objects.create(name="Other")
    people = {
        "anna": User.objects.create_user("anna", password="x", team=team, first_name="Anna"),
        "per": User.objects.create_user("per", password="x", team=other),
        "ingrid": User.objects.create_user("ingrid", password="x", team=other, role=Role.ADMINISTRATOR),
    }
    both, sales = Profile.objects.create(name="Both", team=team), Profile.objects.create(name="Sales", team=team)
    queues = {}
    for name, profiles in (("Support", [both]), ("Sales", [both, sales]), ("Foreign", [])):
        skill = Skill.objects.create(name=name)
        queues[name] = Queue.objects.create(name=name)
        queues[name].skills.create(skill=skill, minimum_level=3)
        for profile in profiles:
            profile.skills.create(skill=skill, level=5)
    return {**people, "both": both, "sales": sales, "foreign": Profile.objects.create(name="Theirs", team=other), **queues}


class LivePage:
    """A page without a browser: acknowledges what it reads, unless it is told to be slow."""

    def __init__(self, user: User | None, origin: str = "http://localhost", **start: Any) -> None:
        headers = [(b"host", b"localhost"), (b"origin", origin.encode())]
        if user is not None:
            client = Client()
            client.force_login(user)
            headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}".encode()))
        self.socket = WebsocketCommunicator(application, "/ws/live", headers=headers)
        self.user = user
        self.start = {"desk": True, "phone": False, **start}
        self.board: dict[str, Any] = {}
        self.known: dict[str, int] = dict(start.get("known", {}))
        self.other: list[dict[str, Any]] = []
        self.batches: list[list[dict[str, Any]]] = []
        self.slow = self.gone = False
        self._number = 0

    async def open(self) -> "LivePage":
        connected, _ = await self.socket.connect(timeout=5)
        assert connected
        await self.say("live.start", **self.start)
        self.hello = await self.until("live.hello")
        return self

    async def close(self, code: int = 1001) -> None:
        """As a browser does that goes elsewhere; 1006: the connection broke."""
        if not self.gone:
            self.gone = True
            await self.socket.disconnect(code=code, timeout=10)

    async def say(self, m: str, **content: Any) -> None:
        await self.socket.send_to(text_data=msgspec.json.encode({"m": m, **content}).decode())

    async def ask(self, m: str, **content: Any) -> dict[str, Any]:
        self._number += 1
        await self.say(m, id=self._number, **content)
        number = self._number
        return await self.until("live.reply", lambda message: message["id"] in (number, 0))

    async def until(self, m: str, fits=lambda message: True, timeout: float = 8) -> dict[str, Any]:
        """The next message named `m` that fits; what comes before is taken in."""
        for at, message in enumerate(self.other):
            if message["m"] == m and fits(message):
                return self.other.pop(at)
        async with asyncio.timeout(timeout):
            while True:
                message = await self.read()
                if message["m"] == m and fits(message):
                    if message in self.other:
                        self.other.remove(message)
                    return message

    async def read(self, timeout: float = 8) -> dict[str, Any]:
        output = await self.socket.receive_output(timeout=timeout)
        self.gone = output["type"] == "websocket.close"
        assert output["type"] == "websocket.send", output
        message = msgspec.json.decode(output["text"])
        if message["m"] == "live.board":
            await self._take(message)
        elif message["m"] == "live.topics":
            self.board = {topic: document for topic, document in self.board.items() if topic in message["topics"]}
            self.other.append(message)
        else:
            self.other.append(message)
        return message

    async def _take(self, message: dict[str, Any]) -> None:
        self.batches.append(message["entries"])
        for entry in message["entries"]:
            self.board[entry["topic"]] = entry["document"]
            self.known[entry["topic"]] = entry["seq"]
        if not self.slow:
            await self.say("live.seen", batch=message["batch"])

    async def sees(self, topic: str, fits=lambda document: True, timeout: float = 8) -> Any:
        """The document of `topic`, as soon as it fits."""
        async with asyncio.timeout(timeout):
            while topic not in self.board or not fits(self.board[topic]):
                await self.read()
        return self.board[topic]

    async def is_phone(self) -> None:
        """The switch knows this page as its agent's phone; before that it answers nothing."""
        assert self.user
        await self.sees(f"agent:{self.user.pk}", lambda document: document and document["connection"] == self.hello["connection"])

    async def closed(self, timeout: float = 5) -> int:
        """The code that the server closes with: one that Daphne can send, too."""
        async with asyncio.timeout(timeout):
            while (output := await self.socket.receive_output(timeout=timeout))["type"] != "websocket.close":
                pass
        assert output["code"] == 1000 or 3000 <= output["code"] < 5000, output
        return output["code"]
