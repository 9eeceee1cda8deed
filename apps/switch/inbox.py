"""The switch's ear: what comes into the inbox, and not a moment longer than the next deadline.

Redis ends a blocking read up to 100 ms late (its timers tick ten times a second, `hz`), and a wrap-up that is over must not
wait for that. So one XREAD stands open on a connection of its own, and how long to listen to it is our own clock's matter.
"""

import redis

from contactcenter.lib import bus

ANSWER_SECONDS = 0.002  # Redis has said by then what waits; who has less time asks for that alone, or he would not hear of it
BLOCK_MS = 5_000  # an XREAD that nothing ended: shorter than bus.SOCKET_TIMEOUT


class Inbox:
    """Errors of `read`: `redis.RedisError`; the next call asks anew, with its own cursor."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client
        self._asked: redis.Connection | None = None  # the connection on which an XREAD stands open

    def read(self, cursor: str, seconds: float, count: int) -> list[tuple[str, bytes]]:
        """(entry id, encoded message) after `cursor`, as soon as there are any; after `seconds`: none.

        With no time to wait: what is there now. After a wait: the first that came, perhaps without what came with it.
        `cursor` is the last entry that was given out: it may be another one only after an error.
        """
        if not self._asked and seconds < ANSWER_SECONDS:
            return bus.entries(self._redis.xread({bus.INBOX: cursor}, count=count))
        try:
            connection = self._asked = self._asked or self._ask(cursor, count)
            if not connection.can_read(seconds):
                return []
            answer = self._redis.parse_response(connection, "XREAD")
        except BaseException:
            self.forget()
            raise
        self._asked = None
        self._redis.connection_pool.release(connection)
        return bus.entries(answer)

    def forget(self) -> None:
        """What was asked is of no interest any more."""
        if self._asked:
            self._asked.disconnect()
            self._redis.connection_pool.release(self._asked)
            self._asked = None

    def _ask(self, cursor: str, count: int) -> redis.Connection:
        connection = self._redis.connection_pool.get_connection()
        try:
            connection.send_command("XREAD", "BLOCK", BLOCK_MS, "COUNT", count, "STREAMS", bus.INBOX, cursor)
        except BaseException:
            connection.disconnect()
            self._redis.connection_pool.release(connection)
            raise
        return connection
