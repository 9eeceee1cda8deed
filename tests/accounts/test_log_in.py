"""Logging in, and what happens to those who guess (PF-02, PF-05)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client

from apps.accounts import log_in_limit
from apps.accounts.models import User
from contactcenter.lib import bus

pytestmark = pytest.mark.django_db
RIGHT, WRONG = "a long pass phrase", "not the pass phrase"


@pytest.fixture(autouse=True)
def own_redis(request, settings):
    """A Redis of this test's own, unless the test is about there being none."""
    settings.REDIS_URL = "unix:///nonexistent/r.sock" if "without_redis" in request.keywords else request.getfixturevalue("redis_url")
    bus.client.cache_clear()
    yield
    bus.client.cache_clear()


def log_in(client: Client, password: str, username: str = "anna", **headers):
    return client.post("/log-in/", {"username": username, "password": password}, **headers)


def refused(username: str, address: str) -> bool:
    """Whether a password of `username` from `address` would not even be looked at; leaves no trace."""
    if not log_in_limit.begins(username, address):
        return True
    with bus.client().pipeline() as pipe:
        for key, _ in log_in_limit._limits(username, address):
            pipe.decr(key)
        pipe.execute()
    return False


def test_an_agent_comes_to_the_desk(client: Client, anna: User):
    assert log_in(client, RIGHT).headers["Location"] == "/"
    assert client.get("/").headers["Location"].startswith("/desk")


def test_an_administrator_comes_to_admin(client: Client, administrator: User):
    log_in(client, RIGHT, "admin")
    assert client.get("/").headers["Location"] == "/admin/"


def test_admin_sends_strangers_to_the_log_in_page_and_back(client: Client, administrator: User):
    answer = client.get("/admin/accounts/team/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/log-in/?next=")
    log_in_page = answer.redirect_chain[-1][0]
    answer = client.post(log_in_page, {"username": "admin", "password": RIGHT, "next": "/admin/accounts/team/"})
    assert answer.headers["Location"] == "/admin/accounts/team/"


def test_a_wrong_password_is_told_in_words(client: Client, anna: User):
    page = log_in(client, WRONG, headers={"Accept-Language": "en"})
    assert "do not belong together" in page.content.decode()


def test_after_too_many_wrong_passwords_even_the_right_one_must_wait(client: Client, anna: User, settings):
    """PF-02"""
    settings.LOG_IN_TRIES = 3
    for _ in range(3):
        log_in(client, WRONG)
    assert "Too many" in log_in(client, RIGHT, headers={"Accept-Language": "en"}).content.decode()
    assert refused("ANNA", "198.51.100.7"), "the limit holds for the name from every address, however it is spelt"
    assert not refused("per", "127.0.0.1"), "one name's guesses do not lock out the whole office"


def test_an_address_that_tries_many_names_is_stopped(client: Client, anna: User, settings):
    """PF-02"""
    settings.LOG_IN_TRIES = 2
    for number in range(2 * log_in_limit.ADDRESS_FACTOR):
        log_in(client, WRONG, f"name{number}")
    assert refused("anna", "127.0.0.1") and not refused("anna", "198.51.100.7")


def test_an_address_that_the_browser_made_up_is_not_believed(client: Client, anna: User, settings):
    """PF-02: proxies append to X-Forwarded-For; its first entry could lock out an office, or be another one with each guess."""
    settings.LOG_IN_TRIES, settings.BEHIND_PROXY = 2, True
    for number in range(2 * log_in_limit.ADDRESS_FACTOR):
        forwarded = {"X-Forwarded-For": "192.0.2.1, 198.51.100.7", "X-Forwarded-Proto": "https"}
        log_in(client, WRONG, f"name{number}", headers=forwarded)
    assert refused("anna", "198.51.100.7") and not refused("anna", "192.0.2.1")


def test_without_a_proxy_nobody_chooses_his_address(client: Client, anna: User, settings):
    settings.LOG_IN_TRIES = 2
    for number in range(2 * log_in_limit.ADDRESS_FACTOR):
        log_in(client, WRONG, f"name{number}", headers={"X-Forwarded-For": "192.0.2.1"})
    assert refused("anna", "127.0.0.1") and not refused("anna", "192.0.2.1")


def test_guesses_that_come_at_the_same_moment_are_counted_too(settings):
    """PF-02: hashing a password takes a while; what is tried meanwhile is not free."""
    settings.LOG_IN_TRIES = 3
    with ThreadPoolExecutor(8) as guessers:
        looked_at = list(guessers.map(lambda _: log_in_limit.begins("anna", "198.51.100.7"), range(40)))
    assert looked_at.count(True) == 3


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/login/?next=/admin/"])
def test_there_is_no_second_log_in_page_without_the_limit(client: Client, administrator: User, path: str):
    """PF-02: the admin's own page takes no password at all, it leads to the limited one."""
    answer = client.post(path, {"username": "admin", "password": RIGHT, "next": "/admin/"})
    assert answer.headers["Location"].startswith("/log-in/") and "_auth_user_id" not in client.session
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/log-in/")


def test_a_right_password_of_others_does_not_use_up_the_address(client: Client, anna: User, settings):
    settings.LOG_IN_TRIES = 2
    for _ in range(3 * log_in_limit.ADDRESS_FACTOR):
        assert log_in(client, RIGHT).status_code == 302
        client.logout()


def test_a_right_password_clears_the_count(client: Client, anna: User, settings):
    settings.LOG_IN_TRIES = 3
    for password in (WRONG, WRONG, RIGHT, WRONG, WRONG):
        assert not refused("anna", "127.0.0.1")
        log_in(client, password)
        client.logout()
    assert not refused("anna", "127.0.0.1")


def test_the_pause_ends_by_itself(anna: User, settings, redis):
    settings.LOG_IN_TRIES, settings.LOG_IN_PAUSE = 1, 77
    log_in_limit.begins("anna", "127.0.0.1")
    assert all(0 < redis.ttl(key) <= 77 for key in redis.keys("cc:log-in:*"))


def test_names_and_addresses_are_not_readable_in_redis(anna: User, redis):
    log_in_limit.begins("anna", "192.0.2.55")
    keys = b" ".join(redis.keys("*"))
    assert keys and b"anna" not in keys and b"192.0.2" not in keys


@pytest.mark.without_redis
def test_without_redis_people_can_still_log_in(client: Client, anna: User):
    """PF-08"""
    assert log_in(client, RIGHT).status_code == 302


def test_the_demo_password_works_only_on_this_machine(client: Client, anna: User, settings):
    anna.set_password(settings.DEMO_PASSWORD)
    anna.save()
    settings.ONLY_THIS_MACHINE = False
    assert log_in(client, settings.DEMO_PASSWORD).status_code == 200
    settings.ONLY_THIS_MACHINE = True
    assert log_in(client, settings.DEMO_PASSWORD).status_code == 302


def test_pages_speak_the_language_of_the_user(client: Client, administrator: User):
    """PF-05: not that of the browser, once he is logged in."""
    client.force_login(administrator)
    client.post("/language/", {"language": "nb", "next": "/admin/"})
    administrator.refresh_from_db()
    assert administrator.language == "nb"
    assert 'lang="nb' in client.get("/admin/", headers={"Accept-Language": "en"}).content.decode()


def test_the_language_can_be_chosen_before_log_in(client: Client):
    """PF-05"""
    client.post("/language/", {"language": "nb", "next": "/log-in/"})
    assert '<html lang="nb"' in client.get("/log-in/").content.decode()


def test_nobody_is_led_to_another_site(client: Client, anna: User):
    answer = client.post("/log-in/", {"username": "anna", "password": RIGHT, "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"
