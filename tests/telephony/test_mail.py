"""The cell's line to Redis (mail.py), without a cell."""

import threading

import pytest
import redis as redis_library

from apps.telephony import leases
from apps.telephony.cell.mail import Mail
from tests.product import until

CELL, ADDRESS = "cell-1", "127.0.0.1:5062"


def test_a_cell_that_ends_while_it_offers_itself_takes_the_offer_back(
    redis: redis_library.Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the next call would be led to nobody for three seconds."""
    offer, offering, go_on = leases.offer, threading.Event(), threading.Event()

    def slow_offer(*arguments: object) -> bool:
        offering.set()
        assert go_on.wait(5)
        return offer(*arguments)

    monkeypatch.setattr(leases, "offer", slow_offer)
    mail = Mail(redis_url, CELL, ADDRESS, lambda: None)
    mail.open()
    assert offering.wait(5)
    closing = threading.Thread(target=mail.close, args=(5.0,))
    closing.start()
    until(lambda: mail._closing, "it is told to close, and the writer still offers")
    go_on.set()
    closing.join(5)
    assert leases.take(redis) == "full"
