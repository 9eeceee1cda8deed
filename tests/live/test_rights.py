"""Who may connect, and what a page may say."""

import asyncio
from collections.abc import Callable

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session

from apps.accounts.models import Role, User
from apps.live import consumer
from apps.live.modules import testcall
from apps.live.origin import is_ours
from apps.switch import requests
from tests.fakes.pages_gateway import PagesGateway
from tests.fakes.pages_switch import PagesSwitch
from tests.live.conftest import make

pytestmark = pytest.mark.django_db(transaction=True)
WHATEVER = {
    "profile": 1,
    "reason": "Lunch",
    "ready": True,
    "leg": "leg-1",
    "on": True,
    "digits": "1",
    "offer": "v=0",
    "number": "+4780012345",
    "text": "kari",
}


async def test_a_page_of_another_site_is_refused(who, switch: PagesSwitch) -> None:
    """The session's cookie alone does not open the connection: the Origin must be ours."""
    page = await make(who["anna"], origin="https://elsewhere.example")
    connected, _ = await page.socket.connect()
    assert not connected


@pytest.mark.parametrize(
    ("origin", "ours"),
    [
        ("https://contact.example", True),
        ("https://CONTACT.example", True),
        ("https://contact.example:8443", False),  # another service of the same machine: its pages send our cookie along
        ("http://contact.example", False),  # what somebody on the way can write
        ("https://contact.example.evil.example", False),
        ("https://evil.example/contact.example", False),
        ("https://contact.example@evil.example", False),
        ("https://desk.trusted.example", True),
        ("https://trusted.example:444", False),
        ("http://desk.trusted.example", False),
        ("null", False),
        ("", False),
        ("file://", False),
        ("https://[", False),
        ("//contact.example", False),
    ],
)
def test_a_page_is_ours_by_scheme_host_and_port(origin: str, ours: bool, settings) -> None:
    settings.BEHIND_PROXY, settings.CSRF_TRUSTED_ORIGINS = True, ["https://*.trusted.example"]
    assert is_ours(origin, "contact.example") is ours


async def test_a_page_of_another_port_of_this_host_is_refused(who, switch: PagesSwitch) -> None:
    page = await make(who["anna"], origin="http://localhost:9999")
    connected, _ = await page.socket.connect()
    assert not connected


async def test_a_page_whose_name_somebody_pointed_here_is_refused(who, switch: PagesSwitch) -> None:
    """DNS rebinding: Host and Origin agree, but the name is not ours."""
    page = await make(who["anna"], origin="http://evil.example")
    headers = {**dict(page.socket.scope["headers"]), b"host": b"evil.example"}
    page.socket.scope["headers"] = list(headers.items())
    connected, _ = await page.socket.connect()
    assert not connected


@pytest.mark.parametrize("role", [Role.WALLBOARD, Role.API])
async def test_who_is_no_agent_may_say_nothing(role: Role, who, opens: Callable, switch: PagesSwitch, gateway: PagesGateway) -> None:
    """PF-02: a wallboard's screen hangs where everybody can reach it. Its team has profiles, so the role alone holds it back."""
    await User.objects.filter(pk=who["anna"].pk).aupdate(role=role)
    page = await opens(await User.objects.aget(pk=who["anna"].pk), phone=True)
    said = {name: (await page.ask(name, **WHATEVER))["code"] for name in consumer.ENTRIES}
    assert set(said.values()) == {"not_allowed"}, said
    assert switch.heard == [] and gateway.heard == [] and page.board == {}


async def test_who_is_no_administrator_makes_no_test_calls(who, opens: Callable, gateway: PagesGateway) -> None:
    await User.objects.filter(pk=who["anna"].pk).aupdate(role=Role.TEAM_LEADER)
    for user in (await User.objects.aget(pk=who["anna"].pk), who["per"]):
        page = await opens(user, desk=False)
        said = {name: (await page.ask(name, **WHATEVER))["code"] for name in testcall.MESSAGES}
        assert set(said.values()) == {"not_allowed"}
    assert gateway.heard == []


async def test_nobody_connects_without_signing_in(switch: PagesSwitch, transactional_db: None) -> None:
    page = await make(None)
    await page.socket.connect()
    assert await page.closed() == consumer.NOT_SIGNED_IN


async def _log_out(user: User) -> None:
    await Session.objects.all().adelete()


async def _switch_off(user: User) -> None:
    await User.objects.filter(pk=user.pk).aupdate(is_active=False)


async def _degrade(user: User) -> None:
    await User.objects.filter(pk=user.pk).aupdate(role=Role.AGENT)


async def _change_password(user: User) -> None:
    user.set_password("another one")
    await user.asave()


@pytest.mark.parametrize("lose", [_log_out, _switch_off, _degrade, _change_password])
async def test_a_page_does_not_outlive_the_rights_it_was_opened_with(lose: Callable, who, opens: Callable, monkeypatch) -> None:
    """PF-02: an open connection ends when its user logged out, was switched off, got another role or another password."""
    monkeypatch.setattr(consumer, "RIGHTS_SECONDS", 0.1)
    page = await opens(who["ingrid"], desk=False)
    await lose(who["ingrid"])
    assert await page.closed() == consumer.TRY_LATER


async def test_a_page_whose_user_keeps_his_rights_stays(who, opens: Callable, monkeypatch) -> None:
    monkeypatch.setattr(consumer, "RIGHTS_SECONDS", 0.05)
    page = await opens(who["anna"])
    await asyncio.sleep(0.5)
    assert (await page.ask("live.ping"))["code"] == ""


async def test_a_message_that_is_too_long_ends_the_connection(who, opens: Callable) -> None:
    page = await opens(who["anna"])
    await page.say("desk.pause", reason="x" * consumer.LONGEST_MESSAGE)
    assert await page.closed() == consumer.TOO_BIG


async def test_too_many_messages_end_the_connection(who, opens: Callable) -> None:
    page = await opens(who["anna"])
    for _ in range(consumer.BURST + 20):
        await page.say("live.seen", batch=0)
    assert await page.closed() == consumer.TOO_FAST


@pytest.mark.parametrize(
    "message",
    [
        {"m": "desk.dance"},
        {"m": "desk.pause"},
        {"m": "desk.log_on", "profile": "one"},
        {"m": "softphone.keys", "digits": "12x"},
        {"m": "softphone.keys", "digits": "1" * 33},
        {"m": "desk.extend_wrap_up", "seconds": 100_000},
    ],
)
async def test_nonsense_is_refused_and_the_connection_lives_on(message: dict, who, opens: Callable, switch: PagesSwitch) -> None:
    page = await opens(who["anna"])
    assert (await page.ask(**message))["code"] == "bad_message"
    assert (await page.ask("live.ping"))["code"] == ""
    assert switch.heard == []


DEEP = '{"m": "live.ping", "x": ' + "[" * 15_000 + "]" * 15_000 + "}"


@pytest.mark.parametrize("text", [DEEP, "[" * 30_000, "\ud800"], ids=["nested", "open brackets", "half a character"])
async def test_json_that_cannot_be_read_is_refused_and_the_connection_lives_on(text: str, who, opens: Callable) -> None:
    """PF-10."""
    page = await opens(who["anna"])
    await page.socket.send_to(text_data=text)
    assert (await page.until("live.reply"))["code"] == "bad_message"
    assert (await page.ask("live.ping"))["code"] == ""


async def test_a_page_speaks_about_its_own_agent_only(who, opens: Callable, switch: PagesSwitch) -> None:
    """No message names an agent; one that does is not believed."""
    switch.change(who["anna"].pk, status="ready")
    page = await opens(who["anna"])
    await page.ask("desk.pause", reason="Lunch", agent=who["per"].pk)
    assert [request.agent for request in switch.asked(requests.Pause)] == [who["anna"].pk]


async def test_nobody_logs_on_with_a_profile_of_others(who, opens: Callable, switch: PagesSwitch) -> None:
    page = await opens(who["anna"])
    reply = await page.ask("desk.log_on", profile=who["foreign"].pk, phone="22334455")
    assert reply["code"] == "unknown_profile"
    assert switch.asked(requests.LogOn) == []


async def test_an_external_phone_is_a_number_as_people_write_it(who, opens: Callable, switch: PagesSwitch) -> None:
    """SP-02."""
    page = await opens(who["anna"])
    assert (await page.ask("desk.log_on", profile=who["both"].pk, phone="kaffe"))["code"] == "bad_number"
    assert (await page.ask("desk.log_on", profile=who["both"].pk, phone="22 33 44 55"))["code"] == ""
    assert [request.phone for request in switch.asked(requests.LogOn)] == ["+4722334455"]


async def test_the_switchs_refusal_reaches_the_page_as_its_code(who, opens: Callable, switch: PagesSwitch) -> None:
    switch.refuse[requests.BecomeReady] = "not_logged_on"
    page = await opens(who["anna"])
    assert (await page.ask("desk.ready"))["code"] == "not_logged_on"


async def test_a_switch_that_is_silent_is_told_in_time(who, opens: Callable, switch: PagesSwitch, monkeypatch) -> None:
    monkeypatch.setattr("apps.live.page.ASK_SECONDS", 0.3)
    switch.silent = True
    page = await opens(who["anna"])
    assert (await page.ask("desk.ready"))["code"] == "no_answer_from_switch"


async def test_a_page_waits_for_a_few_things_at_once_only(who, opens: Callable, switch: PagesSwitch, monkeypatch) -> None:
    monkeypatch.setattr("apps.live.page.ASK_SECONDS", 1.0)
    switch.silent = True
    page = await opens(who["anna"])
    for number in range(consumer.AT_ONCE + 1):
        await page.say("desk.ready", id=100 + number)
    refused = await page.until("live.reply", lambda message: message["id"] == 100 + consumer.AT_ONCE)
    assert refused["code"] == "too_many"


async def test_earlier_calls_are_those_of_the_customer_on_the_card(who, opens: Callable, switch: PagesSwitch) -> None:
    """SP-04: and of nobody else; the page cannot name a number."""
    page = await opens(who["anna"])
    assert (await page.ask("desk.customer", caller="+4799999999"))["customer"]["earlier"] == {"count": 0, "last": []}
    switch.ring(who["anna"].pk, caller="+4722334455")
    await page.sees(f"agent:{who['anna'].pk}", lambda document: document and document["card"])
    assert (await page.ask("desk.customer", caller="+4799999999"))["customer"]["caller"] == "+4722334455"


@sync_to_async
def _with_role(name: str, of: User, role: Role) -> User:
    """Somebody of the team of `of`."""
    return User.objects.create_user(name, password="x", team_id=of.team_id, role=role)


async def test_a_team_leader_sees_his_people_and_nobody_else(who, switch: PagesSwitch, opens: Callable) -> None:
    """Status change to a team leader: his page asks for it, and the role decides."""
    lea = await _with_role("lea", who["anna"], Role.TEAM_LEADER)
    page = await opens(lea, team=True)
    told = set((await page.until("live.topics"))["topics"])
    assert {topic for topic in told if topic.startswith("agent:")} == {f"agent:{lea.pk}", f"agent:{who['anna'].pk}"}
    switch.change(who["anna"].pk, status="pause", reason="Lunch")
    await page.sees(f"agent:{who['anna'].pk}", lambda document: document and document["status"] == "pause")


async def test_an_agent_who_asks_for_the_team_gets_only_himself(who, switch: PagesSwitch, opens: Callable) -> None:
    await _with_role("lea", who["anna"], Role.AGENT)
    page = await opens(who["anna"], team=True)
    told = (await page.until("live.topics"))["topics"]
    assert [topic for topic in told if topic.startswith("agent:")] == [f"agent:{who['anna'].pk}"]
