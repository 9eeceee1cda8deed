"""What steps look up when a call comes to them: always the newest, also for calls that began before it was saved. PURE.

The switch makes one of it whenever the configuration is loaded; a kind of step that needs something of it adds a field here.
"""

from msgspec import Struct

from apps.hours.opening import Calendar
from apps.numbers.lists import NumberSet


class Known(Struct, frozen=True, kw_only=True):
    """Keys are database ids. `queue_hours`: queue -> calendar outside which it takes nobody."""

    calendars: dict[int, Calendar] = {}
    lists: dict[int, NumberSet] = {}
    callbacks: frozenset[str] = frozenset()  # numbers with an order that waits
    queue_hours: dict[int, int] = {}


NOTHING = Known()
