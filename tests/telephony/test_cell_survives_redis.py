"""Cells and a Redis that goes away: calls go on, and what happened meanwhile is told once, in order. (PL-03)"""

import os
import signal
import time
from collections.abc import Iterator

import pytest

from apps.telephony.cell.mail import ANSWER_SECONDS
from apps.telephony.protocol import CellReport, DigitPressed, LegEnded, Report, SendDigits
from tests.conftest import RedisServer
from tests.telephony.pools import Office

pytestmark = pytest.mark.media


@pytest.fixture
def office(redis_url: str) -> Iterator[Office]:
    found = Office(redis_url)
    yield found
    found.close()


@pytest.mark.parametrize("seconds", [2.0, ANSWER_SECONDS + 2.0])
def test_digits_pressed_while_redis_hangs_arrive_once_and_in_order(office: Office, redis_server: RedisServer, seconds: float) -> None:
    first = office.connect()
    office.order(first.out.cell, SendDigits, "out", leg="leg", digits="123456789")
    office.hear(DigitPressed, digit="1")
    redis_server.process.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    redis_server.process.send_signal(signal.SIGCONT)
    office.hear(DigitPressed, digit="9")
    assert "".join(event.digit for event in office.heard(DigitPressed, cell=first.into.cell)) == "123456789"


def test_a_call_survives_the_loss_of_redis_and_is_found_in_the_new_one(office: Office, redis_server: RedisServer) -> None:
    first = office.connect()
    redis_server.process.kill()
    redis_server.process.wait()
    time.sleep(1.0)
    redis_server.start()
    office.order(first.into.cell, Report, first.arrived.call)
    assert [status.answered for status in office.hear(CellReport, cell=first.into.cell).legs] == [True]


def test_a_hang_up_without_redis_is_told_when_it_is_back(office: Office, redis_server: RedisServer) -> None:
    first = office.connect()
    pid = office.pid(first.out)
    redis_server.process.kill()
    redis_server.process.wait()
    os.kill(pid, signal.SIGTERM)
    time.sleep(1.5)
    redis_server.start()
    ended = office.hear(LegEnded, cell=first.into.cell)
    assert (ended.code, ended.by_us, ended.call) == (200, False, first.arrived.call)


def test_free_cells_are_offered_to_a_new_redis(office: Office, redis_server: RedisServer) -> None:
    office.lease()
    redis_server.process.kill()
    redis_server.process.wait()
    redis_server.start()
    office.connect()
