"""A journal in a real Redis, and a writer that is driven step by step."""

import threading

import pytest

from apps.events import journal, readers, writer
from apps.events.vocabulary import CallEnded


@pytest.fixture
def no_readers(monkeypatch):
    """Only the readers that the test registers."""
    monkeypatch.setattr(readers, "_readers", {})
    monkeypatch.setattr(readers, "_chores", {})


@pytest.fixture
def short_waits(monkeypatch):
    monkeypatch.setattr(writer, "BLOCK_MS", 5)


@pytest.fixture
def new_writer(redis, short_waits, no_readers):
    """Makes writers on the test's Redis; register readers first."""
    return lambda: writer.Writer(redis, threading.Event())


def ended(number: int) -> CallEnded:
    """Facts that can be told apart."""
    return CallEnded(at=1_700_000_000.0 + number, call=f"call-{number}", cause="caller_hung_up")


def append_many(redis, numbers) -> list[int]:
    return [journal.append(redis, ended(number)) for number in numbers]


def calls_of(entries) -> list[str]:
    return [entry.event.call for entry in entries]


def steps(one: "writer.Writer", count: int = 4) -> None:
    """Enough rounds for a batch to be copied and read."""
    for _ in range(count):
        one.guarded(one.step)
