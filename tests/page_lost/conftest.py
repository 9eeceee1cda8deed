"""One running product, one agent at a desk behind a cable that can be pulled; each test brings its own customer."""

import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import Chromium
from tests.main_path.desk_person import AtDesk
from tests.page_lost.cable import THERE, Cable
from tests.page_lost.talk import NUMBER, SUPPORT, Talk
from tests.product import ROOT, Product, until

PORTS = 1_000  # for media; the last fifth is the gateway's


@pytest.fixture(scope="package")
def media_ports() -> Iterator[range]:
    """A block that no other cable has: each holds the first port of its own, which the gateway does not use."""
    blocks = [range(low, low + PORTS) for low in range(10_000, 20_000, PORTS)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mark:
        yield next(block for block in random.sample(blocks, len(blocks)) if _takes(mark, block[0]))


def _takes(mark: socket.socket, port: int) -> bool:
    try:
        mark.bind((THERE, port))
    except OSError:
        return False
    return True


@pytest.fixture(scope="package")
def product(media_ports: range) -> Iterator[Product]:
    with Product(CC_MEDIA_PORTS=f"{media_ports[0]},{media_ports[-1]}") as running:
        command = [sys.executable, "manage.py", "shell", "-c", SUPPORT % NUMBER]
        subprocess.run(command, cwd=ROOT, env=running.environment, check=True, timeout=60)
        yield running
    assert running.left_over() == []


@pytest.fixture(scope="package")
def cable(product: Product, media_ports: range) -> Iterator[Cable]:
    with Cable(product.web_port, media_ports[-PORTS // 5 :]) as cable:
        yield cable


@pytest.fixture(scope="package")
def chromium(cable: Cable) -> Iterator[Chromium]:
    with Chromium(microphone_hz=1000) as browser:
        browser.context.add_init_script(cable.script)
        yield browser


@pytest.fixture(scope="package")
def anna(chromium: Chromium, product: Product, cable: Cable) -> AtDesk:
    anna = AtDesk(chromium, product, url=cable.url)
    anna.log_on()
    return anna


@pytest.fixture
def customer(product: Product, anna: AtDesk, cable: Cable, tmp_path: Path) -> Iterator[Talk]:
    """Somebody who has called; anna's phone is about to ring."""
    until(lambda: anna.status == "ready", "anna is ready")
    with Talk(product, anna, tmp_path) as talk:
        yield talk
        cable.plug()


@pytest.fixture
def talk(customer: Talk) -> Talk:
    """Anna and a customer hear each other."""
    return customer.answer()
