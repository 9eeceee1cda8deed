"""The front door knows cells by the address that the settings give them (PF-10)."""

import pytest

from apps.telephony import shares
from apps.telephony.management.commands.frontdoor import front_door_settings
from apps.telephony.management.commands.media import pool_settings


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.20.30.40"])
def test_the_front_door_and_the_cells_agree_where_cells_are(settings, inside: str):
    settings.INSIDE_ADDRESS, settings.MEDIA_ADDRESS = inside, "203.0.113.7"
    pool, own = pool_settings("here"), front_door_settings().own()
    assert own.is_cell(pool.sip_address, pool.ports[0]) and own.is_cell(pool.sip_address, pool.ports[1])
    assert not own.is_cell(inside, shares.gateway(settings.MEDIA_PORTS)[0]) and not own.is_cell(inside, settings.MEDIA_PORTS[1])
    assert not own.is_cell("127.0.0.2", pool.ports[0]) and not own.is_cell("203.0.113.8", pool.ports[0])
