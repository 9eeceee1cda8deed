"""Processes of `make run`: started in order, started again when they die, stopped without leftovers (PF-08)."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from contactcenter.runner import leftovers
from contactcenter.runner import supervisor as subject
from contactcenter.runner.supervisor import Supervisor, read_procfile

pytestmark = pytest.mark.quiet

SLEEPER = "import time\nprint('up', flush=True)\ntime.sleep(600)"


def python(source: str) -> list[str]:
    return [sys.executable, "-c", source]


def alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def share(pid: int) -> str:
    """The nice value of a process's session; empty: this kernel has none."""
    status = Path(f"/proc/{pid}/autogroup")
    return status.read_text().split()[-1] if status.exists() else ""


async def until(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is awaited lies outside this process
            await asyncio.sleep(0.01)


@pytest.fixture
def lines() -> list[tuple[str, str]]:
    return []


@pytest.fixture
async def run(lines):
    """Start commands under a supervisor; whatever runs at the end of the test is stopped."""
    started: list[Supervisor] = []

    async def start(**commands: list[str]) -> Supervisor:
        supervisor = Supervisor(commands, lambda name, line: lines.append((name, line)))
        started.append(supervisor)
        await supervisor.start(list(commands))
        return supervisor

    yield start
    for supervisor in started:
        await supervisor.stop()


Run = Callable[..., Awaitable[Supervisor]]


def pid_of(supervisor: Supervisor, name: str) -> int:
    return supervisor.processes[name].process.pid


async def test_what_a_process_writes_is_shown_under_its_name(run: Run, lines):
    await run(
        web=python("import sys\nprint('hello')\nprint('no end', end='', file=sys.stderr)\nsys.stdout.flush()\nimport time; time.sleep(600)")
    )
    await until(lambda: ("web", "hello") in lines)


async def test_who_writes_down_gives_way_to_who_talks(run: Run, lines):
    """Issue 3: the journal writer and the worker have half a core to do just when an agent's telephone should ring."""
    tell = python("import os\nprint(os.nice(0), flush=True)\nimport time; time.sleep(600)")
    supervisor = await run(switch=tell, worker=tell, journal=tell)
    ours = os.nice(0)
    wanted = {("switch", str(ours)), ("worker", str(ours + 5)), ("journal", str(ours + 5))}
    await until(lambda: wanted <= set(lines))
    assert share(pid_of(supervisor, "journal")) in ("5", "")


async def test_a_very_long_line_does_not_stop_the_show(run: Run, lines):
    await run(web=python("print('x' * 300_000)\nprint('after', flush=True)\nimport time; time.sleep(600)"))
    await until(lambda: ("web", "after") in lines)
    assert ("web", "x" * 300_000) in lines


async def test_a_killed_process_is_started_again_and_the_others_do_not_notice(run: Run, lines):
    """PF-08"""
    supervisor = await run(switch=python(SLEEPER), media=python(SLEEPER))
    await until(lambda: lines.count(("switch", "up")) == lines.count(("media", "up")) == 1)
    media = pid_of(supervisor, "media")
    os.kill(pid_of(supervisor, "switch"), signal.SIGKILL)
    await until(lambda: lines.count(("switch", "up")) == 2, seconds=2.0)
    assert pid_of(supervisor, "media") == media and alive(media)
    assert ("run", "switch has ended (signal 9) and is started again") in lines


async def test_a_process_that_keeps_dying_at_start_ends_the_attempt(run: Run, lines, monkeypatch):
    monkeypatch.setattr(subject, "LONGEST_PAUSE", 0.05)
    supervisor = await run(web=python("raise SystemExit(3)"))
    await asyncio.wait_for(supervisor.gave_up.wait(), 10)
    assert ("run", f"web ended {subject.TRIES_BEFORE_READY} times at start: giving up") in lines


async def test_redis_is_stopped_last(run: Run, lines):
    ends = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('ends', flush=True), sys.exit()))\n"
        "print('up', flush=True)\n"
    )
    supervisor = await run(redis=python(ends + "time.sleep(600)"), web=python(ends + "time.sleep(600)"))
    await until(lambda: ("redis", "up") in lines and ("web", "up") in lines)
    await supervisor.stop()
    await until(lambda: ("redis", "ends") in lines)
    assert lines.index(("web", "ends")) < lines.index(("redis", "ends"))


async def test_a_process_that_does_not_end_is_killed_with_its_children(run: Run, lines, monkeypatch):
    monkeypatch.setattr(subject, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(subject, "STOP_SECONDS", 0.3)
    stubborn = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
os.write(1, b'%d\\n' % os.getpid())
time.sleep(600)
"""
    supervisor = await run(media=python(stubborn))
    await until(lambda: len(lines) == 2)
    pids = [int(line) for _, line in lines]
    await supervisor.stop()
    await until(lambda: not any(map(alive, pids)))


async def test_a_process_whose_child_lives_on_is_started_again_all_the_same(run: Run, lines):
    """PF-08: the child holds the dead one's output open."""
    parent = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("up", flush=True)
time.sleep(600)
"""
    supervisor = await run(media=python(parent))
    await until(lambda: lines.count(("media", "up")) == 1)
    os.kill(pid_of(supervisor, "media"), signal.SIGKILL)
    await until(lambda: lines.count(("media", "up")) == 2)
    assert len(leftovers.find(supervisor.mark)) == 3
    await supervisor.stop()
    await until(lambda: leftovers.find(supervisor.mark) == [])


async def test_a_process_that_drains_is_told_a_second_time(run: Run, lines, monkeypatch):
    """Calls that go on do not keep Ctrl-C waiting: media ends them at the second signal."""
    monkeypatch.setattr(subject, "PATIENCE_SECONDS", 0.1)
    drains = """
import signal, sys, time
told = []
signal.signal(signal.SIGTERM, lambda *_: sys.exit() if told else told.append(1))
print("up", flush=True)
while True:
    time.sleep(600)
"""
    supervisor = await run(media=python(drains))
    await until(lambda: ("media", "up") in lines)
    await supervisor.stop()
    assert supervisor.processes["media"].process.returncode == 0


def test_processes_end_when_the_supervisor_itself_is_killed():
    """No leftovers, even after kill -9 of `make run`."""
    source = (
        "import asyncio, sys\nfrom contactcenter.runner.supervisor import Supervisor\n"
        "async def main():\n"
        "    it = Supervisor({'web': [sys.executable, '-c', 'import os, time; print(os.getpid(), flush=True); time.sleep(600)']},"
        " lambda name, line: print(line, flush=True))\n"
        "    await it.start(['web'])\n    await asyncio.sleep(600)\n"
        "asyncio.run(main())"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE)
    child = int(supervisor.stdout.readline())
    assert alive(child)
    supervisor.kill()
    supervisor.wait()
    asyncio.run(until(lambda: not alive(child)))


def test_the_procfile_names_processes_and_their_commands(tmp_path: Path):
    (tmp_path / "Procfile").write_text("# comment\nredis: python manage.py redis\nweb: sh -c 'a b'\n\n")
    assert read_procfile(tmp_path / "Procfile") == {"redis": [sys.executable, "manage.py", "redis"], "web": ["sh", "-c", "a b"]}


def test_every_process_of_the_procfile_is_a_command():
    from django.core.management import get_commands

    procfile = read_procfile(Path(__file__).parents[2] / "Procfile")
    assert {words[2] for words in procfile.values()} <= set(get_commands())
