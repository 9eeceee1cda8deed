"""A version of a flow as the switch uses it: frozen, complete in itself, no database behind it. PURE."""

from collections.abc import Iterator

from msgspec import Struct

from apps.flows.kinds import AnyStep


class FlowGraph(Struct, frozen=True, kw_only=True):
    """`version`, `flow` and the steps' keys are database ids. `start` is 0 where none is chosen; `default_exit`: after a fault (IV-09)."""

    version: int
    flow: int
    name: str
    language: str
    start: int = 0
    default_exit: int | None = None
    steps: dict[int, AnyStep] = {}

    def entrances(self) -> Iterator[int]:
        """Where callers come into the flow: the first step, and the one after a fault."""
        yield from (step for step in (self.start, self.default_exit) if step in self.steps)
