"""The front door registers with a real registrar, Debian's Kamailio (AN-03)."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.telephony import trunk_health
from apps.telephony.frontdoor.configuration import RegistrationConfig, TrunkConfig
from apps.telephony.trunk_health import Tried, TrunkHealth, TryTrunk
from contactcenter.lib.bus import new_id
from contactcenter.lib.secrets import seal
from tests.sip.door import Door, cell_waits
from tests.sip.kamailio import HOST, REALM, USER, Kamailio
from tests.sip.sipp import Caller, Phone

pytestmark = pytest.mark.media
PASSWORD = "s3cret"
NUMBER = "+4722334455"


def trunk(operator: Kamailio, *, password: str = PASSWORD, seconds: int = 60, transport: str = "udp", user: str = USER) -> TrunkConfig:
    account = RegistrationConfig(operator.address, REALM, user, "", seal(password), seconds)
    return TrunkConfig("1", "Telenor", (HOST,), transport=transport, host=operator.address, ping=True, registration=account)


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Kamailio]:
    with Kamailio(tmp_path, password=PASSWORD) as operator:
        yield operator


def health(door: Door) -> TrunkHealth:
    """As admin sees it; before the front door has told anything: nothing."""
    return (trunk_health.healths(door.redis).get("1") or [TrunkHealth(trunk="1")])[0]


def is_registered(door: Door) -> bool:
    return health(door).registration == "registered"


@pytest.mark.parametrize(("algorithm", "transport"), [("MD5", "udp"), ("SHA-256", "tcp")])
def test_the_trunk_port_is_registered_until_a_clean_stop(redis_url: str, tmp_path: Path, algorithm: str, transport: str):
    """AN-03; RFC 3261 10, RFC 8760."""
    with (
        Kamailio(tmp_path, algorithm=algorithm) as operator,
        Door(redis_url, tmp_path, trunks=(trunk(operator, transport=transport),)) as door,
    ):
        door.until(operator.contacts, "the account is registered")
        way = ";transport=tcp" if transport == "tcp" else ""
        assert operator.contacts() == [f"sip:{USER}@{door.address}{way}"]
        door.until(lambda: is_registered(door) and health(door).reachable, "its health is told")
        assert 50 < health(door).registered_until - time.time() <= 60
        assert door.terminate() == 0
        assert operator.contacts() == []


def test_neither_redis_nor_the_log_knows_the_password(redis_url: str, tmp_path: Path, operator: Kamailio):
    """AN-03: encrypted at rest and on the way."""
    with Door(redis_url, tmp_path, trunks=(trunk(operator),)) as door:
        door.until(operator.contacts, "the account is registered")
        kept = [door.redis.dump(key) or b"" for key in door.redis.keys("*")]
        assert kept and all(PASSWORD.encode() not in document for document in kept)
        assert PASSWORD not in door.log_text() and USER not in door.log_text()


def test_a_wrong_password_is_told_and_the_right_one_counts_at_once(redis_url: str, tmp_path: Path, operator: Kamailio):
    """AN-03: a changed configuration takes effect without a restart."""
    with Door(redis_url, tmp_path, trunks=(trunk(operator, password="wrong"),)) as door:
        door.until(lambda: health(door).registration == "refused", "the refusal is told")
        assert health(door).code == 401 and not health(door).fit and operator.contacts() == []
        assert "trunk Telenor" in door.log_text() and "refused 401" in door.log_text()
        door.publish(trunks=(trunk(operator),), version=2)
        door.until(lambda: is_registered(door), "the right password is believed")
        assert len(operator.contacts()) == 1


def test_a_trunk_that_is_taken_away_is_not_registered_any_more(redis_url: str, tmp_path: Path, operator: Kamailio):
    """AN-03"""
    with Door(redis_url, tmp_path, trunks=(trunk(operator),)) as door:
        door.until(operator.contacts, "the account is registered")
        door.publish(version=2)
        door.until(lambda: operator.contacts() == [], "the registration is taken back")


def test_a_short_registration_is_renewed_and_one_that_is_too_short_is_asked_for_longer(redis_url: str, tmp_path: Path):
    """AN-03; 423 Interval Too Brief, RFC 3261 10.3."""
    with Kamailio(tmp_path, least=3) as operator, Door(redis_url, tmp_path, trunks=(trunk(operator, seconds=1),)) as door:
        door.until(lambda: is_registered(door), "the account is registered")
        first = health(door).registered_until
        door.until(lambda: health(door).registered_until > first + 2, "it is renewed")
        assert is_registered(door) and len(operator.contacts()) == 1


def test_an_operator_who_restarts_and_forgets_is_registered_with_anew(redis_url: str, tmp_path: Path, operator: Kamailio):
    """AN-03"""
    with Door(redis_url, tmp_path, trunks=(trunk(operator, seconds=2),)) as door:
        door.until(operator.contacts, "the account is registered")
        door.freeze()
        operator.restart()
        assert operator.contacts() == []
        door.thaw()
        door.until(operator.contacts, "the account is registered anew")


def test_a_call_to_the_account_reaches_the_number_that_was_dialled(redis_url: str, tmp_path: Path, operator: Kamailio):
    """AN-01, AN-03: the operator calls our Contact; the number dialled stands in To."""
    with Door(redis_url, tmp_path, trunks=(trunk(operator),)) as door, Phone(folder=tmp_path, seconds=0.3) as cell:
        door.until(operator.contacts, "the account is registered")
        cell_waits(door.redis, "c1", cell.address)
        with Caller(operator.address, NUMBER, folder=tmp_path, source=HOST) as caller:
            assert caller.wait() == 200
        assert cell.invitations()[0].startswith(f"INVITE sip:{NUMBER}@")
        door.until(lambda: trunk_health.traffic(door.redis, ["1"])["1"].last_in > 0, "the call is noted")


def test_the_button_tests_name_answer_and_registration_one_after_the_other(redis_url: str, tmp_path: Path, operator: Kamailio):
    """Trunk health"""
    with Door(redis_url, tmp_path, trunks=(trunk(operator, password="wrong"),)) as door:
        door.until(lambda: health(door).registration == "refused", "the refusal is told")
        asked = TryTrunk("1", new_id())
        assert trunk_health.try_trunk(door.redis, asked)
        door.until(lambda: [step.what for step in trunk_health.steps(door.redis, asked.test)][-1:] == ["over"], "the test is over")
        begun, name, options, register, _over = trunk_health.steps(door.redis, asked.test)
        assert (begun.what, name) == ("begun", Tried("name", True, 0, HOST))
        assert (options.what, options.good, options.code) == ("options", True, 200)
        assert (register.what, register.good, register.code) == ("register", False, 401)


def test_an_operator_who_is_away_is_told_within_seconds_and_noticed_when_he_is_back(redis_url: str, tmp_path: Path, operator: Kamailio):
    """Trunk health"""
    operator.stop()
    with Door(redis_url, tmp_path, trunks=(trunk(operator),)) as door:
        door.until(lambda: health(door).reachable is False, "its silence is told")
        assert not health(door).fit
        operator.start()
        door.until(lambda: health(door).reachable and is_registered(door), "it is back, and registered with at once")
