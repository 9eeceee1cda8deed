"""An agent calls out from his page: what the page's server does before the switch decides (OB-01)."""

import asyncio
from collections.abc import Callable

from apps.switch import requests
from tests.fakes.pages_switch import PagesSwitch
from tests.sip.door import cell_waits, cells_come


async def test_a_line_that_is_being_made_ready_is_waited_for(who, opens: Callable, switch: PagesSwitch) -> None:
    """As it is for who calls in: all lines are in use only when no more can be made."""
    anna = await opens(who["anna"])
    switch.change(who["anna"].pk, status="ready", phone="+4790000000")
    cells_come(switch.redis)
    asyncio.get_running_loop().call_later(0.3, cell_waits, switch.redis, "cell-1", "127.0.0.1:9")
    reply = await anna.ask("desk.call_out", number="90 00 00 09")
    assert reply["code"] == "" and [wish.cell for wish in switch.asked(requests.CallOut)] == ["cell-1"]


async def test_that_all_lines_are_in_use_is_said_at_once(who, opens: Callable, switch: PagesSwitch) -> None:
    anna = await opens(who["anna"])
    assert (await anna.ask("desk.call_out", number="90 00 00 09"))["code"] == "busy"
    assert not switch.asked(requests.CallOut)
