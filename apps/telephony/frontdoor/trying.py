"""The test of a trunk that admin asks for: everything that can be asked of it, now, told step by step."""

from collections.abc import Awaitable, Callable

from apps.telephony.frontdoor.ping import Ping
from apps.telephony.frontdoor.registration import Registration
from apps.telephony.frontdoor.trunks import Trunks, place_of, target_of
from apps.telephony.trunk_health import Tried

SECONDS = 6.0  # until a test gives up waiting for an answer

Told = Callable[[Tried], Awaitable[None]]


async def run(trunks: Trunks, trunk: str, told: Told) -> None:
    """`told` hears of each step when it is over. A trunk that is not ours is another front door's."""
    line = trunks.lines.get(trunk)
    if line is None:
        return
    await told(Tried("begun"))
    if place := place_of(line.trunk):
        await told(await _name(trunks, target_of(place, "udp").host))
    if line.ping:
        trunks.ask(line)
        await told(await _answers(trunks, line.ping))
    if line.registration:
        asked_at = line.registration.outcome.at
        trunks.register(line)
        await told(await _registers(trunks, line.registration, asked_at))
    await told(Tried("over"))


async def _name(trunks: Trunks, host: str) -> Tried:
    try:
        return Tried("name", True, 0, await trunks.resolve(host))
    except (OSError, TimeoutError):
        return Tried("name", False, 0, host)


async def _answers(trunks: Trunks, ping: Ping) -> Tried:
    await trunks.until(lambda: not ping.asking, SECONDS)
    good = ping.reachable is True and not ping.asking
    return Tried("options", good, ping.code if good else 0, str(ping.milliseconds) if good else "")


async def _registers(trunks: Trunks, registration: Registration, asked_at: float) -> Tried:
    await trunks.until(lambda: registration.outcome.at != asked_at, SECONDS)
    outcome = registration.outcome
    if outcome.at == asked_at:
        return Tried("register", False, 408)
    return Tried("register", 200 <= outcome.code < 300, outcome.code, outcome.reason[:100])
