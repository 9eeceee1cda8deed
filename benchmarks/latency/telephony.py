"""The figures of telephones: from an event at one to what another one hears of it. Each round is three calls and gives all of them."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import redis

from apps.switch import board
from benchmarks.latency.company import NUMBER
from benchmarks.latency.phones import AgentsPhone, Caller
from contactcenter.lib import bus
from tests.live.desk_by_socket import Desk
from tests.product import until

TARGET = "+4790000002"  # of a transfer; it leads there too
EXTERNAL = "+4790000001"  # the agent's telephone; its trunk leads to `AgentsPhone`
REASON = "Coffee"
AT_ONCE, WITH_WRAP_UP = "1", "3"  # digits: queues of company.py
ENTERS = "caller enters queue with a free agent, to INVITE at the agent's phone"
BYE = "previous customer's BYE with a caller waiting, to INVITE at the agent's phone"
PAUSE_ENDED = "pause ended with a caller waiting, to INVITE at the agent's phone"
WRAP_UP_OVER = "wrap-up over with a caller waiting, to INVITE at the agent's phone"
BLIND = "agent transfers at once, to INVITE at the target's phone"
PROMPT = "INVITE at the trunk port, to first prompt audio"


@dataclass
class Telephony:
    """`ids`: what company.py told. Samples are milliseconds by the name of their figure."""

    trunk: str
    phone: AgentsPhone
    desk: Desk
    source: redis.Redis
    ids: dict[str, int]
    samples: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def round(self) -> None:
        """First a free agent, then a customer's BYE, then the end of a pause brings the next caller to the agent."""
        first = self._arrive()
        self._note(ENTERS, first.press(AT_ONCE))
        self._talks()
        second = self._waiting()
        self._note(BYE, self._leave(first))
        self._talks()
        self.desk.ask("desk.pause", reason=REASON)
        self._leave(second)
        self._until_agent("pause")
        third = self._waiting()
        self._note(PAUSE_ENDED, self.desk.ask("desk.ready"))
        self._talks()
        self._leave(third)
        self._until_agent("ready")

    def wrap_up(self) -> None:
        """The agent's wrap-up of a second ends while a caller waits. When it should, says the agent's document."""
        first = self._arrive()
        first.press(WITH_WRAP_UP)
        self.phone.rings()
        self._talks()
        second = self._waiting()
        self._leave(first)
        self._until_agent("wrap_up")
        self._note(WRAP_UP_OVER, self._document(board.agent_topic(self.ids["agent"]))["until"])
        self._talks()
        self._leave(second)
        self._until_agent("ready")

    def transfer(self) -> None:
        """Blind, to a number; the customer talks to it then (TR-02)."""
        caller = self._arrive()
        caller.press(AT_ONCE)
        self.phone.rings()
        self._talks()
        self._note(BLIND, self.desk.ask("transfer.blind", to={"kind": "number", "number": TARGET}))
        self._until_agent("ready")
        self._leave(caller)

    def _arrive(self) -> Caller:
        """A caller who hears the menu."""
        caller = Caller(self.trunk, NUMBER)
        caller.wait(caller.heard, "the prompt")
        self.samples[PROMPT].append((caller.sound_at - caller.invited_at) * 1000)
        return caller

    def _waiting(self) -> Caller:
        caller = self._arrive()
        caller.press(AT_ONCE)
        until(lambda: self._document(board.queue_topic(self.ids["queue"])).get("waiting") == 1, "a caller waits")
        return caller

    def _note(self, what: str, since: float) -> None:
        self.samples[what].append((self.phone.rings() - since) * 1000)

    def _talks(self) -> None:
        """The telephone has answered. (When it rang, his status was *offered* already: that was written first.)"""
        self._until_agent("connected")

    def _leave(self, caller: Caller) -> float:
        """When the BYE went."""
        at = caller.hang_up()
        caller.wait(caller.gone, "the answer to a BYE")
        caller.close()
        return at

    def _until_agent(self, status: str) -> None:
        until(lambda: self._document(board.agent_topic(self.ids["agent"])).get("status") == status, f"the agent's status is {status}")

    def _document(self, topic: str) -> dict[str, Any]:
        entry = self.source.hget(bus.BOARD, topic)
        return json.loads(entry)["document"] if entry else {}
