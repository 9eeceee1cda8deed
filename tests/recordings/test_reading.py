"""Facts about recordings become rows (RC-02)."""

import pytest
from django.db import transaction

from apps.calls.models import Call
from apps.events import vocabulary as v
from apps.recordings import reading, services
from apps.recordings.models import Gap, Mask, Recording
from contactcenter.lib.clock import as_datetime
from tests.calls.story import CALL, RECORDING, START, entries

pytestmark = pytest.mark.django_db
MASKING = (v.RecordingMasked, v.RecordingUnmasked)


def waiting_jobs(redis) -> int:
    return redis.llen("rq:queue:default")


def test_a_recording_runs_from_the_answer(company, told, source):
    """RC-02."""
    told(source, until=19)
    recording = Recording.objects.get()
    assert (recording.id, recording.call_id, recording.agent, recording.queue) == (RECORDING, CALL, company.anna, company.support)
    assert (recording.state, recording.mode, recording.started_at) == ("running", "pausable", as_datetime(START + 39.4))


def test_its_gaps_are_kept_with_their_times(told, source):
    """RC-02."""
    told(source)
    assert list(Gap.objects.values_list("began_at", "ended_at")) == [(as_datetime(START + 80), as_datetime(START + 95))]


def test_a_pause_until_the_end_has_no_end(told, source):
    told(source, until=22)
    assert Gap.objects.get().ended_at is None


def test_its_masks_are_kept_with_their_times_and_who_masked(company, told, source):
    """RC-03."""
    told(source)
    kept = Mask.objects.values_list("began_at", "ended_at", "agent")
    assert list(kept) == [(as_datetime(START + 100), as_datetime(START + 112), company.anna.pk)]


def test_a_mask_that_began_later_is_not_ended_by_facts_that_are_read_again(told, source):
    told(source, until=22)
    masked, unmasked = (lambda at, kind=kind: kind(at=START + at, call=CALL, recording=RECORDING, agent=1) for kind in MASKING)
    facts = entries([masked(100), unmasked(112), masked(130)])
    for _ in range(2):
        reading.read(facts)
    ends = [as_datetime(START + 112), None]
    assert list(Mask.objects.values_list("ended_at", flat=True)) == ends


def test_a_complete_file_wakes_a_worker(told, source, redis, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        told(source, until=29)
        assert waiting_jobs(redis) == 0
    with django_capture_on_commit_callbacks(execute=True):
        told(source)
    assert Recording.objects.get().state == "finished"
    assert waiting_jobs(redis) == 1


def test_the_same_facts_again_change_nothing(told, source, redis, django_capture_on_commit_callbacks):
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            told(source)
    Recording.objects.update(state="stored")
    told(source)
    assert (Recording.objects.get().state, Gap.objects.count(), Mask.objects.count(), waiting_jobs(redis)) == ("stored", 1, 1, 1)


@pytest.mark.django_db(transaction=True)  # real commits: what runs after them may fail
def test_redis_away_when_a_worker_should_wake_stops_nobody(told, source, redis_server, caplog):
    """PF-08: the row owns the state; the sweep wakes the job later."""
    redis_server.process.kill()
    redis_server.process.wait()
    with transaction.atomic():
        told(source)
    assert Recording.objects.get().state == "finished"
    assert "on_commit" in caplog.text


@pytest.mark.parametrize("cause", ["cell_lost", "recovered"])
def test_a_lost_cells_recording_is_taken_over_at_once(told, source, cause):
    """PF-08."""
    told(source, until=20)
    reading.read(entries([v.CallEnded(at=START + 60, call=CALL, cause=cause)], first_seq=900))
    assert Recording.objects.get().state == "finished"


def test_a_call_that_ended_in_order_waits_for_its_file(told, source):
    told(source, until=28)
    assert Recording.objects.get().state == "running"


def test_the_sweep_takes_over_what_no_cell_finished(told, source):
    told(source, until=28)
    services.sweep()  # the call ended long ago
    assert Recording.objects.get().state == "finished"


def test_the_sweep_leaves_a_running_conversation_alone(told, source):
    told(source, until=22)
    assert Call.objects.get().ended_at is None
    services.sweep()
    assert Recording.objects.get().state == "running"


def test_the_sweep_wakes_what_waits_and_only_that(finished, redis, django_capture_on_commit_callbacks):
    """PF-08: no job is lost."""
    with django_capture_on_commit_callbacks(execute=True):
        services.sweep()
    assert waiting_jobs(redis) == 1
    Recording.objects.update(state="stored")
    with django_capture_on_commit_callbacks(execute=True):
        services.sweep()
    assert waiting_jobs(redis) == 1


def test_facts_about_recordings_that_are_unknown_leave_no_trace(company):
    reading.read(entries([v.RecordingPaused(at=1, recording="none"), v.RecordingFinished(at=2, recording="none", path="/x", seconds=1)]))
    reading.read(entries([v.RecordingMasked(at=3, recording="none", agent=1)]))
    assert not Recording.objects.exists()
    assert not Gap.objects.exists() and not Mask.objects.exists()
