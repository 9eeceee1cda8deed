"""What counts for the limit of calls out a day, read back from the journal's facts (OB-02)."""

from datetime import UTC, datetime

import pytest

from apps.events import copying, journal
from apps.events import vocabulary as v
from apps.outbound.services import begun_since

pytestmark = pytest.mark.django_db
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
NUMBER = "+4740000040"
ANNA, PER = 1, 2


def test_calls_and_numbers_that_were_asked_count_and_nothing_else(redis):
    today, yesterday = MIDNIGHT.timestamp() + 60, MIDNIGHT.timestamp() - 60
    for event in (
        v.CallArrived(at=yesterday, call="c0", leg="l1", caller=NUMBER, dialled="", placed=True, agent=ANNA),
        v.CallArrived(at=today, call="c1", leg="l1", caller=NUMBER, dialled="", placed=True, agent=ANNA),
        v.CallArrived(at=today, call="c2", leg="l1", caller=NUMBER, dialled="", placed=True, agent=PER),
        v.CallArrived(at=today, call="c3", leg="l1", caller=NUMBER, dialled=""),
        v.ConsultBegan(at=today, call="c1", agent=ANNA, kind="number", number=NUMBER),
        v.TransferBegan(at=today, call="c1", agent=ANNA, kind="number", number=NUMBER, consulted=True),
        v.TransferBegan(at=today, call="c2", agent=PER, kind="number", number=NUMBER),
        v.ConsultBegan(at=today, call="c3", agent=PER, kind="agent", target=ANNA),
        v.TransferBegan(at=today, call="c3", agent=PER, kind="queue", target=1),
        v.ConversationStarted(at=today, call="c3", leg="l2", agent=PER),
    ):
        journal.append(redis, event)
    copying.copy(redis, 0, count=100, block_ms=None)
    assert begun_since(MIDNIGHT) == {ANNA: 2, PER: 2}
    assert begun_since(datetime(2026, 3, 1, tzinfo=UTC)) == {ANNA: 3, PER: 2}
