"""Answers that come before their legs. A desk rings as soon as the switch has decided; the cell calls the agent's phone after that, and a
machine that is busy lets it do so late. Whoever answers at once, or lets the desk answer by itself, must not hear that there is no call.
"""

import asyncio
from dataclasses import dataclass, field

SECONDS = 3.0  # from the answer to the cell's INVITE; the asker gives up after bus.REPLY_TIMEOUT
MOST = 200  # that wait at once


@dataclass(slots=True)
class EarlyAnswer:
    """Of the page `connection`. `rings` tells in the end whether the leg does."""

    connection: str
    rings: asyncio.Future[bool] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def end(self, rings: bool) -> None:
        if not self.rings.done():
            self.rings.set_result(rings)


@dataclass(slots=True)
class EarlyAnswers:
    _waiting: dict[str, EarlyAnswer] = field(default_factory=dict)  # by leg: the newest asker has it

    def expect(self, leg: str, connection: str) -> EarlyAnswer:
        """One that waits from now on. It ends without ringing when somebody else asks for the leg, or its page leaves."""
        self._end(leg, rings=False)
        answer = EarlyAnswer(connection)
        if len(self._waiting) >= MOST:
            answer.end(rings=False)
        else:
            self._waiting[leg] = answer
            asyncio.get_running_loop().call_later(SECONDS, answer.end, False)
            answer.rings.add_done_callback(lambda _: self._forget(leg, answer))
        return answer

    def rings(self, leg: str) -> None:
        """A cell calls it now."""
        self._end(leg, rings=True)

    def left(self, connection: str) -> None:
        """Its page wants nothing any more."""
        for leg in [leg for leg, answer in self._waiting.items() if answer.connection == connection]:
            self._end(leg, rings=False)

    def _end(self, leg: str, *, rings: bool) -> None:
        if leg in self._waiting:
            self._waiting[leg].end(rings)

    def _forget(self, leg: str, answer: EarlyAnswer) -> None:
        if self._waiting.get(leg) is answer:
            del self._waiting[leg]
