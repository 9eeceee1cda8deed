"""A call that was recorded, with a real file where the cell left it."""

import wave
from pathlib import Path

import pytest
from msgspec import structs

from apps.calls import services as calls
from apps.recordings import reading
from apps.recordings.models import Recording
from contactcenter.lib import bus
from tests.calls.story import RECORDING, Company, entries, facts

RATE = 8000


@pytest.fixture(autouse=True)
def folders(settings, tmp_path, redis, monkeypatch) -> Path:
    """Recordings in a folder of this test, jobs and facts in its Redis."""
    settings.RECORDINGS_DIR = tmp_path
    options = {"location": tmp_path / "archive", "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
    settings.STORAGES = settings.STORAGES | {"recordings": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}}
    monkeypatch.setattr(bus, "client", lambda: redis)
    return tmp_path


@pytest.fixture
def company(db) -> Company:
    return Company()


def write_wav(path: Path, *, seconds: float = 2.0, channels: int = 2) -> Path:
    """8 kHz PCM16 in which no two samples near each other are the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(b"".join((sample % 65536).to_bytes(2, "little") for sample in range(int(seconds * RATE * channels))))
    return path


@pytest.fixture
def source(folders) -> Path:
    return folders / "incoming" / "2026-03-02" / f"{RECORDING}.wav"


@pytest.fixture
def told(company):
    """The facts of the call until the recording is complete, at the path `source`."""

    def tell(source: Path, until: int = 30) -> None:
        events = entries([_at(event, source) for event in facts(company)[:until]])
        calls.read(events)
        reading.read(events)

    return tell


def _at(event, source: Path):
    return structs.replace(event, path=str(source)) if hasattr(event, "path") else event


@pytest.fixture
def finished(told, source) -> Recording:
    """A recording that waits to be stored."""
    write_wav(source)
    told(source)
    return Recording.objects.get()
