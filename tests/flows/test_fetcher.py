"""IV-01, IV-09: the fetcher and web servers of every kind, over real connections."""

import asyncio
import contextlib
import json
import ssl
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis.asyncio
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from apps.flows.web import http
from apps.flows.web.fetcher import ALIVE, GROUP, Fetcher
from apps.flows.web.orders import STREAM, WebOrder, WebResult, steps_of, values_of
from apps.flows.web.targets import Rules, closed
from contactcenter.lib import bus
from contactcenter.lib.reading import reader
from contactcenter.lib.secrets import seal
from tests.flows.web_server import WebServer

PATHS = ("customer.name", "customer.level", "customer.vip", "customer.debt", "customer.orders[0].id", "customer.orders[1].id", "customer")
decode = reader(WebResult)


@pytest.fixture
async def server() -> AsyncIterator[WebServer]:
    async with WebServer() as server:
        yield server


def order(server: WebServer, path: str, **fields) -> WebOrder:
    return WebOrder(call="call-1", number=1, **{"url": server.url(path), "method": "GET", "paths": ("customer.name",)} | fields)


async def ask(server: WebServer, path: str, *, rules: Rules | None = None, seconds: float = 2.0, **fields) -> WebResult:
    fetcher = Fetcher(None, rules or Rules(own_ports=frozenset({server.port})), "fetcher")  # type: ignore[arg-type]
    return await fetcher.result(order(server, path, **fields), seconds)


async def test_a_good_answer_is_read(server):
    result = await ask(server, "/right?number=%2B4790000001", paths=PATHS)
    assert (result.error, result.status) == ("", 200)
    assert result.values == {"customer.name": "Kari", "customer.level": "3", "customer.vip": "true", "customer.orders[0].id": "7"}
    assert server.asked[0].startswith(b"GET /right?number=%2B4790000001 HTTP/1.1\r\n")


async def test_a_post_sends_json_and_the_secret_header(server):
    secret = {"header_name": "Authorization", "header": seal("Bearer 123")}
    assert (await ask(server, "/right", method="POST", body={"caller": "+4790000001"}, **secret)).error == ""
    head, _, body = server.asked[0].partition(b"\r\n\r\n")
    assert b"Authorization: Bearer 123" in head and b"Content-Type: application/json" in head
    assert json.loads(body) == {"caller": "+4790000001"}


async def test_an_answer_without_a_document_is_good_where_nothing_is_to_be_read(server):
    assert (await ask(server, "/nothing", paths=())).error == ""
    assert (await ask(server, "/chunked", paths=())).error == ""
    assert (await ask(server, "/nothing")).error == "not_json"


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/fault", "failed"), ("/unknown", "refused"), ("/moved", "redirect"), ("/page", "not_json"), ("/word", "not_json"),
        ("/deep", "not_json"), ("/noise", "not_http"), ("/cut", "not_http"), ("/silent", "not_http"), ("/huge", "large"),
    ],
)  # fmt: skip
async def test_each_bad_answer_has_its_own_reason(server, path, error):
    assert await ask(server, path) == WebResult(call="call-1", number=1, error=error)


async def test_a_status_that_the_flow_branches_on_is_no_fault(server):
    assert await ask(server, "/unknown", expected=(404,)) == WebResult(call="call-1", number=1, status=404)


@pytest.mark.quiet
@pytest.mark.parametrize("path", ["/hangs", "/drips"])
async def test_a_server_that_takes_too_long_is_given_up_in_time(server, path):
    """The limit is for all of it: a byte now and then does not extend it."""
    began = time.monotonic()
    assert (await ask(server, path, seconds=0.5)).error == "late"
    assert time.monotonic() - began < 0.8


async def test_nobody_there_is_told(server):
    rules = Rules(own_ports=frozenset({1}))
    assert (await ask(server, "", url="http://127.0.0.1:1/", rules=rules)).error == "unreachable"
    assert (await ask(server, "", url="http://name.that.is.none.invalid/")).error in ("unreachable", "late")


async def test_plain_text_where_tls_should_be_is_told(server):
    assert (await ask(server, "", url=f"https://127.0.0.1:{server.port}/right")).error == "unreachable"


@pytest.fixture
def certificate(tmp_path) -> Path:
    """Of `localhost`, signed by itself; with its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    signed = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False).sign(key, SHA256())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = tmp_path / "localhost.pem"
    path.write_bytes(pem + signed.public_bytes(Encoding.PEM))
    return path


async def test_a_certificate_counts_only_if_this_machine_trusts_it(certificate, monkeypatch):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    async with WebServer(context) as server:
        assert (await ask(server, "/right")).error == "unreachable"
        monkeypatch.setattr(http, "_tls", lambda: ssl.create_default_context(cafile=str(certificate)))
        assert (await ask(server, "/right")).values == {"customer.name": "Kari"}
        assert (await ask(server, "", url=f"https://127.0.0.1:{server.port}/right")).error == "unreachable"  # it is not its name


async def test_a_secret_that_cannot_be_opened_is_not_sent_as_it_is(server):
    assert (await ask(server, "/right", header_name="Authorization", header="no token")).error == "secret"
    assert server.asked == []


# -- whom one may call


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1.2.3", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254", "224.0.0.1"]
)
async def test_this_machine_and_what_only_machines_find_is_not_called(server, host):
    """Redis and the product's own pages listen on this machine, whose administrators' rights a flow must not borrow."""
    result = await ask(server, "", url=f"http://{host}:{server.port}/right", rules=Rules(), seconds=1.0)
    assert result.error == "forbidden"
    assert server.asked == []


async def test_this_machines_other_address_is_this_machine_too():
    """It is only known when the connection stands: nothing has been sent yet."""
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        with contextlib.suppress(OSError):
            probe.connect(("192.0.2.1", 9))
        own = probe.getsockname()[0]
    if own.startswith("127.") or own == "0.0.0.0":
        pytest.skip("this machine has no other address")
    listener = await asyncio.start_server(lambda *_: None, own, 0)
    port = listener.sockets[0].getsockname()[1]
    fetcher = Fetcher(None, Rules(), "fetcher")  # type: ignore[arg-type]
    result = await fetcher.result(WebOrder(call="call-1", number=1, url=f"http://{own}:{port}/", method="GET"), 1.0)
    listener.close()
    assert result.error == "forbidden"


async def test_our_own_servers_elsewhere_are_not_called(server):
    rules = Rules(own_ports=frozenset({server.port}), closed=closed([("localhost", server.port), ("no.such.host.invalid", 1)]))
    assert (await ask(server, "/right", rules=rules)).error == "forbidden"


# -- the process


@pytest.fixture
async def client(redis_url) -> AsyncIterator[redis.asyncio.Redis]:
    client = redis.asyncio.Redis.from_url(redis_url)
    await client.delete(STREAM, bus.INBOX, ALIVE)
    yield client
    await client.aclose()


@contextlib.asynccontextmanager
async def running(client: redis.asyncio.Redis, server: WebServer, name: str = "fetcher") -> AsyncIterator[None]:
    stopping = asyncio.Event()
    task = asyncio.create_task(Fetcher(client, Rules(own_ports=frozenset({server.port})), name).run(stopping))
    try:
        yield
    finally:
        stopping.set()
        await task


async def results(client: redis.asyncio.Redis, count: int) -> list[WebResult]:
    cursor, found = "0", []
    async with asyncio.timeout(10):
        while len(found) < count:
            for entry, encoded in await bus.read_async(client, bus.INBOX, cursor, block_ms=1_000):
                cursor = entry
                found.append(decode(encoded))
    return found


async def test_orders_are_done_side_by_side_each_once_by_one_of_two_fetchers(client, server):
    async with running(client, server, "one"), running(client, server, "two"):
        for number in range(1, 31):
            path = "/hangs" if number % 10 == 0 else "/right"
            await bus.post_async(client, STREAM, WebOrder(call="call-1", number=number, url=server.url(path), method="GET"))
        told = await results(client, 30)
        assert await client.exists(ALIVE)
    assert sorted(result.number for result in told) == list(range(1, 31))
    assert {result.number for result in told if result.error} == {10, 20, 30}
    assert len(server.asked) == 30


async def test_an_order_whose_caller_has_gone_on_is_not_done_any_more(client, server):
    """A fetcher that was away must not send what nobody waits for."""
    seconds, _ = await client.time()
    old = bus.encoder.encode(order(server, "/right"))
    await client.xadd(STREAM, {"m": old}, id=f"{(seconds - 3) * 1000}-0")
    await client.xgroup_create(STREAM, GROUP, id="0")
    async with running(client, server):
        await bus.post_async(client, STREAM, order(server, "/right"))
        assert len(await results(client, 1)) == 1
    assert len(server.asked) == 1


async def test_what_cannot_be_read_stops_nobody(client, server, caplog):
    async with running(client, server):
        await client.xadd(STREAM, {"m": b'{"type": "nonsense", "caller": "+4790000001"}'})
        await bus.post_async(client, STREAM, order(server, "/right"))
        assert (await results(client, 1))[0].error == ""
    assert "+4790000001" not in caplog.text


def test_paths_lead_into_objects_and_lists():
    assert steps_of("a.b[0][12].c") == ["a", "b", 0, 12, "c"]
    assert values_of(b'[{"a": 1.5}]', ("a", "b[0]")) == {}
    assert values_of(b'{"a": {"b": "x"}}', ("a.b", "a[0]", "a.b.c", "a")) == {"a.b": "x"}
