"""Foreign C code (decoders, espeak-ng) runs in a short-lived process of its own: its crash, its memory and its time hurt nobody else."""

import logging
import resource
import subprocess
import sys

log = logging.getLogger(__name__)

MEMORY = 2 * 1024**3  # bytes of address space
STARTING = 10.0  # seconds for Python and the libraries to load on a busy machine


class WorkerFailed(Exception):  # noqa: N818 - it says what happened
    """The process crashed, ran out of memory, or took too long. `code`: crashed, late."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def run(module: str, data: bytes, *arguments: str, seconds: float) -> bytes:
    """What `python -m module` writes, given `data`. Errors: `WorkerFailed`; `seconds` of work are allowed."""
    command = [sys.executable, "-m", module, *arguments]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=seconds + STARTING, env={"PYTHONPATH": ":".join(sys.path)})
    except subprocess.TimeoutExpired as late:
        raise WorkerFailed("late") from late
    if done.returncode:
        log.warning(
            "%s ended with %s: %s", module, done.returncode, done.stderr.decode(errors="replace").strip().rpartition("\n")[2].split(":")[0]
        )
        raise WorkerFailed("crashed")
    return done.stdout


def confine(seconds: float) -> None:
    """Called by the process itself before it touches what it was given: no more memory, time, files or core dumps than the work needs."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
