"""What a page is told when it reads fast, slowly, or comes back. Pure."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from apps.live.mailbox import WINDOW, Mailbox
from apps.live.rate import Bucket
from apps.switch.board import BoardEntry

TOPICS = ("agent:1", "queue:1", "queue:2")


def entry(seq: int, topic: str = "queue:1") -> BoardEntry:
    return BoardEntry(seq, topic, msgspec.Raw(str(seq).encode()))


def mailbox(**known: int) -> Mailbox:
    box = Mailbox({name.replace("_", ":"): seq for name, seq in known.items()})
    box.want(TOPICS)
    return box


def test_only_the_newest_document_of_a_topic_waits() -> None:
    box = mailbox()
    for seq in range(1, 1000):
        box.put(entry(seq))
    assert len(box) == 1
    assert box.take() == (1, [entry(999)])


def test_a_page_that_does_not_acknowledge_gets_no_more_than_the_window() -> None:
    box = mailbox()
    taken = 0
    for seq in range(1, 100):
        box.put(entry(seq))
        taken += box.take() is not None
    assert taken == WINDOW
    box.seen(WINDOW)
    assert box.take() == (WINDOW + 1, [entry(99)])


def test_what_the_page_knows_is_not_told_again() -> None:
    box = mailbox(queue_1=5)
    assert not box.put_state(entry(5))
    assert box.put_state(entry(3, "queue:2"))
    assert box.put(entry(6))


def test_a_board_that_was_lost_and_rebuilt_is_told_although_its_numbers_are_lower() -> None:
    box = mailbox(queue_1=5)
    assert box.put_state(entry(2))


def test_a_late_first_state_does_not_undo_a_change() -> None:
    box = mailbox()
    box.put(entry(9))
    assert not box.put_state(entry(8))


def test_other_topics_are_not_told() -> None:
    box = mailbox()
    assert not box.put(entry(1, "agent:2"))
    assert box.want(["queue:2", "queue:9"]) == {"queue:9"}
    assert not box.put(entry(2, "queue:1"))


@given(st.lists(st.tuples(st.sampled_from(TOPICS), st.booleans(), st.booleans())))
def test_however_slowly_it_reads_the_page_ends_with_the_newest(changes: list[tuple[str, bool, bool]]) -> None:
    box, shown, true = mailbox(), {}, {}
    for seq, (topic, reads, acknowledges) in enumerate(changes, start=1):
        true[topic] = seq
        box.put(entry(seq, topic))
        if reads and (batch := box.take()):
            shown.update({one.topic: one.seq for one in batch[1]})
            if acknowledges:
                box.seen(batch[0])
    box.seen(10**9)
    while batch := box.take():
        shown.update({one.topic: one.seq for one in batch[1]})
    assert shown == true


def test_a_page_may_speak_in_bursts_but_not_all_the_time() -> None:
    bucket = Bucket(per_second=10, burst=3)
    assert [bucket.take(100.0) for _ in range(4)] == [True, True, True, False]
    assert bucket.take(100.15)
    assert not bucket.take(100.15)
