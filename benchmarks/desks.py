"""How soon 500 desks on one web process see what happens, and a team leader what an agent clicks: `python -m benchmarks.desks [desks]`.

A real web process as it is installed, a real Redis, real WebSockets with sessions of their own (as many as desks, of two client processes).
In the switch's place a process writes the board as the switch does. JSON lines.
"""

import asyncio
import gc
import json
import multiprocessing
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import msgspec
import redis
from websockets.asyncio.client import connect

from apps.switch import board
from benchmarks.figures import tell
from benchmarks.processes import cpu_seconds
from contactcenter.lib import bus
from tests.conftest import RedisServer, free_port

ROOT = Path(__file__).resolve().parent.parent
DESKS, QUEUES, TEAM = 500, 20, 25
OWN, OF_QUEUES = 2, 3  # changes a second that a desk sees: of its own document, of its team's queues
WARM, SECONDS = 5.0, 20.0
CLIENTS = 2
GOAL, LEADER_GOAL = 100.0, 200.0  # ms
CLICKS = 100


class Company:
    """A folder with a database of `desks` agents in teams of `TEAM`, each team with three queues of its own; and a web process."""

    def __init__(self, redis_url: str, desks: int) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="cc-desks-")
        self.port = free_port()
        own = {"CC_VAR": self.folder.name, "REDIS_URL": redis_url, "CC_WEB_PORT": str(self.port), "PYTHONPATH": str(ROOT)}
        self.environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | own
        self.environment["DJANGO_SETTINGS_MODULE"] = "contactcenter.settings"
        self._run("manage.py", "migrate", "-v", "0")
        made = self._run("-m", "benchmarks.desks", "company", str(desks))
        self.people: list[dict[str, Any]] = json.loads(made.splitlines()[-1])

    def _run(self, *command: str) -> str:
        return subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=self.environment, check=True, timeout=300, capture_output=True, text=True
        ).stdout

    def __enter__(self) -> "Company":
        self.process = self.start("web")
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/live", timeout=2).close()
                return self
            except OSError:
                assert time.monotonic() < deadline and self.process.poll() is None, "the web process did not start"
                time.sleep(0.1)

    def start(self, name: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "manage.py", name], cwd=ROOT, env=self.environment)

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(20)
        self.folder.cleanup()


def make_company(desks: int) -> None:
    """In the environment of the web process: prints who there is, with a session for each."""
    import django

    django.setup()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from apps.accounts.models import PauseReason, Profile, Role, Skill, Team, User
    from apps.numbers.models import Trunk
    from apps.queues.models import Queue

    people = []
    PauseReason.objects.create(name="Lunch")
    Trunk.objects.create(name="Operator", host="127.0.0.1:9", ping=False)
    for number in range(-(-desks // TEAM)):
        team, skill = Team.objects.create(name=f"Team {number}"), Skill.objects.create(name=f"Skill {number}")
        profile = Profile.objects.create(name="All", team=team)
        profile.skills.create(skill=skill, level=5)
        queues = [Queue.objects.create(name=f"Queue {number}.{n}") for n in range(OF_QUEUES)]
        for queue in queues:
            queue.skills.create(skill=skill)
        for n in range(min(TEAM, desks - number * TEAM)):
            role = Role.TEAM_LEADER if n == 0 else Role.AGENT
            user = User(username=f"agent-{number}-{n}", team=team, role=role)
            user.set_unusable_password()
            user.save()
            session = SessionStore()
            backend = "apps.accounts.rights.RoleBackend"
            session.update({SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: backend, HASH_SESSION_KEY: user.get_session_auth_hash()})
            session.create()
            served = [queue.pk for queue in queues]
            people.append({"id": user.pk, "session": session.session_key, "queues": served, "leads": n == 0, "profile": profile.pk})
    print(json.dumps(people))


# -- what the switch does: documents onto the board


class Writer:
    """As the switch's commit does it (store.py), many documents at once if they are due together."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(url)
        self._seq = int(time.time() * 1e6)

    def write(self, documents: list[tuple[str, msgspec.Struct]]) -> None:
        with self._redis.pipeline(transaction=True) as pipe:
            for topic, document in documents:
                self._seq += 1
                entry = board.encode(board.BoardEntry(self._seq, topic, msgspec.Raw(board.encode(document))))
                pipe.hset(bus.BOARD, topic, entry)
                pipe.xadd(bus.BOARD_FEED, {"m": entry}, id=f"{self._seq}-0", maxlen=20_000, approximate=True)
            pipe.execute()


def document_of(agent: int) -> tuple[str, msgspec.Struct]:
    """In a call, with all that a card has. `since` tells when it happened."""
    now = time.time()
    card = board.CallCard(
        call=bus.new_id(), leg=bus.new_id(), state="talking", since=now, caller="+4790000001", caller_name="Kari Nordmann",
        dialled="+4722334455", number_name="Customer service", queue=1, queue_name="Support", entered_at=now, waited=12.0,
        path=(board.PassedStep("Welcome"), board.PassedStep("Main menu", "1 Support")),
    )  # fmt: skip
    return board.agent_topic(agent), board.AgentDocument(agent=agent, status="connected", since=now, phone="softphone", card=card)


def document_of_queue(queue: int) -> tuple[str, msgspec.Struct]:
    return board.queue_topic(queue), board.QueueDocument(queue=queue, name="Support", waiting=random.randrange(20), oldest=time.time())


def write_for(url: str, people: list[dict[str, Any]], seconds: float) -> None:
    """Each desk sees OWN changes of its own and OF_QUEUES of its queues a second, at random moments, as they come in a day."""
    writer = Writer(url)
    queues = sorted({queue for person in people for queue in person["queues"]})
    rate = OWN * len(people) + len(queues)  # each of a desk's three queues changes once a second
    kinds = [(document_of, person["id"]) for person in people for _ in range(OWN)] + [(document_of_queue, queue) for queue in queues]
    begun, written = time.monotonic(), 0
    while (passed := time.monotonic() - begun) < seconds:
        due = min(200, int(passed * rate) - written)
        if due <= 0:
            time.sleep(0.001)
            continue
        writer.write([make(number) for make, number in random.choices(kinds, k=due)])
        written += due


# -- the desks


class Desk:
    """`took`: milliseconds from what happened to its arrival here."""

    def __init__(self, port: int, person: dict[str, Any]) -> None:
        self.port, self.person = port, person
        self.took: list[float] = []
        self.counts = False

    async def run(self, is_open: asyncio.Semaphore) -> None:
        async with is_open:
            socket = await _socket(self.port, self.person)
        async with socket:
            await socket.send(json.dumps({"m": "live.start", "desk": True}))
            async for text in socket:
                message = decode(text)
                if message.m == "live.board":
                    self._take(message, time.time())
                    await socket.send(f'{{"m":"live.seen","batch":{message.batch}}}')

    def _take(self, message: "Message", now: float) -> None:
        if self.counts:
            happened = (entry.document.since or entry.document.oldest for entry in message.entries if entry.document)
            self.took += [1000 * (now - at) for at in happened if at]


class Shown(msgspec.Struct):
    since: float = 0.0
    oldest: float | None = None


class Entry(msgspec.Struct):
    document: Shown | None


class Message(msgspec.Struct):
    m: str
    batch: int = 0
    entries: list[Entry] = []


decode = msgspec.json.Decoder(Message).decode


async def _desks(port: int, people: list[dict[str, Any]], told: Any, begin: Any) -> None:
    desks = [Desk(port, person) for person in people]
    is_open = asyncio.Semaphore(20)
    tasks = [asyncio.create_task(desk.run(is_open)) for desk in desks]
    await asyncio.to_thread(begin.wait)
    gc.freeze()
    await asyncio.sleep(WARM)
    for desk in desks:
        desk.counts = True
    await asyncio.sleep(SECONDS)
    for desk in desks:
        desk.counts = False
    for task in tasks:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    lost = [error for error in ended if not isinstance(error, asyncio.CancelledError)]
    told.put(([took for desk in desks for took in desk.took], len(lost)))


def desks_process(port: int, people: list[dict[str, Any]], told: Any, begin: Any) -> None:
    asyncio.run(_desks(port, people, told, begin))


# -- an agent clicks, his team leader sees it


async def clicks(company: Company) -> None:
    """With the real switch: the page's request, the switch's commit, the board, the team leader's page."""
    leader, agent = company.people[0], company.people[1]
    seen: asyncio.Queue[tuple[str, float]] = asyncio.Queue()
    topic = board.agent_topic(agent["id"])
    async with _socket(company.port, leader) as watching, _socket(company.port, agent) as clicking:
        await watching.send(json.dumps({"m": "live.start", "desk": True, "team": True}))
        await clicking.send(json.dumps({"m": "live.start", "desk": True}))
        tasks = [asyncio.create_task(_watch(watching, topic, seen)), asyncio.create_task(_watch(clicking, "", seen))]
        await _click(clicking, "desk.log_on", profile=agent["profile"], phone="+4740000001")
        await _until_status("ready", seen)
        took = []
        for n in range(CLICKS):
            name, content, status = ("desk.ready", {}, "ready") if n % 2 else ("desk.pause", {"reason": "Lunch"}, "pause")
            at = await _click(clicking, name, **content)
            took.append(1000 * (await _until_status(status, seen) - at))
            await asyncio.sleep(0.25)  # a page that says more than 20 things a second is cut off
        for task in tasks:
            task.cancel()
    took.sort()
    tell("desks: click of a status, to seen by the team leader, median", statistics.median(took), "ms", LEADER_GOAL)
    tell(f"desks: the same, slowest of {CLICKS}", took[-1], "ms", LEADER_GOAL)


def _socket(port: int, person: dict[str, Any]) -> connect:
    url = f"127.0.0.1:{port}"
    headers = {"Cookie": f"sessionid={person['session']}"}
    return connect(f"ws://{url}/ws/live", origin=f"http://{url}", additional_headers=headers, compression=None, open_timeout=60)  # type: ignore[arg-type]


async def _watch(socket: Any, topic: str, seen: "asyncio.Queue[tuple[str, float]]") -> None:
    async for text in socket:
        now, message = time.time(), json.loads(text)
        if message["m"] == "live.reply":
            assert not message["code"], f"refused: {message['code']}"
        if message["m"] == "live.board":
            await socket.send(json.dumps({"m": "live.seen", "batch": message["batch"]}))
            for entry in message["entries"]:
                if entry["topic"] == topic and entry["document"]:
                    seen.put_nowait((entry["document"]["status"], now))


async def _click(socket: Any, name: str, **content: Any) -> float:
    at = time.time()
    await socket.send(json.dumps({"m": name, "id": 1, **content}))
    return at


async def _until_status(status: str, seen: "asyncio.Queue[tuple[str, float]]") -> float:
    async with asyncio.timeout(10):
        while (found := await seen.get())[0] != status:
            pass
    return found[1]


def many_desks(company: Company, url: str) -> None:
    context = multiprocessing.get_context("spawn")
    told, begin = context.Queue(), context.Event()
    people = company.people
    clients = [context.Process(target=desks_process, args=(company.port, people[n::CLIENTS], told, begin)) for n in range(CLIENTS)]
    writer = context.Process(target=write_for, args=(url, people, WARM + SECONDS))
    for client in clients:
        client.start()
    _until_all_are_there(url, company, len(people))
    begin.set()
    writer.start()
    time.sleep(WARM)
    before = cpu_seconds(company.process.pid)
    time.sleep(SECONDS)
    share = (cpu_seconds(company.process.pid) - before) / SECONDS * 100
    parts = [told.get(timeout=60) for _ in clients]
    for process in (*clients, writer):
        process.join(30)
    took = sorted(ms for times, _ in parts for ms in times)
    lost = sum(lost for _, lost in parts)
    desks = len(people)
    name = f"desks: event to browser, {desks} desks of one web process, {OWN + OF_QUEUES} changes a second each"
    tell(f"{name}, median", statistics.median(took), "ms", GOAL)
    tell("desks: the same, 95th percentile", took[int(len(took) * 0.95)], "ms", GOAL)
    tell("desks: the same, 99th percentile", took[int(len(took) * 0.99)], "ms", GOAL)
    tell("desks: changes that a desk sees a second", len(took) / SECONDS / desks, "1/s", OWN + OF_QUEUES, "higher")
    tell("desks: connections lost", lost, "", 0)
    tell("desks: the web process", share, "% of a core", 100)


def _until_all_are_there(url: str, company: Company, desks: int) -> None:
    """Open, as the kernel sees it, and then what follows from a first state."""
    deadline = time.monotonic() + 120
    port = f":{company.port:04X}"
    while True:
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        if sum(row[1].endswith(port) and row[3] == "01" for row in rows) >= desks:
            time.sleep(2.0)
            return
        assert time.monotonic() < deadline, "the desks did not open"
        time.sleep(0.1)


def main(desks: int) -> None:
    server = RedisServer()
    try:
        with Company(server.url, desks) as company:
            switch = company.start("switch")
            try:
                asyncio.run(clicks(company))
            finally:
                switch.terminate()
                switch.wait(20)
            many_desks(company, server.url)
    finally:
        server.stop()


if __name__ == "__main__":
    if sys.argv[1:2] == ["company"]:
        make_company(int(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else DESKS)
