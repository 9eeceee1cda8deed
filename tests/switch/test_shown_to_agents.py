"""SP-04: what a call flow has found out is on the card of the agent who is offered the call, under the names that an administrator gave."""

import msgspec
import pytest

from apps.flows.kinds.web import Reading
from apps.flows.web.orders import WebResult
from apps.switch import requests as r
from apps.switch.board import AgentDocument, ShownValue
from tests.switch.company import SUPPORT, Company
from tests.switch.test_steps_of_a_call import CARD, SECRET, company_with, presses, step

SHOP = "https://shop.example/orders/4711"


def shown(company: Company, agent: int = 1) -> list[tuple[str, str, bool]]:
    card = msgspec.json.decode(company.board[f"agent:{agent}"], type=AgentDocument).card
    return [msgspec.structs.astuple(value) for value in card.shown]


def shop() -> Company:
    """Asks the shop who calls, the caller for the order and for his card, notes something, and offers him to the agents of Support."""
    readings = (
        Reading("name", "name", "Customer"),
        Reading("order", "order", "Order"),
        Reading("level", "level"),
        Reading("due", "due", "Due"),
    )
    return company_with(
        step("web_request", 1, url="https://shop.example/{caller}", readings=readings, exits={"next": 2, "error": 9}),
        step("collect", 2, prompt=2, variable="meter", confirm=False, shown_as="Meter", exits={"next": 3}),
        step("collect", 3, confirm=False, shown_as="Card", exits={"next": 4}, **SECRET),
        step("set_variable", 4, variable="note", value="{level}: reads {meter}", shown_as="Note", exits={"next": 5}),
        step("set_variable", 5, variable="proof", value="Paid with {card}", shown_as="Proof", exits={"next": 6}),
        step("queue", 6, queue=SUPPORT),
    )


def test_the_agent_sees_what_has_a_name_for_him_and_nothing_secret():
    """What was asked of other systems, typed and noted; not what is empty, and of a secret not even that there is one."""
    company = shop()
    company.agent().logs_on()
    kari = company.caller()
    company.tell(WebResult(call=kari.id, number=1, status=200, values={"name": "Kari\n <b>Nordmann", "order": SHOP, "level": "Gold"}))
    presses(kari, "0815#")
    presses(kari, CARD + "#")
    assert shown(company) == [
        ("Customer", "Kari <b>Nordmann", False), ("Order", SHOP, True), ("Meter", "0815", False), ("Note", "Gold: reads 0815", False),
    ]  # fmt: skip
    assert CARD not in str(company.board)


def test_whom_the_customer_is_brought_to_sees_it_too_and_a_secret_stays_one_in_the_next_flow():
    """TR-01, IV-04: the first step of the flow notes the card that its caller typed when he came through it before."""
    company = company_with(
        step("set_variable", 1, variable="note", value="{card}", shown_as="Note", exits={"next": 2}),
        step("collect", 2, confirm=False, shown_as="Card", exits={"next": 3}, **SECRET),
        step("collect", 3, prompt=2, variable="meter", confirm=False, shown_as="Meter", exits={"next": 4}),
        step("queue", 4, queue=SUPPORT),
    )
    anna, per = company.agent(1), company.agent(2)
    anna.logs_on()
    kari = company.caller()
    presses(kari, CARD + "#")
    presses(kari, "0815#")
    anna.answers()
    per.logs_on()
    assert anna.asks(r.Transfer, to=r.Target("flow", 1)) == ""
    presses(kari, CARD + "#")
    presses(kari, "0816#")
    per.answers()
    assert shown(company, 2) == [("Meter", "0816", False)]
    assert kari.call.run.variables["note"] == CARD
    assert CARD not in str(company.board) and CARD not in msgspec.json.encode(company.facts).decode()


@pytest.mark.parametrize(
    ("found", "value"),
    [
        ("x" * 9_000, ShownValue("Note", "x" * 500)),
        ("a\u202eb\x00c", ShownValue("Note", "abc")),  # U+202E would draw what follows from right to left
        ("https://crm.example/kari?id=1#top", ShownValue("Note", "https://crm.example/kari?id=1#top", link=True)),
        ("http://10.0.0.7:8080/", ShownValue("Note", "http://10.0.0.7:8080/", link=True)),
        ("javascript:alert(1)", ShownValue("Note", "javascript:alert(1)")),
        ("data:text/html,x", ShownValue("Note", "data:text/html,x")),
        ("https://bank.example@evil.example/", ShownValue("Note", "https://bank.example@evil.example/")),
        ("https://b\u00e5nk.example/", ShownValue("Note", "https://b\u00e5nk.example/")),
        ("https://[::1/", ShownValue("Note", "https://[::1/")),
        ("See https://crm.example/", ShownValue("Note", "See https://crm.example/")),
        ("https://crm.example/" + "x" * 600, ShownValue("Note", ("https://crm.example/" + "x" * 600)[:500])),  # cut: leads elsewhere
    ],
)
def test_a_value_is_one_short_line_of_text_and_a_link_only_to_the_web(found, value):
    company = company_with(
        step("web_request", 1, url="https://shop.example/", readings=(Reading("note", "note", "Note"),), exits={"next": 2, "error": 9}),
        step("queue", 2, queue=SUPPORT),
    )
    company.agent().logs_on()
    kari = company.caller()
    company.tell(WebResult(call=kari.id, number=1, status=200, values={"note": found}))
    assert shown(company) == [msgspec.structs.astuple(value)]


def test_no_more_than_twelve_values_are_shown():
    """The buttons are what the card is for."""
    readings = tuple(Reading(f"v{number}", f"v{number}", f"Value {number}") for number in range(20))
    company = company_with(
        step("web_request", 1, url="https://shop.example/", readings=readings, exits={"next": 2, "error": 9}),
        step("queue", 2, queue=SUPPORT),
    )
    company.agent().logs_on()
    kari = company.caller()
    company.tell(WebResult(call=kari.id, number=1, status=200, values={reading.path: "1" for reading in readings}))
    assert [name for name, _, _ in shown(company)] == [f"Value {number}" for number in range(12)]
