"""A cell that is killed says nothing: its supervisor tells the far ends in its name. (PF-08)"""

import contextlib
import os
import signal
import socket
from collections.abc import Iterator

import pytest

from apps.telephony.cell.farewell import LASTS, Farewell
from apps.telephony.cell.lifeline import Debt
from apps.telephony.frontdoor import sip
from apps.telephony.gateway import messages
from apps.telephony.protocol import Dial, LegEnded, LegRinging
from tests.telephony.pools import Office, eventually

HERE = ("127.0.0.1", 20_000)
SENT = "Via: SIP/2.0/UDP 127.0.0.1:20000;rport;branch=z9hG4bKsent\r\nFrom: <sip:cell@127.0.0.1>;tag=cell\r\nTo: <sip:phone@127.0.0.2>"
CAME = "Via: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bKcame\r\nFrom: <sip:kari@127.0.0.3>;tag=kari\r\nTo: <sip:80012345@127.0.0.1>"
ROUTES = "Record-Route: <sip:127.0.0.1:5060;lr>, <sip:127.0.0.9:5060;lr>\r\n"
REST = "Call-ID: one\r\nCSeq: 7 INVITE\r\nMax-Forwards: 70\r\n"


def written(first: str, *lines: str) -> str:
    return "\r\n".join([first, *(line.removesuffix("\r\n") for line in lines), "Content-Length: 0", "", ""])


CALLER_INVITE = written("INVITE sip:80012345@127.0.0.1:20000 SIP/2.0", CAME, REST, ROUTES, "Contact: <sip:kari@127.0.0.3:5070>")
CELL_ANSWER = written("SIP/2.0 200 OK", f"{CAME};tag=cell", REST, ROUTES, "Contact: <sip:cell@127.0.0.1:20000>")
CELL_INVITE = written(
    "INVITE sip:phone@127.0.0.2 SIP/2.0", SENT, REST, "Route: <sip:127.0.0.1:5060;lr>", "Contact: <sip:cell@127.0.0.1:20000>"
)
PHONE_ANSWER = written("SIP/2.0 200 OK", f"{SENT};tag=phone", REST, ROUTES, "Contact: <sip:phone@127.0.0.2:5080>")


def said(datagrams: list[bytes]) -> list[sip.Request | sip.Response]:
    return [sip.parse(message) for message in datagrams]


def test_a_caller_who_talked_gets_a_bye_by_the_way_that_his_call_came() -> None:
    """RFC 3261 12.2.1.1: his Contact is the target, the routes stand as he recorded them, the tags change sides."""
    farewell = Farewell(Debt(CALLER_INVITE, ours=False, answer=CELL_ANSWER), HERE, now=0.0)
    (bye,) = said(farewell.due(0.0))
    assert (bye.method, str(bye.uri), farewell.peer) == ("BYE", "sip:kari@127.0.0.3:5070", ("127.0.0.1", 5060))
    assert sip.values(bye, "Route") == ["<sip:127.0.0.1:5060;lr>", "<sip:127.0.0.9:5060;lr>"]
    assert (sip.tag(bye, "From"), sip.tag(bye, "To"), bye.call_id) == ("cell", "kari", "one")


def test_a_phone_that_was_dialled_gets_a_bye_by_the_way_that_it_answered() -> None:
    """RFC 3261 12.1.2: for the side that called, the recorded routes stand the other way round."""
    farewell = Farewell(Debt(CELL_INVITE, ours=True, answer=PHONE_ANSWER), HERE, now=0.0)
    (bye,) = said(farewell.due(0.0))
    assert (str(bye.uri), farewell.peer) == ("sip:phone@127.0.0.2:5080", ("127.0.0.9", 5060))
    assert (sip.tag(bye, "From"), sip.tag(bye, "To")) == ("cell", "phone")
    assert bye.cseq.sequence > 7


def test_a_bye_is_said_again_until_it_is_heard_and_not_for_ever() -> None:
    """RFC 3261 17.1.2.2."""
    farewell = Farewell(Debt(CALLER_INVITE, ours=False, answer=CELL_ANSWER), HERE, now=0.0)
    times = [tick / 10 for tick in range(200) if farewell.due(tick / 10) and not farewell.over(tick / 10)]
    assert times == [0.0, 0.5, 1.5, 3.5, 7.5]
    assert farewell.over(LASTS)

    heard = Farewell(Debt(CALLER_INVITE, ours=False, answer=CELL_ANSWER), HERE, now=0.0)
    (bye,) = said(heard.due(0.0))
    heard.handle(sip.answer(bye, 200), 0.1)
    assert heard.over(0.1)
    assert heard.due(0.6) == []


def test_a_phone_that_rings_gets_a_cancel_and_its_refusal_an_ack() -> None:
    """RFC 3261 9.1 and 17.1.1.3: both belong to the INVITE's transaction."""
    farewell = Farewell(Debt(CELL_INVITE, ours=True), HERE, now=0.0)
    (cancel,) = said(farewell.due(0.0))
    assert (cancel.method, str(cancel.uri), sip.values(cancel, "Route")) == (
        "CANCEL",
        "sip:phone@127.0.0.2",
        ["<sip:127.0.0.1:5060;lr>"],
    )
    invite = sip.parse(CELL_INVITE.encode())
    assert sip.values(cancel, "Via") == sip.values(invite, "Via")
    assert farewell.handle(sip.answer(cancel, 200), 0.1) == []
    assert farewell.due(0.6) == [], "it is heard: not said again"
    (ack,) = said(farewell.handle(sip.answer(invite, 487), 0.2))
    assert (ack.method, ack.cseq.sequence, sip.values(ack, "Via")) == ("ACK", 7, sip.values(invite, "Via"))
    assert farewell.over(0.2)


def test_a_phone_that_answers_in_this_moment_gets_an_ack_and_a_bye() -> None:
    farewell = Farewell(Debt(CELL_INVITE, ours=True), HERE, now=0.0)
    farewell.due(0.0)
    ack, bye = said(farewell.handle(sip.parse(PHONE_ANSWER.encode()), 0.2))
    assert (ack.method, ack.cseq.sequence, bye.method) == ("ACK", 7, "BYE")
    assert str(ack.uri) == str(bye.uri) == "sip:phone@127.0.0.2:5080"
    farewell.handle(sip.answer(bye, 200), 0.3)
    assert farewell.over(0.3)


def test_a_caller_who_was_not_answered_yet_gets_503() -> None:
    farewell = Farewell(Debt(CALLER_INVITE, ours=False), HERE, now=0.0)
    (refusal,) = said(farewell.due(0.0))
    assert (refusal.code, farewell.peer) == (503, ("127.0.0.1", 5060))
    farewell.handle(sip.parse(written("ACK sip:80012345@127.0.0.1 SIP/2.0", CAME, REST.replace("INVITE", "ACK")).encode()), 0.1)
    assert farewell.over(0.1)


def test_a_debt_that_tells_too_little_is_malformed() -> None:
    with pytest.raises(sip.Malformed):
        Farewell(Debt("what is this", ours=True), HERE, now=0.0)
    with pytest.raises(sip.Malformed):
        Farewell(Debt(CALLER_INVITE, ours=False, answer=CALLER_INVITE), HERE, now=0.0)


# -- real cells


@pytest.fixture
def office(redis_url: str) -> Iterator[Office]:
    found = Office(redis_url)
    yield found
    found.close()


@pytest.fixture
def telephone() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        found.settimeout(5)
        yield found


def hear(telephone: socket.socket, kind: str) -> tuple[sip.Request | sip.Response, tuple[str, int]]:
    """The next message that is `kind`: a method, or a status code."""
    while True:
        data, source = telephone.recvfrom(65_535)
        message = sip.parse(data)
        if kind == (message.method if isinstance(message, sip.Request) else str(message.code)):
            return message, source


def reply(telephone: socket.socket, request: sip.Request, code: int, to: tuple[str, int]) -> None:
    telephone.sendto(messages.respond(request, code, source=to, tag="phone"), to)


@pytest.mark.media
def test_the_other_party_of_a_killed_cell_hears_its_end_at_once(office: Office) -> None:
    """PF-08: in both directions, whoever called."""
    first, second = office.connect(), office.connect()
    os.kill(office.pid(first.into), signal.SIGKILL)
    assert office.hear(LegEnded, cell=first.out.cell, within=2.0).code == 200
    os.kill(office.pid(second.out), signal.SIGKILL)
    assert office.hear(LegEnded, cell=second.into.cell, within=2.0).code == 200


@pytest.mark.media
def test_a_phone_rings_no_longer_than_its_cell_lives(office: Office, telephone: socket.socket) -> None:
    cell = office.lease()
    office.order(cell.cell, Dial, "call", leg="leg", uri=f"sip:1@127.0.0.1:{telephone.getsockname()[1]}")
    invite, source = hear(telephone, "INVITE")
    reply(telephone, invite, 180, source)
    office.hear(LegRinging, cell=cell.cell)
    os.kill(office.pid(cell), signal.SIGKILL)
    cancel, source = hear(telephone, "CANCEL")
    reply(telephone, cancel, 200, source)
    reply(telephone, invite, 487, source)
    ack, _ = hear(telephone, "ACK")
    assert ack.cseq.sequence == invite.cseq.sequence


@pytest.mark.media
def test_a_cell_that_ended_properly_owes_nobody_anything(office: Office, telephone: socket.socket) -> None:
    cell = office.lease()
    office.order(cell.cell, Dial, "call", leg="leg", uri=f"sip:1@127.0.0.1:{telephone.getsockname()[1]}")
    invite, source = hear(telephone, "INVITE")
    reply(telephone, invite, 486, source)
    hear(telephone, "ACK")
    office.hear(LegEnded, cell=cell.cell)
    pid = office.pid(cell)
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: pid not in office.cells(), "its death")
    telephone.settimeout(0.5)
    with contextlib.suppress(TimeoutError):
        while message := sip.parse(telephone.recvfrom(65_535)[0]):
            assert message.method == "INVITE", "said again before our answer was heard, and found late"
