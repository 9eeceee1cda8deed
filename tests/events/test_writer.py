"""The one writer: facts reach the database in order, exactly once, and each reader gets them at its own pace."""

import logging

import pytest
from django.db import OperationalError, connection, transaction

from apps.events import copying, journal, progress, readers, services, writer
from apps.events.models import Event, ReaderCursor
from contactcenter.lib import bus
from tests.events.conftest import append_many, calls_of, ended, steps

pytestmark = pytest.mark.django_db


def stored() -> list[str]:
    return list(Event.objects.order_by("seq").values_list("call", flat=True))


def names(numbers) -> list[str]:
    return [f"call-{number}" for number in numbers]


class Collector:
    """A reader that keeps what it got, and can be made to fail."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.fails_on: set[str] = set()
        self.fault: Exception = ValueError("cannot")

    def read(self, entries) -> None:
        if self.fails_on & set(calls_of(entries)):
            raise self.fault
        self.calls.extend(calls_of(entries))


def test_facts_are_copied_in_order_and_once(redis, new_writer):
    """PF-08."""
    append_many(redis, range(1200))
    one = new_writer()
    steps(one)
    assert stored() == names(range(1200))
    steps(one)
    assert Event.objects.count() == 1200


def test_a_writer_that_starts_goes_on_after_the_newest_fact_in_the_database(redis, new_writer):
    append_many(redis, range(3))
    first = new_writer()
    steps(first)
    first.give_back()
    append_many(redis, range(3, 6))
    steps(new_writer())
    assert stored() == names(range(6))


def test_the_row_holds_what_is_searched_for(redis, new_writer):
    seq = journal.append(redis, ended(4))
    steps(new_writer())
    row = Event.objects.get(seq=seq)
    assert (row.kind, row.call, row.agent, row.at.timestamp()) == ("CallEnded", "call-4", None, 1_700_000_004.0)
    assert services.read_after(0)[0].event == ended(4)


def test_only_one_of_two_writers_writes_and_the_other_takes_over(redis, new_writer):
    first, second = new_writer(), new_writer()
    assert first.hold_lease()
    assert not second.hold_lease()
    first.give_back()
    assert second.hold_lease()


def test_a_writer_that_lost_its_lease_notices_before_it_writes_again(redis, new_writer, monkeypatch):
    monkeypatch.setattr(writer, "RENEW_SECONDS", 0.0)
    first, second = new_writer(), new_writer()
    steps(first)
    redis.delete(writer.LEASE)  # it expired
    steps(second)
    append_many(redis, range(2))
    steps(first, 1)
    assert stored() == []
    steps(second)
    assert stored() == names(range(2))


def test_a_batch_that_another_writer_has_begun_fails_as_a_whole_and_is_taken_up_behind_it(redis, new_writer):
    """PF-08: exactly once, even if two processes believe that they hold the lease."""
    seqs = append_many(redis, range(4))
    one = new_writer()
    one.hold_lease()
    one.written = 0
    copying.copy(redis, 0, count=2, block_ms=None)  # the other one
    steps(one)
    assert stored() == names(range(4))
    assert one.written == seqs[-1]


def test_redis_away_and_back_without_its_data_loses_nothing(redis_server, redis, new_writer):
    """PF-08: Redis restart."""
    append_many(redis, range(2))
    one = new_writer()
    steps(one)
    redis_server.process.kill()
    redis_server.process.wait()
    steps(one, 2)
    assert one.wait > 0
    redis_server.start()
    append_many(redis, range(2, 4))
    steps(one, 6)
    assert stored() == names(range(4))
    assert one.wait == 0


def test_a_redis_with_its_clock_set_back_still_appends_behind_what_is_written(redis, new_writer):
    Event.objects.create(seq=9_000_000_000_000_000, at="2255-01-01T00:00:00Z", kind="CallEnded", data={})
    steps(new_writer())
    assert journal.append(redis, ended(1)) == 9_000_000_000_000_001


def test_the_journal_is_trimmed_only_behind_what_is_written(redis, new_writer, monkeypatch):
    monkeypatch.setattr(writer, "KEPT_SECONDS", 0)
    monkeypatch.setattr(writer, "TRIM_SECONDS", 0.0)
    one = new_writer()
    append_many(redis, range(5))
    one.hold_lease()
    one._copy(block_ms=None)
    append_many(redis, range(5, 8))
    one._trim()
    assert calls_of(journal.read(redis, 0)) == names(range(4, 8))  # the last one written, and those that are not


def test_facts_stay_in_the_journal_for_ten_minutes(redis, new_writer, monkeypatch):
    monkeypatch.setattr(writer, "TRIM_SECONDS", 0.0)
    append_many(redis, range(5))
    steps(new_writer())
    assert redis.xlen(bus.JOURNAL) == 5


def test_a_fact_that_is_not_understood_is_kept_and_stops_nobody(redis, new_writer):
    collector = Collector()
    readers.register("collector", collector.read)
    append_many(redis, [1])
    future = '{"type":"CallFlewAway","at":1}'
    redis.xadd(bus.JOURNAL, {"m": future}, id=f"{int(redis.get(journal.SEQ)) + 1}-0")
    redis.incrby(journal.SEQ, 1)
    append_many(redis, [2])
    steps(new_writer())
    assert collector.calls == names([1, 2])
    assert Event.objects.get(kind="unreadable").data == {"text": future}


@pytest.mark.parametrize("at", [1e300, -1e18])
def test_a_time_that_is_no_date_does_not_stop_the_journal(redis, new_writer, at):
    redis.xadd(bus.JOURNAL, {"m": bus.encoder.encode({"type": "CallEnded", "at": at, "cause": "x"})}, id="7-0")
    append_many(redis, [1])
    steps(new_writer())
    assert stored() == ["", "call-1"]


def test_a_nul_in_a_callers_name_does_not_stop_the_journal(redis, new_writer):
    """PF-10: PostgreSQL refuses U+0000 in text."""
    message = {"type": "CallArrived", "at": 1, "call": "c", "leg": "l", "caller": "", "caller_name": "K\x00ari", "dialled": "1"}
    redis.xadd(bus.JOURNAL, {"m": bus.encoder.encode(message)}, id="7-0")
    steps(new_writer())
    assert Event.objects.get().data["caller_name"] == "Kari"


# -- readers


def test_each_reader_gets_each_fact_once_and_keeps_its_own_cursor(redis, new_writer):
    one, other = Collector(), Collector()
    readers.register("one", one.read)
    append_many(redis, range(3))
    first = new_writer()
    steps(first)
    first.give_back()
    readers.register("other", other.read)
    append_many(redis, range(3, 5))
    steps(new_writer())
    assert one.calls == other.calls == names(range(5))
    assert progress.cursor("one") == progress.cursor("other") == Event.objects.last().seq


def test_what_a_failing_reader_wrote_is_undone_with_its_cursor(redis, new_writer):
    """PF-08: exactly once for readers too."""

    def half(entries):
        ReaderCursor.objects.create(name="written by the reader", seq=1)
        raise ValueError

    readers.register("half", half)
    append_many(redis, range(2))
    steps(new_writer())
    assert not ReaderCursor.objects.filter(name="written by the reader").exists()
    assert progress.cursor("half") == 0


def test_a_reader_that_fails_does_not_hold_up_the_others_and_gets_all_before_its_fault(redis, new_writer, caplog):
    broken, sound = Collector(), Collector()
    broken.fails_on = {"call-3"}
    readers.register("broken", broken.read)
    readers.register("sound", sound.read)
    seqs = append_many(redis, range(6))
    with caplog.at_level(logging.ERROR):
        steps(new_writer(), 12)
    assert sound.calls == names(range(6))
    assert broken.calls == names(range(3))
    assert f"reader broken failed at fact {seqs[3]}" in caplog.text


def test_a_reader_that_recovers_goes_on_where_it_failed(redis, new_writer, monkeypatch):
    monkeypatch.setattr(progress, "FIRST_WAIT", 0.0)
    broken = Collector()
    broken.fails_on = {"call-1"}
    readers.register("broken", broken.read)
    append_many(redis, range(4))
    one = new_writer()
    steps(one, 8)
    broken.fails_on = set()
    steps(one, 8)
    assert broken.calls == names(range(4))


def test_the_waits_of_a_failing_reader_grow():
    moving = progress.Progress(readers.Reader("r", Collector().read), limit=1)
    waits = []
    for _ in range(10):
        moving._failed(progress.ReaderError(1, 1), now=100.0)
        waits.append(moving.wait)
    assert waits[:4] == [0.5, 1.0, 2.0, 4.0]
    assert waits[-1] == progress.LONGEST_WAIT
    assert moving.due == 100.0 + progress.LONGEST_WAIT


def test_a_reader_goes_on_soon_after_the_database_is_back():
    moving = progress.Progress(readers.Reader("r", Collector().read), limit=1)
    for _ in range(10):
        moving._failed(OperationalError("gone"), now=0.0)
    assert moving.wait == progress.LONGEST_WAIT_FOR_DATABASE


def test_the_log_tells_where_a_reader_failed_but_not_whose_data(caplog):
    moving = progress.Progress(readers.Reader("r", Collector().read), limit=1)
    try:
        raise ValueError("+4722334455 is already there")
    except ValueError as cause:
        fault = progress.ReaderError(42, 42)
        fault.__cause__ = cause
        moving._failed(fault, now=0.0)
    assert "fact 42" in caplog.text
    assert "ValueError" in caplog.text
    assert "2233" not in caplog.text


def test_a_reader_never_comes_before_the_one_it_follows(redis, new_writer):
    leader, follower = Collector(), Collector()
    leader.fails_on = {"call-2"}
    readers.register("leader", leader.read)
    readers.register("follower", follower.read, follows="leader")
    append_many(redis, range(4))
    steps(new_writer(), 8)
    assert follower.calls == leader.calls == names(range(2))


def test_a_reader_cannot_follow_one_that_is_not_there(no_readers):
    with pytest.raises(LookupError):
        readers.register("follower", Collector().read, follows="nobody")


def test_a_cursor_that_somebody_else_moved_is_read_anew(redis, new_writer):
    collector = Collector()
    readers.register("collector", collector.read)
    seqs = append_many(redis, range(4))
    one = new_writer()
    one.hold_lease()
    one._copy(block_ms=None)
    one.progress[0].seq = 0
    ReaderCursor.objects.create(name="collector", seq=seqs[1])
    steps(one)
    assert collector.calls == names([2, 3])


def test_a_chore_runs_at_start_and_then_at_its_interval_and_may_fail(redis, new_writer):
    done = []

    def chore():
        done.append(1)
        raise ValueError

    readers.register_chore("chore", chore, seconds=3600)
    append_many(redis, [1])
    steps(new_writer())
    assert done == [1]
    assert stored() == names([1])


def test_draining_takes_in_what_is_there_and_gives_the_lease_back(redis, new_writer):
    collector = Collector()
    readers.register("collector", collector.read)
    one = new_writer()
    steps(one, 1)
    append_many(redis, range(1200))
    one.stopping.set()
    one.run()
    assert collector.calls == names(range(1200))
    assert redis.get(writer.LEASE) is None


def test_a_recorded_fact_leaves_with_the_commit(redis, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(bus, "client", lambda: redis)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        services.record(ended(1))
        assert journal.read(redis, 0) == []
    assert calls_of(journal.read(redis, 0)) == ["call-1"]
    assert connection.in_atomic_block  # that of the test
