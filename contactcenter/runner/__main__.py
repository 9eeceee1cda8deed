"""`make run`: prepares the installation, starts all processes, says when it is ready, stops them with Ctrl-C."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from contactcenter import settings
from contactcenter.runner import health, welcome
from contactcenter.runner.preflight import NotPossible, Port, check_ports, only_one
from contactcenter.runner.supervisor import Supervisor, printer, read_procfile

READY_SECONDS = 90.0
BOTH = (socket.SOCK_STREAM, socket.SOCK_DGRAM)


def ports() -> list[Port]:
    return [
        Port(settings.WEB_ADDRESS, settings.WEB_PORT, "web pages", "CC_WEB_PORT"),
        Port(settings.MEDIA_ADDRESS, settings.TRUNK_PORT, "telephone calls, SIP", "CC_TRUNK_PORT", BOTH),
    ]


def prepare() -> None:
    """Database, static files, translations, demo company; a process of its own, so that Django does not stay in our memory."""
    quiet = {"CC_LOG_LEVEL": "ERROR"}  # there is no switch yet that could be told of the demo company
    done = subprocess.run([sys.executable, "manage.py", "prepare"], cwd=settings.BASE_DIR, env=os.environ | quiet, check=False)
    if done.returncode:
        raise NotPossible("The installation could not be prepared; the lines above say why.")


def names_to_start(commands: dict[str, list[str]]) -> list[str]:
    """Redis only if there is no other; sounds are fetched only if they are stored elsewhere."""
    unneeded = {"redis": not settings.REDIS_BUNDLED, "sounds": not settings.SOUNDS_BUCKET}
    return [name for name in commands if not unneeded.get(name)]


async def until_ready(supervisor: Supervisor, stop: asyncio.Event) -> bool:
    """False: stopped, or gave up, or not ready in READY_SECONDS (the reason has been shown)."""
    deadline = asyncio.get_running_loop().time() + READY_SECONDS
    while not stop.is_set() and not supervisor.gave_up.is_set():
        missing = await health.missing(settings.WEB_ADDRESS, settings.WEB_PORT)
        if not missing:
            return True
        if asyncio.get_running_loop().time() > deadline:
            supervisor.show("run", f"not ready after {READY_SECONDS:.0f} seconds; missing: {', '.join(missing)}")
            return False
        await asyncio.sleep(0.25)
    return False


async def supervise() -> int:
    commands = read_procfile(settings.BASE_DIR / "Procfile")
    names = names_to_start(commands)
    print(f"Starting {len(names)} processes ...", flush=True)
    supervisor = Supervisor(commands, printer(["run", *names]))
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        return await start_and_wait(supervisor, names, stop)
    finally:
        print("\nStopping …", flush=True)
        await supervisor.stop()
        print("Stopped. Nothing is left running.", flush=True)


async def start_and_wait(supervisor: Supervisor, names: list[str], stop: asyncio.Event) -> int:
    await supervisor.start([name for name in names if name == supervisor.first])
    if settings.REDIS_BUNDLED:
        await health.until_socket(Path(settings.REDIS_URL.removeprefix("unix://")), 10.0)
    await supervisor.start([name for name in names if name != supervisor.first])
    if not await until_ready(supervisor, stop):
        return 0 if stop.is_set() else 1
    supervisor.ready = True
    print(welcome.text(), flush=True)
    await stop.wait()
    return 0


def main() -> int:
    os.chdir(settings.BASE_DIR)
    try:
        with only_one(settings.VAR_DIR):
            check_ports(ports())
            prepare()
            return asyncio.run(supervise())
    except NotPossible as problem:
        print(f"\n{problem}\n", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
