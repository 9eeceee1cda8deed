"""Foreign C code (decoders, espeak-ng) runs in a short-lived process of its own: its crash, its memory and its time hurt nobody else."""

import contextlib
import logging
import resource
import subprocess
import sys
import threading
from collections.abc import Callable
from subprocess import PIPE
from typing import IO

log = logging.getLogger(__name__)

MEMORY = 2 * 1024**3  # bytes of address space
MARK = b"progress "  # begins a line of the process that tells how far it is
STARTING = 10.0  # seconds for Python and the libraries to load on a busy machine

Progress = Callable[[float], None]  # gets the share that is done, 0 to 1


class WorkerFailed(Exception):  # noqa: N818 - it says what happened
    """The process crashed, ran out of memory, or took too long. `code`: crashed, late."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def run(module: str, data: bytes, *arguments: str, seconds: float, progress: Progress = lambda share: None) -> bytes:
    """What `python -m module` writes, given `data`. `progress` hears meanwhile what it says by `tell`.

    Errors: `WorkerFailed`; `seconds` of work are allowed.
    """
    command = [sys.executable, "-m", module, *arguments]
    work = subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env={"PYTHONPATH": ":".join(sys.path)})
    late = threading.Timer(seconds + STARTING, work.kill)
    late.start()
    try:
        answer, last = _exchange(work, data, progress)
    finally:
        in_time = late.is_alive()
        late.cancel()
        work.kill()
        work.wait()
    if not in_time:
        raise WorkerFailed("late")
    if work.returncode:
        log.warning("%s ended with %s: %s", module, work.returncode, last.decode(errors="replace").strip().split(":")[0])
        raise WorkerFailed("crashed")
    return answer


def _exchange(work: "subprocess.Popen[bytes]", data: bytes, progress: Progress) -> tuple[bytes, bytes]:
    """(what it wrote, the last line of its complaints). The three pipes are served at once: none of the two may wait for the other."""
    assert work.stdin and work.stdout and work.stderr
    stdin, stdout, answer = work.stdin, work.stdout, list[bytes]()
    threads = [threading.Thread(target=_write, args=(stdin, data)), threading.Thread(target=lambda: answer.append(stdout.read()))]
    for thread in threads:
        thread.start()
    last = b""
    for line in work.stderr:
        if line.startswith(MARK):
            progress(float(line.removeprefix(MARK)))
        else:
            last = line
    for thread in threads:
        thread.join()
    work.wait()
    return answer[0], last


def _write(pipe: IO[bytes], data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), pipe:  # it had heard enough, or crashed: its answer tells
        pipe.write(data)


def tell(share: float) -> None:
    """From the process itself: `share` of the work is done."""
    sys.stderr.buffer.write(MARK + f"{share:.3f}\n".encode())
    sys.stderr.buffer.flush()


def confine(seconds: float) -> None:
    """Called by the process itself before it touches what it was given: no more memory, time, files or core dumps than the work needs."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
