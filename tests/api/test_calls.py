"""OB-01 by API: a program lets an agent call; the same rules as at the desk, refusals in words, the same request twice is one call."""

import threading
from typing import Any

import pytest
import redis as redis_library
from django.test import Client
from rest_framework.authtoken.models import Token

from apps.accounts.models import Role, Team, User
from apps.api import once
from apps.api.problems import PROBLEMS
from apps.calls import services as calls
from apps.events import vocabulary as v
from apps.live.words import words
from apps.outbound.models import CallerId
from apps.switch import requests as r
from apps.telephony import leases
from contactcenter.lib import bus
from tests.fakes.pages_switch import PagesSwitch
from tests.sip.door import cell_waits, cells_come

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = "+4790000009"


@pytest.fixture
def switch(redis_url, settings):
    settings.REDIS_URL = redis_url
    bus.client.cache_clear()
    with PagesSwitch(redis_url) as switch:
        cell_waits(switch.redis, "cell-1", "127.0.0.1:9")
        cell_waits(switch.redis, "cell-2", "127.0.0.1:10")
        yield switch
    bus.client.cache_clear()


def person(name: str, role: Role = Role.AGENT, team: str = "Service") -> User:
    return User.objects.create_user(name, password="a long password", role=role, team=Team.objects.get_or_create(name=team)[0])


@pytest.fixture
def anna(db) -> User:
    return person("anna")


def headers(user: User, key: str = "") -> dict[str, str]:
    token = {"Authorization": f"Token {Token.objects.get_or_create(user=user)[0].key}"}
    return token | ({"Idempotency-Key": key} if key else {})


def post(user: User, key: str = "", **body: Any):
    return Client().post("/api/calls", {"number": "90 00 00 09", **body}, content_type="application/json", headers=headers(user, key))


def look(user: User, call: str):
    return Client().get(f"/api/calls/{call}", headers=headers(user))


def test_an_agent_calls_by_his_own_key(switch, anna):
    shown = CallerId.objects.create(number="+4721000001", name="Support")
    answer = post(anna, caller_id="21 00 00 01")
    assert answer.status_code == 201
    call = answer.json()["call"]
    assert answer.json() == {"call": call, "agent": "anna", "number": NUMBER} and answer["Location"] == f"/api/calls/{call}"
    (wish,) = switch.asked(r.CallOut)
    assert (wish.agent, wish.call, wish.number, wish.caller_id, wish.by) == (anna.pk, call, NUMBER, shown.pk, None)
    assert wish.cell in ("cell-1", "cell-2")
    state = look(anna, call).json()
    assert (state["state"], state["number"], state["result"], state["ended_at"]) == ("phone", NUMBER, "", None)


def test_the_desk_and_the_archive_say_how_it_goes(switch, anna):
    call = post(anna).json()["call"]
    for state in ("dialling", "alerting", "talking", "held"):
        switch.change(anna.pk, card=switch._card(anna.pk, state=state))
        assert look(anna, call).json()["state"] == state
    switch.change(anna.pk, status="ready", card=None)
    assert look(anna, call).json()["state"] == "ending"
    leg = f"{call}-l1"
    arrived = v.CallArrived(at=1000.0, call=call, leg=leg, caller=NUMBER, dialled="+4721000001", placed=True, agent=anna.pk)
    calls.read([v.Entry(1, arrived), v.Entry(2, v.CallEnded(at=1010.0, call=call, cause="busy"))])
    ended = look(anna, call).json()
    assert (ended["state"], ended["result"], ended["number"], ended["caller_id"]) == ("ended", "busy", NUMBER, "+4721000001")
    assert ended["started_at"] and ended["ended_at"] and ended["answered_at"] is None


@pytest.mark.parametrize(
    ("role", "team", "status"),
    [
        (Role.ADMINISTRATOR, "Other", 201),
        (Role.TEAM_LEADER, "Service", 201),
        (Role.API, "Service", 201),
        (Role.TEAM_LEADER, "Other", 403),
        (Role.API, "Other", 403),
        (Role.AGENT, "Service", 403),
        (Role.WALLBOARD, "Service", 403),
    ],
)
def test_who_may_let_an_agent_call(switch, anna, role, team, status):
    """PF-02"""
    other = person("somebody", role, team)
    answer = post(other, agent="anna")
    assert answer.status_code == status
    assert [wish.by for wish in switch.asked(r.CallOut)] == ([other.pk] if status == 201 else [])
    if status == 201:
        assert look(other, answer.json()["call"]).status_code == 200


def test_nobody_looks_at_the_calls_of_others(switch, anna):
    call = post(anna).json()["call"]
    assert look(person("per"), call).status_code == 404
    assert look(person("leader", Role.TEAM_LEADER, "Other"), call).status_code == 404
    assert look(anna, "no-such-call").status_code == 404


def test_who_is_not_there_and_who_is_not_yours_read_alike(switch, anna):
    told = [post(anna, agent=name).json() for name in ("nobody", person("per").username)]
    assert told[0] == told[1] == {"code": "not_allowed", "detail": str(PROBLEMS["not_allowed"].words)}


def test_without_a_key_it_is_said_how_to_log_in(switch):
    answer = Client().post("/api/calls", {"number": NUMBER}, content_type="application/json")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Token")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("not_logged_on", 409),
        ("not_now", 409),
        ("no_softphone", 409),
        ("unknown_caller_id", 422),
        ("number_denied", 422),
        ("calls_out_used_up", 429),
        ("no_line_out", 503),
    ],
)
def test_refusals_of_the_switch_have_a_status_a_code_and_words(switch, anna, code, status):
    """OB-02: the same refusals as at the desk."""
    switch.refuse[r.CallOut] = code
    answer = post(anna, key="k1")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail"] and f"refused.{code}" in words()
    switch.refuse.clear()
    assert post(anna, key="k1").status_code == 201, "a refusal uses no key up"


def test_a_code_that_nobody_foresaw_is_a_fault(switch, anna):
    switch.refuse[r.CallOut] = "fault"
    answer = post(anna)
    assert (answer.status_code, answer.json()["code"]) == (500, "fault")


@pytest.mark.parametrize(
    ("body", "field"), [({"number": "12"}, "number"), ({"number": ""}, "number"), ({"caller_id": "+4799999999"}, "caller_id")]
)
def test_mistakes_are_told_at_their_field(switch, anna, body, field):
    answer = post(anna, **body)
    assert answer.status_code == 400 and list(answer.json()) == [field]
    assert not switch.asked(r.CallOut)


def test_the_same_request_twice_is_one_call(switch, anna):
    first, second = post(anna, key="order-77"), post(anna, key="order-77")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json() and len(switch.asked(r.CallOut)) == 1
    assert post(person("per"), key="order-77").json()["call"] != first.json()["call"], "a key is its user's own"


def test_a_key_of_another_request_is_refused(switch, anna):
    post(anna, key="order-77")
    answer = post(anna, key="order-77", number="+4790000010")
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    assert (post(anna, key="x" * 201).status_code, len(switch.asked(r.CallOut))) == (400, 1)


def test_two_at_once_are_one_call(switch, anna):
    """The second is told that the first is at work, or gets its call."""
    codes: list[int] = []
    threads = [threading.Thread(target=lambda: codes.append(post(anna, key="order-77").status_code)) for _ in range(4)]
    Token.objects.get_or_create(user=anna)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes.count(201) == 1 and set(codes) <= {200, 201, 409} and len(switch.asked(r.CallOut)) == 1


def test_an_attempt_that_was_killed_holds_its_key_for_a_moment(switch):
    attempt = once.begin(switch.redis, user=1, key="k", digest="d")
    with pytest.raises(once.Refused, match="in_progress"):
        once.begin(switch.redis, user=1, key="k", digest="d")
    assert 0 < switch.redis.ttl(attempt.name) <= once.BEGUN_SECONDS
    attempt.done(switch.redis)
    assert once.begin(switch.redis, user=1, key="k", digest="d").call == attempt.call
    assert once.KEPT_SECONDS - 5 < switch.redis.ttl(attempt.name) <= once.KEPT_SECONDS


def test_no_free_line_is_said_and_when_to_come_again(switch, anna):
    for _ in range(2):
        leases.take(switch.redis)
    answer = post(anna)
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "no_room", "2")


def test_a_line_that_is_being_made_ready_is_waited_for(switch, anna):
    for _ in range(2):
        leases.take(switch.redis)
    cells_come(switch.redis)
    soon = threading.Timer(0.3, cell_waits, (switch.redis, "cell-3", "127.0.0.1:11"))
    soon.start()
    assert post(anna).status_code == 201
    assert [wish.cell for wish in switch.asked(r.CallOut)] == ["cell-3"]
    soon.join()


def test_a_switch_that_does_not_answer(switch, anna, monkeypatch):
    monkeypatch.setattr(bus.ask, "__defaults__", (0.2,))
    switch.silent = True
    answer = post(anna, key="k")
    assert (answer.status_code, answer.json()["code"]) == (503, "no_answer_from_switch")
    assert post(anna, key="k").json()["code"] == "in_progress", "it may have been begun all the same"


def test_redis_that_is_away(anna, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    bus.client.cache_clear()
    try:
        answer = post(anna)
    finally:
        bus.client.cache_clear()
    assert (answer.status_code, answer.json()["code"]) == (503, "away")
    with pytest.raises(redis_library.RedisError):
        bus.connect("redis://127.0.0.1:1/0").ping()
