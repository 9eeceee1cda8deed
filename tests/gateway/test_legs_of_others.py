"""No agent gets at another's media: real pages' connections, a real gateway; the test is the cell."""

import asyncio
from collections.abc import Callable

import pytest

from tests.gateway.cells import PlainCell
from tests.gateway.offers import CHROMIUM
from tests.gateway.world import GatewayProcess
from tests.live.people import LivePage
from tests.sip.door import cell_waits

pytestmark = [pytest.mark.media, pytest.mark.django_db(transaction=True)]


async def phone_of(opens: Callable, user) -> LivePage:
    """A page whose softphone has been tested, and that knows that it is the phone: before that it answers nothing."""
    page = await opens(user, phone=True)
    assert (await page.ask("softphone.test", offer=CHROMIUM))["code"] == ""
    await page.is_phone()
    return page


async def code(page: LivePage, what: str, leg: str) -> str:
    return (await page.ask(what, leg=leg, offer=CHROMIUM))["code"]


async def test_no_agent_answers_or_takes_over_the_leg_of_another(who, opens: Callable, gateway: GatewayProcess, cell: PlainCell) -> None:
    """Whoever learns the leg's id: it is as good as none, while it rings and while its agent talks."""
    anna, per = await phone_of(opens, who["anna"]), await phone_of(opens, who["per"])
    cell.invite(gateway.address, f"agent-{who['per'].pk}", "pers-leg")
    await asyncio.to_thread(cell.wait, 180)
    assert await code(anna, "softphone.answer", "pers-leg") == "gone"
    assert await code(per, "softphone.answer", "pers-leg") == ""
    await asyncio.to_thread(cell.wait, 200)
    assert await code(anna, "softphone.reattach", "pers-leg") == "gone"
    await anna.close()
    assert await code(per, "softphone.reattach", "pers-leg") == ""
    assert "BYE" not in [getattr(message, "method", "") for _, message in cell.heard]


async def test_nobody_but_its_page_gets_at_a_test_call(who, opens: Callable, gateway: GatewayProcess, cell: PlainCell) -> None:
    """Not even by its token, which is the name of the page's connection."""
    cell_waits(gateway.redis, "cell-1", cell.address)
    ingrid, anna = await opens(who["ingrid"], desk=False), await phone_of(opens, who["anna"])
    other = await opens(who["ingrid"], desk=False)
    reply = await ingrid.ask("testcall.call", number="+4780012345", offer=CHROMIUM)
    assert reply["code"] == "" and reply["leg"]
    for what in ("softphone.answer", "softphone.reattach"):
        assert await code(anna, what, reply["leg"]) == "gone"
    hers = ingrid.hello["connection"]
    await other.ask("testcall.hang_up", leg=reply["leg"], connection=hers, address=f"test-{hers}")
    assert (await anna.ask("softphone.test", offer=CHROMIUM))["code"] == "", "the gateway has read what came before"
    assert "BYE" not in [getattr(message, "method", "") for _, message in cell.heard]
    await ingrid.ask("testcall.hang_up")
    await asyncio.to_thread(cell.wait, "BYE")
