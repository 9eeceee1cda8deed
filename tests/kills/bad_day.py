"""What tests of kills do and ask: who hears whom, whether anybody noticed, what the switch remembers."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import redis

from apps.switch.state import Call
from tests import tones
from tests.browser.chromium import Chromium
from tests.lasting import stolen
from tests.load.busy_hour import BusyHour, caller_number
from tests.load.company import MUSIC_HZ, QUEUE
from tests.load.hearing import Heard
from tests.main_path.desk_person import AtDesk
from tests.product import Product, until
from tests.telephony.pools import owner_of_port

DESK_HZ = 1000
GAP = 0.15  # seconds: five browsers and a process that starts share two cores; whoever loses his call misses it for seconds
BROWSER_GAP = 0.25  # browsers hiccup by themselves then
calls_of_redis = msgspec.json.Decoder(Call).decode


@dataclass(frozen=True)
class Ears:
    """What the callers hear, sorted by what it is. `phones`: (caller, agent) who hear each other's tone."""

    at_phones: list[tuple[int, int]]  # hertz of caller and agent
    at_desks: list[int]
    with_music: list[int]
    longest: float  # seconds without the tone that should be there, of anybody but
    longest_of_desks: float
    lost: int


@dataclass
class BadDay:
    product: Product
    hour: BusyHour
    chromium: Chromium
    desks: list[AtDesk] = field(default_factory=list)
    stolen_before: float = 0.0

    def __post_init__(self) -> None:
        """Ten conversations and five who wait."""
        self.hour.log_on_phones()
        for name in self.hour.names[self.hour.phones :]:
            desk = AtDesk(self.chromium.somebody_else(), self.product, name)
            desk.asks_to_log_on(QUEUE)
            self.desks.append(desk)
        for desk in self.desks:
            desk.sees_panel("idle", timeout=20)
        self.hour.calls(10)
        for desk in self.desks:
            desk.answers()
            desk.sees_panel("talking")
        self.until_talking(10)
        self.as_usual()

    def as_usual(self) -> None:
        """Ten talk and five wait, whatever the test before has left."""
        self.until_talking(10)
        waiting = [call for call in self.calls() if call.place]
        for call in waiting[5:]:
            self.hour.hangs_up(int(call.caller.removeprefix("+4790")))
        if len(waiting) < 5:
            self.hour.calls(5 - len(waiting))
        self.until_waiting(5)
        self.stolen_before = stolen()

    @property
    def stood_still(self) -> float:
        """Seconds since things were as usual in which nobody could have spoken, whatever the product did."""
        return stolen() - self.stolen_before

    def until_talking(self, count: int, timeout: float = 15) -> None:
        until(lambda: self.hour.talking() == count, f"{count} talk", timeout)

    def until_waiting(self, count: int, timeout: float = 15) -> None:
        until(lambda: self.hour.waiting() == count, f"{count} wait", timeout)

    # -- what people hear

    def ears(self, heard: list[Heard]) -> Ears:
        callers = dict(zip(self.hour.voices.hertz, heard[: len(self.hour.caller_ports)], strict=False))
        talks = self.hour.talks(heard)
        at_phones = {talk.caller.hertz for talk in talks}
        there = {hertz: ear for hertz, ear in callers.items() if ear.seconds() > 0.5 and hertz not in at_phones}
        at_desks = [hertz for hertz, ear in there.items() if ear.hears(DESK_HZ)]
        with_music = [hertz for hertz, ear in there.items() if hertz not in at_desks and ear.hears(MUSIC_HZ)]
        gaps = [talk.caller.heard.longest_gap(talk.agent.hertz) for talk in talks]
        gaps += [talk.agent.heard.longest_gap(talk.caller.hertz) for talk in talks]
        gaps += [callers[hertz].longest_gap(MUSIC_HZ) for hertz in with_music]
        of_desks = max((callers[hertz].longest_gap(DESK_HZ) for hertz in at_desks), default=0.0)
        pairs = [(talk.caller.hertz, talk.agent.hertz) for talk in talks]
        return Ears(pairs, at_desks, with_music, max(gaps), of_desks, sum(ear.lost() for ear in heard))

    def desks_hear_their_customers(self) -> None:
        """Each desk one caller, and no two the same."""
        customers = [self._customer_of(desk) for desk in self.desks]
        assert len(set(customers)) == len(self.desks), f"desks hear {customers} Hz"

    def _customer_of(self, desk: AtDesk) -> int:
        def heard() -> int | None:
            if not self.chromium.has_media(desk.page):
                return None
            strengths = tones.mean_strengths(desk.listens(0.5), self.hour.voices.hertz)
            return self.hour.voices.hertz[int(np.argmax(strengths))] if strengths.max() >= 0.1 else None

        return until(heard, f"{desk.user} hears a customer", 10)

    # -- what the switch remembers and the archive says

    def calls(self) -> list[Call]:
        """Errors: redis.RedisError."""
        found = map(calls_of_redis, self.hour.redis.hvals("cc:calls"))
        return sorted(found, key=lambda call: call.arrived_at)

    def places(self) -> list[tuple[str, float]]:
        """Who waits, first come first, and since when."""
        waiting = [(call.id, call.place.entered_at) for call in self.calls() if call.place]
        return sorted(waiting, key=lambda place: place[1])

    def call_of(self, caller: int) -> Call | None:
        """The call of the caller with this number (from 0), while the switch knows it."""
        return next((call for call in self.calls() if call.caller == caller_number(caller)), None)

    def caller_at(self, hertz: int) -> int:
        return self.hour.voices.hertz.index(hertz)

    def cell_of(self, caller: int) -> int:
        """The process of the cell that answered the caller: it has the SIP port of its Contact."""
        crowd, index = self.hour.crowd_of(caller)
        answer = next(
            text for text in crowd.messages() if text.startswith("SIP/2.0 200") and f"Call-ID: {index + 1}-" in text and "1 INVITE" in text
        )
        port = int(re.search(r"^Contact: <sip:[^>]*:(\d+)", answer, re.MULTILINE | re.IGNORECASE)[1])
        return owner_of_port(port, self.product.pids())

    def facts(self, kind: str, since: float = 0.0, call: str = "%") -> list[dict[str, Any]]:
        """Of the archive, in order: each with its time and what it says."""
        rows = self.product.rows("SELECT data FROM events_event WHERE kind = ? AND call LIKE ? ORDER BY seq", kind, call)
        return [fact for row in rows if (fact := json.loads(row["data"]))["at"] >= since]

    def everybody_hangs_up(self) -> None:
        for caller, call in ((caller, self.call_of(caller)) for caller in range(len(self.hour.caller_ports))):
            if call and call.session.state != "ended":
                self.hour.hangs_up(caller)

    def incomplete(self) -> list[str]:
        """Calls whose time line lacks an end, or has one too many."""
        return incomplete_time_lines(self.product)

    def stuck_agents(self) -> list[str]:
        return stuck_agents(self.hour.redis)


def archive_is_behind(product: Product, source: redis.Redis) -> bool:
    """Whether some fact of the journal is not in the database yet, or not read there by all who make rows of facts."""
    newest = source.xrevrange("cc:journal", count=1)
    written = product.value("SELECT max(seq) FROM events_event") or 0
    cursors = [row["seq"] for row in product.rows("SELECT seq FROM events_readercursor")]
    return bool(newest) and min(written, *cursors) < int(newest[0][0].split(b"-")[0])


UNSETTLED = """SELECT id, state, fault FROM recordings_recording WHERE state <> 'stored'
    AND NOT (state = 'failed' AND fault IN ('The media machine left no file.', 'The file holds no sound.'))"""
AT_REST = ("ready", "wrap_up", "pause", "busy", "no_answer", "logged_off")
PAIRS = [
    ("CallArrived", "CallEnded"),
    ("LegStarted", "LegFinished"),
    ("StepEntered", "StepLeft"),
    ("QueueEntered", "QueueLeft"),
    ("OfferMade", "OfferEnded"),
    ("ConversationStarted", "ConversationEnded"),
]


def incomplete_time_lines(product: Product) -> list[str]:
    """What began and did not end once, call by call."""
    query = "SELECT call, kind, count(*) AS times FROM events_event WHERE call <> '' GROUP BY call, kind"
    counts = {(row["call"], row["kind"]): row["times"] for row in product.rows(query)}
    calls = sorted({call for call, _ in counts})
    return [
        f"{call}: {counts.get((call, begin), 0)} {begin}, {counts.get((call, end), 0)} {end}"
        for call in calls
        for begin, end in PAIRS
        if counts.get((call, begin), 0) != counts.get((call, end), 0)
    ]


def unsettled_recordings(product: Product) -> list[str]:
    """Recordings that are neither in the archive nor refused for having no sound."""
    return [f"recording {row['id']}: {row['state']} {row['fault']}" for row in product.rows(UNSETTLED)]


def stuck_agents(source: redis.Redis) -> list[str]:
    """Agents who have a call, or a status that only a call explains, when there is none any more."""
    states = [msgspec.json.decode(state) for state in source.hvals("cc:agents")]
    return [f"agent {state['presence']}" for state in states if state["presence"]["status"] not in AT_REST or state["call"]]
