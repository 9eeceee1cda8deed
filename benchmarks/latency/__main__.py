"""How long people wait for the machine, on the running product: `python -m benchmarks.latency [rounds] [of the browser]`.

Prints one JSON object per line (ms). Takes two and a half minutes with 100 and 30 rounds. The method is in benchmarks/README.md.
"""

import contextlib
import json
import statistics
import subprocess
import sys
from collections.abc import Callable

import redis

from benchmarks.figures import tell
from benchmarks.latency.browser import BOTH, STOPPED, Browser, Talking
from benchmarks.latency.company import AGENT, AT_HIS_DESK
from benchmarks.latency.phones import AgentsPhone
from benchmarks.latency.telephony import BLIND, BYE, ENTERS, EXTERNAL, PAUSE_ENDED, PROMPT, WRAP_UP_OVER, Telephony
from tests.live.desk_by_socket import Desk
from tests.main_path.desk_person import AtDesk
from tests.product import Product, until

ROUNDS, BROWSER_ROUNDS = 100, 30
WARM_UP = 3  # rounds that are not counted: the first call of a process reads its code from the disk
TO_INVITE = {95: 15.0, 99: 50.0}
GOALS: dict[str, dict[int, float]] = {
    **dict.fromkeys((ENTERS, BYE, PAUSE_ENDED, WRAP_UP_OVER), TO_INVITE),
    BLIND: {95: 300.0},
    PROMPT: {95: 150.0},
    BOTH: {95: 300.0},
    STOPPED: {95: 200.0},
}
Samples = dict[str, list[float]]


def main() -> None:
    rounds, browser_rounds = map(int, sys.argv[1:] + [str(ROUNDS), str(BROWSER_ROUNDS)][len(sys.argv) - 1 :])
    with Product(CC_LOG_LEVEL="WARNING") as product, contextlib.closing(AgentsPhone()) as phone:
        ids = configured(product, phone.address)
        told(of_telephones(product, phone, ids, rounds))
        told(of_browser(product, browser_rounds))


def configured(product: Product, host: str) -> dict:
    """What company.py told. Its agents can log on when this returns."""
    environment = product.environment | {"DJANGO_SETTINGS_MODULE": "contactcenter.settings"}
    command = [sys.executable, "-m", "benchmarks.latency.company", host]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def of_telephones(product: Product, phone: AgentsPhone, ids: dict, rounds: int) -> Samples:
    with (
        Desk(product.url, AGENT, product.password(), follows=False) as desk,
        contextlib.closing(redis.Redis.from_url(ids["redis"])) as source,
    ):
        until(lambda: desk.manages("desk.log_on", profile=ids["profile"], phone=EXTERNAL), "the switch knows the trunk")
        telephony = Telephony(product.trunk, phone, desk, source, ids)
        repeat(telephony.round, rounds, telephony.samples)
        repeat(telephony.transfer, max(2, rounds // 3), telephony.samples)
        repeat(telephony.wrap_up, max(2, rounds // 3), telephony.samples)
        desk.ask("desk.log_off")
        return telephony.samples


def of_browser(product: Product, rounds: int) -> Samples:
    with Talking() as chromium:
        agent = AtDesk(chromium, product, AT_HIS_DESK)
        agent.log_on()
        browser = Browser(product.trunk, agent)
        way = {"the ear itself": browser.ear_delay()}
        repeat(browser.round, rounds, browser.samples)
        way |= {f"key to {name}": statistics.median(taken) for name, taken in browser.way.items()}
        print("; ".join(f"{name} {taken:.0f} ms" for name, taken in way.items()), file=sys.stderr)
        return browser.samples


def repeat(one_round: Callable[[], None], rounds: int, samples: Samples) -> None:
    known = {name: len(taken) for name, taken in samples.items()}
    for _ in range(WARM_UP):
        one_round()
    for name, taken in samples.items():
        del taken[known.get(name, 0) :]
    for _ in range(rounds):
        one_round()


def told(samples: Samples) -> None:
    for name, goals in GOALS.items():
        if taken := samples.get(name):
            cuts = statistics.quantiles(taken, n=100, method="inclusive")
            tell(f"{name}: median", cuts[49], "ms", goals[95])
            tell(f"{name}: 95th percentile", cuts[94], "ms", goals[95])
            tell(f"{name}: 99th percentile", cuts[98], "ms", goals.get(99, goals[95]))


if __name__ == "__main__":
    main()
