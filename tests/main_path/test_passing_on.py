"""Who hears whom while a customer is passed on, in every state of the call, by ear: real SIP, real cells, real browsers (TR-01 to TR-04).

Everybody speaks a tone of his own. Agents have a softphone or a telephone outside; each state is heard for every pair of them.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests import tones
from tests.browser.chromium import Chromium
from tests.main_path.desk_person import AtDesk
from tests.main_path.ear_company import AT_DESKS, EXPERTS, FRONT, LINE, ON_TELEPHONES
from tests.main_path.ears import RINGING, Ears
from tests.main_path.on_telephone import Exchange, OnTelephone
from tests.main_path.test_outside import is_found
from tests.product import Product
from tests.sip.rtp import FRAME, FRAME_SECONDS, RtpEndpoint
from tests.sip.sipp import Caller

pytestmark = [pytest.mark.media, pytest.mark.browser, pytest.mark.timeout(240)]

Agent = AtDesk | OnTelephone
KARI, KARI_HZ = "+4790000140", 520
DESK_HZ = dict(zip(AT_DESKS, (1000, 1300), strict=True))
NUMBERS = dict(zip(ON_TELEPHONES, ("+4740000041", "+4740000042"), strict=True))
OUTSIDE = "+4799999994"
TELEPHONE_HZ = {NUMBERS["cleo"]: 800, NUMBERS["dag"]: 620, OUTSIDE: 900}
NOTHING: set[str] = set()
PAIRS = [
    pytest.param(one, other, id=f"{one} and {other}")
    for one, other in itertools.product((AT_DESKS[0], ON_TELEPHONES[0]), (AT_DESKS[1], ON_TELEPHONES[1]))
]
MIXED = PAIRS[1:3]  # one at a desk, one on a telephone: either way round


@pytest.fixture(scope="module")
def exchange(product: Product, tmp_path_factory) -> Iterator[Exchange]:
    """All telephones outside; the trunk leads there."""
    with Exchange(tmp_path_factory.mktemp("exchange"), TELEPHONE_HZ) as exchange:
        product.run("tests.main_path.ear_company", exchange.address)
        is_found(product)
        yield exchange


@pytest.fixture(scope="module")
def agent(product: Product, exchange: Exchange) -> Iterator[Callable[[str], Agent]]:
    """Who is logged in once is so for all tests."""
    with ExitStack() as open_ones:
        known: dict[str, Agent] = {}

        def agent(name: str) -> Agent:
            if name not in known and name in AT_DESKS:
                known[name] = AtDesk(open_ones.enter_context(Chromium(DESK_HZ[name], steady=True)), product, name)
            elif name not in known:
                known[name] = OnTelephone(product, name, exchange, NUMBERS[name])
                open_ones.enter_context(known[name].desk)
            return known[name]

        yield agent


@pytest.fixture
def logged_on(agent) -> Iterator[Callable[[str, str], Agent]]:
    on: list[Agent] = []

    def logged_on(name: str, profile: str) -> Agent:
        on.append(agent(name))
        on[-1].log_on(profile)
        return on[-1]

    yield logged_on
    for one in on:
        one.logs_off()


@contextmanager
def a_customer(product: Product, folder: Path) -> Iterator[Caller]:
    with Caller(product.trunk, LINE, folder=folder, caller=KARI, hertz=KARI_HZ, seconds=150) as kari:
        kari.wait_answered()
        try:
            yield kari
        finally:
            kari.hang_up()
            kari.wait()


def holds_asks_joins_and_takes_back(first: Agent, second: Agent, ears: Ears) -> None:
    """Of a customer to whom `first` talks, and does so afterwards."""
    first.holds()
    ears.are(customer={FRONT}, first=NOTHING)
    first.consults(name(second))
    second.sees_panel("ringing")
    ears.are(customer={FRONT}, first={RINGING})
    second.answers()
    second.sees_panel("consulting")
    ears.are(customer={FRONT}, first={"second"}, second={"first"})
    first.joins_all()
    second.sees_panel("three_party")
    ears.are(customer={"first", "second"}, first={"customer", "second"}, second={"customer", "first"})
    first.takes_back()
    second.sees_panel("idle")
    ears.are(customer={"first"}, first={"customer"})


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_who_hears_whom_between_two_agents_and_a_customer(one, other, product, logged_on, tmp_path):
    """The matrix: talking, held, ringing, consulting, three-party, transferred after asking and at once; and whoever hangs up in it."""
    first, second = logged_on(one, FRONT), logged_on(other, EXPERTS)
    before = product.newest()
    with a_customer(product, tmp_path) as kari:
        first.answers()
        first.sees_panel("talking")
        ears = Ears(customer=kari.audio, first=ear_of(first), second=ear_of(second))
        ears.are(customer={"first"}, first={"customer"})
        holds_asks_joins_and_takes_back(first, second, ears)

        asks(first, second)
        second.puts_down()  # who is asked
        second.sees_panel("idle")
        ears.are(customer={"first"}, first={"customer"})

        asks(first, second)
        since = time.monotonic()
        ears.are(customer={FRONT}, first={"second"}, second={"first"})
        first.completes()
        first.sees_panel("idle")
        ears.are(customer={"second"}, second={"customer"})
        silence = silence_between(ears.hertz[FRONT], ears.hertz["second"], kari.audio.heard(since))
        assert silence <= 0.06, "no gap of more than 60 ms for the customer"

        second.transfers(name(first))
        second.sees_panel("idle")
        first.sees_panel("ringing")
        ears.are(customer={RINGING})
        first.answers()
        first.sees_panel("talking")
        ears.are(customer={"first"}, first={"customer"})

        asks(first, second)
        first.joins_all()
        second.sees_panel("three_party")
        first.hangs_up()  # who had the customer, of the three
        first.sees_panel("idle")
        ears.are(customer={"second"}, second={"customer"})

        asks(second, first)
        second.puts_down()  # who had the customer, of the two who talk about him
        second.sees_panel("idle")
        ears.are(customer={"first"}, first={"customer"})

        asks(first, second)
        ears.are(customer={FRONT}, first={"second"}, second={"first"})
    first.sees_panel("idle")  # the customer has hung up
    second.sees_panel("idle")
    number = product.call_of(KARI, before)
    product.time_line_with(number, "CallEnded")
    (call,) = product.rows("SELECT * FROM calls_call WHERE id = ?", number)
    assert (call["consults"], call["transferred"], call["agent_id"]) == (6, 1, first.id)


@pytest.mark.parametrize(("one", "other"), MIXED)
def test_who_hears_whom_while_an_agent_asks_a_queue(one, other, product, logged_on, tmp_path):
    """TR-03: he hears the queue's music and his customer that of hold, until somebody answers there; he gives up, completes, or leaves."""
    first, second = logged_on(one, FRONT), logged_on(other, EXPERTS)
    second.pauses()
    with a_customer(product, tmp_path) as kari:
        first.answers()
        first.sees_panel("talking")
        ears = Ears(customer=kari.audio, first=ear_of(first), second=ear_of(second))
        first.consults(EXPERTS)
        ears.are(customer={FRONT}, first={EXPERTS})
        first.takes_back()
        ears.are(customer={"first"}, first={"customer"})

        first.consults(EXPERTS)
        second.becomes_ready()
        second.sees_panel("ringing")
        ears.are(customer={FRONT}, first={EXPERTS})
        second.answers()
        second.sees_panel("consulting")
        ears.are(customer={FRONT}, first={"second"}, second={"first"})
        first.completes()
        first.sees_panel("idle")
        ears.are(customer={"second"}, second={"customer"})

        second.transfers(name(first))
        first.answers()
        first.sees_panel("talking")
        second.pauses()
        first.consults(EXPERTS)
        ears.are(customer={FRONT}, first={EXPERTS})
        first.hangs_up()
        first.sees_panel("idle")
        ears.are(customer={EXPERTS})
        second.becomes_ready()
        second.answers()
        second.sees_panel("talking")
        ears.are(customer={"second"}, second={"customer"})
    second.sees_panel("idle")


@pytest.mark.parametrize("one", [AT_DESKS[0], ON_TELEPHONES[0]])
def test_who_hears_whom_with_a_telephone_outside(one, product, logged_on, exchange, tmp_path):
    """TR-01: a typed number, asked first or at once; TR-04: one that is busy gives the customer back."""
    first, telephones = logged_on(one, FRONT), exchange.telephones
    with a_customer(product, tmp_path) as kari:
        first.answers()
        first.sees_panel("talking")
        ears = Ears(customer=kari.audio, first=ear_of(first), outside=exchange.audio[OUTSIDE])
        first.transfers(OUTSIDE)
        telephones.refuse(OUTSIDE)
        first.answers()
        first.sees_panel("talking")
        ears.are(customer={"first"}, first={"customer"})

        first.consults(OUTSIDE)
        ears.are(customer={FRONT}, first={RINGING})
        telephones.refuse(OUTSIDE)
        ears.are(customer={"first"}, first={"customer"})

        first.consults(OUTSIDE)
        telephones.answer(OUTSIDE)
        ears.are(customer={FRONT}, first={"outside"}, outside={"first"})
        first.joins_all()
        ears.are(customer={"first", "outside"}, first={"customer", "outside"}, outside={"customer", "first"})
        telephones.hang_up(OUTSIDE)
        ears.are(customer={"first"}, first={"customer"})

        first.transfers(OUTSIDE)
        first.sees_panel("idle")
        ears.are(customer={RINGING})
        telephones.answer(OUTSIDE)
        ears.are(customer={"outside"}, outside={"customer"})


def name(agent: Agent) -> str:
    return f"{agent.user.title()} Ear"


def ear_of(agent: Agent) -> AtDesk | RtpEndpoint:
    return agent if isinstance(agent, AtDesk) else agent.audio


def asks(first: Agent, second: Agent) -> None:
    first.consults(name(second))
    second.answers()
    for one in (first, second):
        one.sees_panel("consulting")


def silence_between(one: float, other: float, pcm: tones.Pcm) -> float:
    """The longest silence, in seconds, from the last of the tone `one` to the first of `other`; what is silent later is the speaker."""
    frames = [pcm[at : at + FRAME] for at in range(0, len(pcm) - FRAME, FRAME)]
    begins = next(index for index, frame in enumerate(frames) if tones.hears(frame, other))
    ends = max(index for index, frame in enumerate(frames[: begins + 1]) if tones.hears(frame, one))
    silent = "".join("." if tones.rms(frame) > 20 else "s" for frame in frames[ends:begins])
    return max(map(len, silent.split("."))) * FRAME_SECONDS
