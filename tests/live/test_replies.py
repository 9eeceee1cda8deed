"""500 desks on one web process wait for a switch that is late: all of them, and each for its own answer (PF-10)."""

import asyncio
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
import redis

from apps.live import follower, page
from apps.switch import board, requests
from contactcenter.lib import bus
from tests.fakes.pages_switch import PagesSwitch

DESKS = 500
PATIENCE = 30.0  # seconds
CODES = ("", "not_now", "no_call", "gone", "fault", "no_trunk", "cell_full")  # each desk gets another one than its neighbours


@pytest.fixture
async def desks(switch: PagesSwitch, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[page.Page]]:
    """Of a web process: agents 1 to 500. All are patient, because how fast this machine is proves nothing here."""
    for module, name in ((bus, "CONNECT_TIMEOUT"), (bus, "CONNECTION_WAIT"), (page, "ASK_SECONDS")):
        monkeypatch.setattr(module, name, PATIENCE)
    held = follower.hold()
    yield [page.Page(SimpleNamespace(pk=number), _nobody, held, asyncio.create_task) for number in range(1, DESKS + 1)]
    await follower.release(held)


async def _nobody(message: dict[str, Any]) -> None:
    """Is told."""


async def _heard(switch: PagesSwitch, kind: type, number: int) -> list[requests.Request]:
    """What the switch was asked, as soon as it is so much."""
    deadline = time.monotonic() + PATIENCE
    while len(heard := switch.asked(kind)) < number:  # noqa: ASYNC110 - the switch is another thread
        assert time.monotonic() < deadline, f"{len(heard)} of {number} have asked"
        await asyncio.sleep(0.01)
    return heard


async def _answer_to(desk: page.Page) -> str:
    try:
        await desk.ask_switch(requests.BecomeReady(agent=desk.user.pk))
    except page.Refused as refused:
        return refused.code
    return ""


def _code(agent: int) -> str:
    return CODES[agent % len(CODES)]


async def test_all_desks_wait_for_a_switch_that_is_late_and_each_gets_its_own_answer(desks: list[page.Page], switch: PagesSwitch) -> None:
    switch.silent = True
    asked = [asyncio.create_task(_answer_to(desk)) for desk in desks]
    for request in reversed(await _heard(switch, requests.BecomeReady, DESKS)):
        bus.reply(switch.redis, request.reply_to, requests.Reply(_code(request.agent)))
    assert await asyncio.gather(*asked) == [_code(desk.user.pk) for desk in desks]


async def test_desks_that_all_come_back_at_once_are_all_let_in(desks: list[page.Page], switch: PagesSwitch) -> None:
    for desk in desks[-2:]:
        switch.change(desk.user.pk, status="ready")
    found = await asyncio.gather(*(desk.follower.read([board.agent_topic(desk.user.pk)]) for desk in desks))
    assert [entry.seq > 0 for (entry,) in found] == [False] * (DESKS - 2) + [True] * 2


async def test_a_reply_that_cannot_be_read_costs_nobody_his_own(desks: list[page.Page], switch: PagesSwitch) -> None:
    for desk in desks[1:3]:
        switch.change(desk.user.pk, status="pause")
    assert await _answer_to(desks[1]) == ""
    (asked,) = switch.asked(requests.BecomeReady)
    switch.redis.rpush(bus.reply_list(asked.reply_to.partition(".")[0]), b"\xff\xff.1 {}")
    assert await _answer_to(desks[2]) == ""


async def test_answer_that_comes_too_late_is_nobody_elses(desks: list[page.Page], switch: PagesSwitch, monkeypatch) -> None:
    switch.change(desks[0].user.pk, status="pause")
    monkeypatch.setattr(page, "ASK_SECONDS", 0.05)
    switch.silent = True
    assert await _answer_to(desks[0]) == "no_answer_from_switch"
    bus.reply(switch.redis, switch.asked(requests.BecomeReady)[0].reply_to, requests.Reply("fault"))
    monkeypatch.setattr(page, "ASK_SECONDS", PATIENCE)
    switch.silent = False
    assert await _answer_to(desks[0]) == ""
    assert not switch.redis.exists(bus.reply_list(switch.asked(requests.BecomeReady)[0].reply_to))


async def test_who_waits_while_redis_is_away_gets_his_answer_when_it_is_back(desks, switch: PagesSwitch, redis_server) -> None:
    switch.silent = True
    asked = asyncio.create_task(_answer_to(desks[0]))
    [request] = await _heard(switch, requests.BecomeReady, 1)
    await asyncio.to_thread(_starts_anew, redis_server)
    bus.reply(switch.redis, request.reply_to, requests.Reply("not_now"))
    assert await asked == "not_now"


def _starts_anew(server: Any) -> None:
    server.process.kill()
    server.process.wait()
    server.start()


def test_replies_that_nobody_reads_any_more_are_few_and_go(redis_url: str) -> None:
    """The web process that asked was killed."""
    client = redis.Redis.from_url(redis_url)
    for number in range(bus.SHORT + 5):
        bus.reply(client, bus.shared_reply("web", number), requests.Reply(""))
    assert client.llen(bus.reply_list("web.1")) == bus.SHORT
    assert 0 < client.ttl(bus.reply_list("web.1")) <= bus.REPLY_KEPT
