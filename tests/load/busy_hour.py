"""A contact centre with many calls at once: SIPp calls and is called, voices speak, agents answer on external phones.

    with BusyHour(product, folder, phones=10) as hour:
        hour.log_on_phones()
        hour.calls(15)                          # ten conversations, five callers with music
        ... product.kill("switch") ...
        for talk in hour.talks(since): ...      # who heard what since then

Each voice has a tone of its own, so it can be told who hears whom.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import redis

from apps.switch import requests as r
from contactcenter.lib import bus
from tests.load import company
from tests.load.company import LINE, Plan
from tests.load.crowd import Callers, Telephones
from tests.load.hearing import Heard
from tests.load.voices import Voices
from tests.product import Product, until

LOWEST_HZ, HIGHEST_HZ, STEP_HZ = 400, 3400, 20  # tones of the callers; those of the telephones follow. All pass a telephone both ways


HEARD = 0.05  # share of full scale


def caller_number(caller: int) -> str:
    return f"+4790{caller:06d}"


def phone_number(phone: int) -> str:
    return f"+4721{phone:06d}"


@dataclass(frozen=True)
class Side:
    """One party of a conversation: what he says and what he has heard."""

    hertz: int
    heard: Heard


@dataclass(frozen=True)
class Talk:
    caller: Side
    agent: Side


class BusyHour:
    """`phones`: agents with an external phone; `softphones`: agents who log on at a desk; `callers` at the most at once."""

    def __init__(
        self, product: Product, folder: Path, *, phones: int, callers: int, softphones: int = 0, plan: Plan | None = None, answers: int = 0
    ) -> None:
        """`answers`: how many calls the external phones take in all (default: one each)."""
        self.product, self.folder = product, folder
        self.phones = phones
        step = min(STEP_HZ, (HIGHEST_HZ - LOWEST_HZ) // (callers + phones))
        tones = [LOWEST_HZ + step * index for index in range(callers + phones)]
        self.voices = Voices(tones)
        self.caller_ports, self.phone_ports = self.voices.ports[:callers], self.voices.ports[callers:]
        self.telephones = Telephones(
            folder=folder, ports=dict(zip(map(phone_number, range(phones)), self.phone_ports, strict=True)), calls=max(answers, phones)
        )
        wanted = plan or Plan(agents=phones + softphones, phones=self.telephones.address)
        self.company = company.add(product, wanted)
        self.redis = redis.Redis.from_url(self.company.redis_url)
        self.names = list(self.company.agents)  # the first `phones` of them have external phones
        self._crowds: list[Callers] = []

    def __enter__(self) -> Self:
        until(lambda: self.redis.hget("cc:board", f"queue:{self.company.queue}"), "the switch knows the queue")
        return self

    def __exit__(self, *_: object) -> None:
        for crowd in (*self._crowds, self.telephones):
            crowd.close()
        self.voices.close()
        self.redis.close()

    # -- people

    def log_on_phones(self) -> None:
        """By the switch's own inbox, as the web process does."""
        for index, name in enumerate(self.names[: self.phones]):
            agent, profile = self.company.agents[name], self.company.profile
            self.ask(r.LogOn(agent=agent, profile=profile, phone=phone_number(index), reply_to=bus.new_id()))

    def ask(self, request: r.AnyRequest) -> None:
        """Errors: AssertionError with the switch's refusal."""
        answer = bus.ask(self.redis, bus.INBOX, request)
        assert answer is not None, f"no answer to {type(request).__name__}"
        code = r.decode_reply(answer).code
        assert not code, f"{type(request).__name__}: {code}"

    def calls(self, count: int, *, rate: float = 10, seconds: float = 600) -> Callers:
        """`count` callers who dial the queue's number; returns at once."""
        used = sum(len(crowd.ports) for crowd in self._crowds)
        numbers = [caller_number(used + index) for index in range(count)]
        ports = self.caller_ports[used : used + count]
        crowd = Callers(self.product.trunk, LINE, folder=self.folder, ports=ports, rate=rate, seconds=seconds, numbers=numbers)
        self._crowds.append(crowd)
        return crowd

    def crowd_of(self, caller: int) -> tuple[Callers, int]:
        """Where the caller of this number (from 0) calls, and which of those calls is his."""
        for crowd in self._crowds:
            if caller < len(crowd.ports):
                return crowd, caller
            caller -= len(crowd.ports)
        raise LookupError(caller)

    def hangs_up(self, caller: int) -> None:
        crowd, index = self.crowd_of(caller)
        crowd.hang_up(index)

    # -- what is going on

    def listen(self) -> list[Heard]:
        """What each voice has heard since the last time: callers first."""
        return self.voices.take()

    def listen_for(self, seconds: float) -> list[Heard]:
        """What each voice hears from now on for a while: time that passes is what is measured here."""
        self.voices.take()
        time.sleep(seconds)
        return self.voices.take()

    def talks(self, heard: list[Heard]) -> list[Talk]:
        """Who talks with whom, found by the tones that they hear."""
        sides = [Side(hertz, part) for hertz, part in zip(self.voices.hertz, heard, strict=True)]
        callers, phones = sides[: len(self.caller_ports)], sides[len(self.caller_ports) :]
        hertz = [caller.hertz for caller in callers]
        found = ((phone, np.flatnonzero(phone.heard.strengths(hertz) >= HEARD)) for phone in phones)
        return [Talk(callers[index], phone) for phone, indexes in found for index in indexes]

    def waiting(self) -> int:
        """Callers who stand in the queue, as the switch's own memory says."""
        return sum(b'"place":{' in call for call in self.redis.hvals("cc:calls"))

    def talking(self) -> int:
        return sum(b'"talk":{' in call for call in self.redis.hvals("cc:calls"))
