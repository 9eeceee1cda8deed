"""Personal codes that people prove themselves with on the telephone (AU-02), and how often a wrong one may be tried. PURE.

Nobody keeps a code: only its keyed digest (HMAC-SHA256, RFC 2104) is stored. phone_codes.py makes and loads them.
"""

import hmac

from msgspec import Struct

LENGTH = 8  # digits
HOUR = 3600.0
MOST_WRONG = 20  # within any hour, whoever calls: then no code is looked at
MOST_WRONG_IN_CALL = 3

Wrong = tuple[float, str]  # when (Unix seconds), and in which call


def digest(key: bytes, code: str) -> str:
    return hmac.digest(key, code.encode(), "sha256").hex()


class PhoneCodes(Struct, frozen=True, kw_only=True):
    """`keys`: the one that digests are made with first, then older ones. `users`: digest -> user, of those who may record sounds."""

    keys: tuple[bytes, ...] = ()
    users: dict[str, int] = {}
    wrong: tuple[Wrong, ...] = ()  # codes of the last hour, as far as the database knows

    def user_of(self, code: str) -> int | None:
        digests = (digest(key, code) for key in self.keys)
        return next((self.users[found] for found in digests if found in self.users), None)

    def __repr__(self) -> str:
        """Without the keys: it must not come into a log."""
        return f"PhoneCodes({len(self.users)} users)"


def of_last_hour(wrong: set[Wrong], now: float) -> set[Wrong]:
    return {tried for tried in wrong if tried[0] > now - HOUR}


def blocked(wrong: set[Wrong], call: str) -> bool:
    """`wrong`: codes of the last hour. True: whatever is typed in `call` now is refused unseen."""
    return len(wrong) >= MOST_WRONG or sum(tried[1] == call for tried in wrong) >= MOST_WRONG_IN_CALL
