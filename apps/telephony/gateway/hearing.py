"""Whether the media engine hears anybody. Its commands may be answered while the threads that carry sound stand still.

A browser that is let in sends 50 packets a second. One that is never heard may have a network in its way; so the engine is doubted only
while nobody else is heard either, and then nobody loses anything by its being started anew.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable

from apps.telephony.gateway.engine import Engine, EngineFailed

log = logging.getLogger(__name__)

HEARD_SECONDS = 5.0  # within which a browser is let in (static/softphone/media.js gives up then)
LISTENING_SECONDS = 1.0
AGAIN_SECONDS = 60.0  # from one start to the next, at least: it may be the network all the same


class Hearing:
    """`sessions`: those that are open now. `clock`: monotonic seconds."""

    def __init__(self, engine: Engine, sessions: Callable[[], Iterable[str]], clock: Callable[[], float]) -> None:
        self._engine, self._sessions, self._clock = engine, sessions, clock
        self._not_before = float("-inf")

    async def doubt(self, session: str) -> None:
        """`session` is open for HEARD_SECONDS: start the engine anew if neither its browser nor any other one is heard."""
        if self._clock() < self._not_before or await self._heard([session]) != 0:
            return
        before = await self._heard(self._sessions())
        await asyncio.sleep(LISTENING_SECONDS)
        if session in self._sessions() and before == await self._heard(self._sessions()) and self._clock() >= self._not_before:
            self._not_before = self._clock() + AGAIN_SECONDS
            log.error("The media engine answers and hears nobody: it is started anew")
            self._engine.restart()

    async def _heard(self, sessions: Iterable[str]) -> int:
        """Packets of browsers, in all; -1: the engine does not say."""
        try:
            return sum([(await self._engine.statistics(session)).from_browser for session in tuple(sessions)])
        except EngineFailed:
            return -1
