"""What a fuzzer runs: inputs to begin with, and a function that must hold whatever it is given."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

CPU_SECONDS = 0.5  # for one input of at most 64 kB, instrumented; a quadratic pattern takes many times that
ADDED = 600  # bytes that we add to a message: our Via and Record-Route, tags, methods


class TooSlow(AssertionError):
    """An input took more of the processor than it may."""


@dataclass(frozen=True)
class Target:
    """`check` raises for an input that the product does not bear. `words`: what the mutator puts in. `longest`: bytes of an input."""

    check: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]
    words: tuple[bytes, ...] = ()
    longest: int = 16_384

    def confirm(self, data: bytes) -> None:
        """`check`; what was slow must be slow again, for Python collects its garbage whenever it likes."""
        try:
            self.check(data)
        except TooSlow:
            self.check(data)


@contextmanager
def quickly(limit: float = CPU_SECONDS) -> Iterator[None]:
    """Errors: TooSlow, what is inside took more than `limit` seconds of this process's CPU (not of the clock)."""
    begun = time.process_time()
    yield
    took = time.process_time() - begun
    if took >= limit:
        raise TooSlow(f"{took:.2f} s of CPU")
