"""The journal keeps facts in order, whoever writes them."""

import threading

import redis as redis_library

from apps.events import journal
from contactcenter.lib import bus
from tests.events.conftest import append_many, calls_of, ended


def test_a_fact_comes_back_as_it_was_written(redis):
    seq = journal.append(redis, ended(1))
    (entry,) = journal.read(redis, 0)
    assert (entry.seq, entry.event) == (seq, ended(1))


def test_an_entry_has_the_documented_layout(redis):
    seq = journal.append(redis, ended(1))
    ((entry_id, fields),) = redis.xrange(bus.JOURNAL)
    assert entry_id.decode() == f"{seq}-0"
    assert list(fields) == [b"m"]
    assert int(redis.get(journal.SEQ)) == seq


def test_seq_is_redis_time_in_microseconds(redis):
    before = redis.time()
    seq = journal.append(redis, ended(1))
    after = redis.time()
    assert before[0] * 1_000_000 + before[1] <= seq <= after[0] * 1_000_000 + after[1]


def test_seq_grows_strictly_when_many_processes_write_at_once(redis, redis_url):
    """PF-08: facts have one order."""
    seqs: list[list[int]] = [[] for _ in range(4)]

    def write(mine: list[int]) -> None:
        mine.extend(append_many(redis_library.Redis.from_url(redis_url), range(200)))

    writers = [threading.Thread(target=write, args=(mine,)) for mine in seqs]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert all(mine == sorted(set(mine)) for mine in seqs)
    assert [entry.seq for entry in journal.read(redis, 0, count=1000)] == sorted({seq for mine in seqs for seq in mine})


def test_seq_grows_when_the_clock_stands_behind_the_last(redis):
    future = 9_000_000_000_000_000
    journal.raise_floor(redis, future)
    assert append_many(redis, range(3)) == [future + 1, future + 2, future + 3]


def test_the_floor_is_never_lowered(redis):
    journal.raise_floor(redis, 9_000_000_000_000_000)
    journal.raise_floor(redis, 5)
    assert journal.append(redis, ended(1)) == 9_000_000_000_000_001


def test_a_script_can_append_several_facts_in_one_atomic_step(redis):
    """The switch commits snapshot and facts together."""
    script = journal.APPEND + "return {append(KEYS[1], KEYS[2], 1000, ARGV[1]), append(KEYS[1], KEYS[2], 1000, ARGV[2])}"
    messages = [bus.encoder.encode(ended(number)) for number in (1, 2)]
    answer = redis.eval(script, 2, journal.SEQ, bus.JOURNAL, *messages)
    entries = journal.read(redis, 0)
    assert [int(seq) for seq in answer] == [entry.seq for entry in entries]
    assert calls_of(entries) == ["call-1", "call-2"]


def test_a_reader_goes_on_after_the_fact_it_knows(redis):
    seqs = append_many(redis, range(5))
    assert calls_of(journal.read(redis, seqs[2])) == ["call-3", "call-4"]
    assert calls_of(journal.read(redis, 0, count=2)) == ["call-0", "call-1"]


def test_a_fact_of_a_newer_vocabulary_is_left_out_and_logged_without_its_content(redis, caplog):
    redis.xadd(bus.JOURNAL, {"m": b'{"type":"CallFlewAway","at":1,"caller":"+4722334455"}'}, id="7-0")
    journal.append(redis, ended(1))
    assert calls_of(journal.read(redis, 0)) == ["call-1"]
    assert "fact 7" in caplog.text
    assert "2233" not in caplog.text
