"""How many messages the switch handles per second, journal, snapshots and board on a real Redis: `python -m benchmarks.switch`.

Calls arrive, hear the menu, choose, wait, are offered to a free agent, are answered and hang up: what a busy hour sends, without
its pauses. About 60 calls are under way at any moment, each at another point of its life. All messages are posted beforehand, so the
reading is in it too, and the switch commits many at once, as it does when it is behind.
"""

import time
from queue import SimpleQueue

import msgspec
import redis

from apps.accounts.presence import AgentRules
from apps.switch import requests as r
from apps.switch.configuration import Agent, Configuration
from apps.switch.core import Core, GatewaysSeen
from apps.switch.shell import Shell
from apps.switch.store import Store
from apps.telephony import protocol as t
from benchmarks.figures import tell
from contactcenter.lib import bus
from tests.conftest import RedisServer
from tests.switch.company import ALL_ROUND, configuration

CALLS = 1_500
AGENTS = 60
APART = 10  # calls that arrive between two messages of one call: 60 live while the seven of one are handled


def messages_of(call: str) -> list[t.LegEvent]:
    """Ids are those that the session gives: playback 1 is the welcome, leg 4 that of the agent (2 is the menu, 3 the music)."""
    common = {"cell": f"cell-{call}", "call": call, "at": time.time()}
    caller = f"{call}-caller"
    return [
        t.LegArrived(**common, leg=caller, caller="+4790000001", dialled="80012345", trunk="1"),
        t.LegAnswered(**common, leg=caller),
        t.PlaybackEnded(**common, leg=caller, playback=f"{call}-p1"),
        t.DigitPressed(**common, leg=caller, digit="1"),
        t.LegAnswered(**common, leg=f"{call}-l4"),
        t.LegEnded(**common, leg=caller, code=200, by_us=False),
        t.LegEnded(**common, leg=f"{call}-l4", code=200, by_us=True),
    ]


def company() -> Configuration:
    few = configuration(wrap_up=0.0)
    return msgspec.structs.replace(
        few, agents={number: Agent(number, f"Agent {number}", AgentRules(), (ALL_ROUND,)) for number in range(1, AGENTS + 1)}
    )


def interleaved() -> list[t.LegEvent]:
    lives = [messages_of(f"call{number}") for number in range(CALLS)]
    places = sorted((number + APART * place, place, number) for number, life in enumerate(lives) for place in range(len(life)))
    return [lives[number][place] for _, place, number in places]


def main() -> None:
    server = RedisServer()
    try:
        measure(bus.connect(server.url))
    finally:
        server.stop()


def measure(client: redis.Redis) -> None:
    store = Store(client, "benchmark")
    assert store.take_lease()
    core = Core(company())
    core.handle(GatewaysSeen({"gw": "127.0.0.1:9"}), time.time())
    shell = Shell(client, store, core, SimpleQueue(), time.time, "UTC")
    shell.start()
    for agent in range(1, AGENTS + 1):
        bus.post(client, bus.INBOX, r.SoftphoneUp(agent=agent, connection="page", gateway="gw", ready=True))
        bus.post(client, bus.INBOX, r.LogOn(agent=agent, profile=ALL_ROUND))
    shell.step()
    posted = interleaved()
    for message in posted:
        bus.post(client, bus.INBOX, message)
    assert store.take_lease()  # posting takes longer than it lasts
    began = time.perf_counter()
    while core.world.calls or not client.xlen(bus.JOURNAL) or shell.behind():
        shell.step()
    took = time.perf_counter() - began
    talks = sum(b'"ConversationEnded"' in fields[b"m"] for _, fields in client.xrange(bus.JOURNAL))
    assert talks == CALLS, f"{talks} of {CALLS} calls came as far as a conversation"
    tell("switch: messages handled per second, journal on", len(posted) / took, "1/s", 2_000, "higher")
    tell("switch: time per message", took / len(posted) * 1000, "ms", 0.5)


if __name__ == "__main__":
    main()
