"""From the media machine into the archive: checked, moved, and never lost (RC-11, AR-07)."""

import hashlib
import stat
from datetime import timedelta
from pathlib import Path

import django_rq
import pytest
from django.utils import timezone
from rq import SimpleWorker

from apps.events import journal
from apps.events.vocabulary import RecordingStored
from apps.recordings import models, services
from apps.recordings.models import Recording
from apps.telephony.cell import stereo
from tests.calls.story import CALL, RECORDING
from tests.recordings.conftest import RATE, write_wav

pytestmark = pytest.mark.django_db


def archived(folders: Path) -> list[str]:
    root = folders / "archive"
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def store(django_capture_on_commit_callbacks, recording_id: str = RECORDING) -> Recording:
    with django_capture_on_commit_callbacks(execute=True):
        services.store(recording_id)
    return Recording.objects.get(pk=recording_id)


@pytest.fixture
def stored(finished, django_capture_on_commit_callbacks) -> Recording:
    return store(django_capture_on_commit_callbacks)


def test_a_finished_recording_moves_into_the_archive(source, finished, folders, django_capture_on_commit_callbacks):
    """RC-02, RC-11."""
    content = source.read_bytes()
    recording = store(django_capture_on_commit_callbacks)
    assert (recording.state, recording.channels, recording.seconds, recording.size) == ("stored", 2, 2.0, len(content))
    assert recording.sha256 == hashlib.sha256(content).hexdigest()
    assert archived(folders) == [f"2026/03/02/{RECORDING}.wav"]
    assert (folders / "archive" / archived(folders)[0]).read_bytes() == content
    assert not source.exists()


def test_only_the_product_may_read_the_archive(stored, folders):
    file = folders / "archive" / archived(folders)[0]
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode)) == (0o600, 0o700)


def test_the_journal_tells_that_it_is_stored(stored, redis):
    (entry,) = journal.read(redis, 0)
    assert (type(entry.event), entry.event.call, entry.event.recording) == (RecordingStored, CALL, RECORDING)


def test_storing_twice_does_nothing_the_second_time(stored, folders, redis, django_capture_on_commit_callbacks):
    """PF-08: no job is done twice."""
    store(django_capture_on_commit_callbacks)
    assert len(archived(folders)) == len(journal.read(redis, 0)) == 1


def test_a_running_recording_is_left_alone(told, source, folders):
    write_wav(source)
    told(source, until=22)
    services.store(RECORDING)
    assert source.exists()
    assert archived(folders) == []


def test_a_worker_stores_what_it_is_woken_for(finished, source, redis, django_capture_on_commit_callbacks):
    """AR-07: through a real job queue."""
    with django_capture_on_commit_callbacks(execute=True):
        services.wake(RECORDING)
    with django_capture_on_commit_callbacks(execute=True):
        SimpleWorker([django_rq.get_queue("default", connection=redis)], connection=redis).work(burst=True)
    finished.refresh_from_db()
    assert finished.state == "stored"


def test_while_one_job_is_at_it_another_gets_nothing(finished):
    assert services._claim(RECORDING) is not None
    assert services._claim(RECORDING) is None


def test_what_a_killed_job_began_is_done_again_later(finished, source, folders, django_capture_on_commit_callbacks):
    """PF-08: killed between the copy and the row."""
    services._copy(services._claim(RECORDING), source, services.examine(source))
    services.store(RECORDING)
    assert Recording.objects.get().state == "finished"  # its time has not come
    Recording.objects.update(try_at=timezone.now())
    recording = store(django_capture_on_commit_callbacks)
    assert recording.state == "stored"
    assert archived(folders) == [recording.file.name]  # and nothing is left over


def test_of_two_jobs_that_both_copied_one_wins_and_the_other_tidies_up(finished, source, folders, django_capture_on_commit_callbacks):
    audio = services.examine(source)
    first, second = services._copy(finished, source, audio), services._copy(finished, source, audio)
    with django_capture_on_commit_callbacks(execute=True):
        services._keep(finished, source, first, audio)
        services._keep(finished, source, second, audio)
    assert archived(folders) == [first] == [Recording.objects.get().file.name]


class FullDisk:
    """A storage that has no room left."""

    def save(self, name, content) -> str:
        raise OSError(28, "No space left on device")


def test_an_archive_that_fails_is_tried_again_with_growing_waits(finished, source, monkeypatch):
    """RC-09: never lost."""
    monkeypatch.setattr(services, "archive", FullDisk)
    waits = []
    for _ in range(3):
        Recording.objects.update(try_at=None)
        with pytest.raises(OSError):
            services.store(RECORDING)
        waits.append(round((Recording.objects.get().try_at - timezone.now()) / timedelta(seconds=1)))
    recording = Recording.objects.get()
    assert waits == [30, 60, 120]
    assert (recording.state, recording.tries, recording.fault) == ("finished", 3, "OSError")
    assert source.exists()
    monkeypatch.setattr(services, "archive", models.archive)
    Recording.objects.update(try_at=timezone.now())
    services.store(RECORDING)
    recording.refresh_from_db()
    assert (recording.state, recording.fault) == ("stored", "")


def half(path: Path, samples: int, *, closed: bool) -> None:
    """One mono part as pjmedia's recorder leaves it: killed, its header says that it is empty."""
    write_wav(path, seconds=samples / RATE, channels=1)
    if not closed:
        content = bytearray(path.read_bytes())
        content[40:44] = bytes(4)
        path.write_bytes(content)


def test_a_killed_cells_parts_become_a_recording(told, source, django_capture_on_commit_callbacks):
    """PF-08, RC-06: the cell died before it could put them together."""
    for part in stereo.parts(source):
        half(part, 1.5 * RATE, closed=False)
    told(source, until=22)
    services.abandon(Recording.objects.get(), at=timezone.now())
    recording = store(django_capture_on_commit_callbacks)
    assert (recording.state, recording.channels, recording.seconds) == ("stored", 2, 1.5)
    assert list(source.parent.iterdir()) == []


def test_parts_that_find_no_room_to_be_put_together_are_tried_again(told, source, monkeypatch, django_capture_on_commit_callbacks):
    """RC-06: the fault is in the list meanwhile."""
    for part in stereo.parts(source):
        half(part, RATE, closed=False)
    told(source, until=22)
    services.abandon(Recording.objects.get(), at=timezone.now())
    source.parent.joinpath(source.name + ".part").symlink_to("/dev/full")
    with monkeypatch.context() as full, pytest.raises(OSError, match="No space left"):
        full.setattr(stereo.Path, "unlink", lambda *_, **__: None)  # the link stays, as a full disk stays full
        services.store(RECORDING)
    recording = Recording.objects.get()
    assert (recording.state, recording.fault) == ("finished", "OSError")
    source.parent.joinpath(source.name + ".part").unlink()
    Recording.objects.update(try_at=timezone.now())
    assert store(django_capture_on_commit_callbacks).state == "stored"


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda path: path.unlink(), "The media machine left no file."),
        (lambda path: path.write_bytes(b"not sound at all"), "The file is not a WAV file."),
        (lambda path: path.write_bytes(b""), "The file is not a WAV file."),
        (lambda path: write_wav(path, channels=1), "The file is not stereo."),
        (lambda path: write_wav(path, seconds=0), "The file holds no sound."),
    ],
)
def test_a_file_that_is_no_recording_is_said_so(finished, source, folders, spoil, fault):
    spoil(source)
    services.store(RECORDING)
    recording = Recording.objects.get()
    assert (recording.state, recording.fault) == ("failed", fault)
    assert archived(folders) == []


def test_a_path_outside_the_folder_of_recordings_is_refused(finished, tmp_path_factory):
    elsewhere = write_wav(tmp_path_factory.mktemp("elsewhere") / "secret.wav")
    Recording.objects.update(source=f"{elsewhere}")
    services.store(RECORDING)
    assert Recording.objects.get().fault == "The file does not lie in the folder of recordings."
    assert elsewhere.exists()
