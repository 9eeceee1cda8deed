"""What the front door decides about one message; nothing here opens a socket."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.telephony.frontdoor import proxy, sip
from apps.telephony.frontdoor.configuration import FrontDoorConfig, TrunkConfig
from apps.telephony.frontdoor.decisions import Alive, Drop, Forward, Inside, NewCall, NewOutgoing, Own, Peer, Resume, Target
from apps.telephony.protocol import HEADER_MEDIA, HEADER_TRUNK
from tests.sip.messages import invite, reply, request

TELENOR = TrunkConfig("7", "Telenor", ("192.0.2.0/24",))
CONFIG = FrontDoorConfig(1, ("+4722334455", "02345"), (TELENOR, TrunkConfig("8", "Telia", ("198.51.100.9", "rubbish"))))
OWN = Own("127.0.0.1", 5060)
KARI = Peer("192.0.2.1", 5070, trunk=TELENOR)
KARI_TCP = Peer("192.0.2.1", 40_000, "tcp", TELENOR, "f00d")
CELL = Peer("127.0.0.1", 20_002)
CELL_URI = "sip:cell@127.0.0.1:20002"


def decide(data: bytes, peer: Peer = KARI):
    return proxy.decide(sip.parse(data), peer, CONFIG, OWN)


def placed(data: bytes, peer: Peer = KARI) -> Forward:
    new = decide(data, peer)
    assert isinstance(new, NewCall)
    return proxy.place(new.request, new.peer, "127.0.0.1:20002", OWN)


def wire(forward: Forward) -> bytes:
    return sip.encode(forward.message)


def test_an_invite_goes_to_its_cell_with_the_trunk_named_and_the_way_back_recorded():
    sent = placed(invite())
    assert sent.to == Target("127.0.0.1", 20_002)
    assert sent.message.headers[HEADER_TRUNK] == "7"
    assert sent.message.headers["Max-Forwards"] == "69"
    assert sent.message.record_route[0].uri.parameters == {"lr": None}
    ours, kari = sip.values(sent.message, "Via")
    assert ours.startswith("SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKcc")
    assert kari == "SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-call-1-1;received=192.0.2.1;rport=5070"


@pytest.mark.parametrize(
    "number", ["+4722334455", "004722334455", "4722334455", "22334455", "22%2033%2044%2055", "+47-22-33-44-55", "02345", "+4702345"]
)
def test_a_number_is_known_in_every_spelling(number):
    """AN-01."""
    assert isinstance(decide(invite(number)), NewCall)


@pytest.mark.parametrize("number", ["+4722334456", "22334456", "2345", "anonymous", "", "+", "0234"])
def test_an_unknown_number_gets_404_and_the_trunk_is_named(number):
    """AN-02."""
    refusal = decide(invite(number)) if number else decide(invite("x").replace(b"sip:x@", b"sip:"))
    assert (refusal.message.code, refusal.stranger_on, refusal.to) == (404, "Telenor", Target("192.0.2.1", 5070))
    assert sip.tag(refusal.message, "To")


def test_retransmission_cancel_and_ack_have_the_branch_of_their_invite():
    """RFC 3261 16.11: a stateless proxy must do the same again, also after a restart."""
    first, again = wire(placed(invite())), wire(placed(invite()))
    assert first == again
    cancel, ack = decide(request("CANCEL")), decide(request("ACK", to_tag="cell"))
    assert isinstance(cancel, Resume) and isinstance(ack, Resume) and cancel.key == ack.key == decide(invite()).key
    branches = [proxy.place(old.request, old.peer, "127.0.0.1:20002", OWN).message.via[0].parameters["branch"] for old in (cancel, ack)]
    assert branches == [sip.parse(first).via[0].parameters["branch"]] * 2


def test_other_transactions_have_other_branches():
    branches = {wire(placed(data)).split(b"branch=")[1][:40] for data in (invite(), invite(call="call-2"), invite("02345"))}
    assert len(branches) == 3


def test_headers_of_ours_from_outside_are_taken_off():
    forged = "X-CC-Trunk: 8\r\nx-cc-test: secret\r\nX-Cc-Leg: 1\r\nX-CC-Media : 0.0.0.0/0\r\nX-CC-CALL:\r\n 5\r\nX-Other: stays\r\n"
    sent = placed(invite(extra=forged))
    assert (sent.message.headers[HEADER_TRUNK], sent.message.headers[HEADER_MEDIA]) == ("7", "192.0.2.1, 192.0.2.0/24")
    assert [name for name in sent.message.headers.keys() if name.lower().startswith("x-")] == ["X-Other", HEADER_TRUNK, HEADER_MEDIA]  # noqa: SIM118
    inside = decide(request("INVITE", CELL_URI, cseq=2, to_tag="cell", extra=forged)).forward
    assert [name for name in inside.message.headers.keys() if name.lower().startswith("x-")] == ["X-Other"]  # noqa: SIM118


def test_an_answer_goes_back_where_the_invite_came_from():
    back = decide(reply(wire(placed(invite()))), CELL)
    assert back.to == Target("192.0.2.1", 5070)
    assert sip.values(back.message, "Via") == ["SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-call-1-1;received=192.0.2.1;rport=5070"]
    assert back.ends == ()


def test_a_refusal_of_the_cell_ends_the_call():
    back = decide(reply(wire(placed(invite())), 486), CELL)
    assert back.ends == (decide(invite()).key,)


def test_an_answer_over_tcp_takes_the_connection_of_the_invite():
    data = invite().replace(b"SIP/2.0/UDP 192", b"SIP/2.0/TCP 192")
    sent = placed(data, KARI_TCP)
    assert [str(route.uri) for route in sent.message.record_route] == [
        "sip:flow-f00d@127.0.0.1:5060;lr",
        "sip:127.0.0.1:5060;transport=tcp;lr",
    ]
    assert decide(reply(wire(sent)), CELL).to == Target("192.0.2.1", 5070, "tcp", "f00d")


def test_the_cells_bye_takes_the_connection_of_the_invite():
    routes = "Route: <sip:flow-f00d@127.0.0.1:5060;lr>,<sip:127.0.0.1:5060;transport=tcp;lr>\r\n"
    bye = decide(
        request("BYE", "sip:+4791234567@192.0.2.1:5070", to_tag="kari", from_tag="cell", via="SIP/2.0/UDP 127.0.0.1:20002", extra=routes),
        CELL,
    )
    assert bye.to == Target("192.0.2.1", 5070, "tcp", "f00d")
    assert sip.values(bye.message, "Route") == []
    assert decide(invite()).key in bye.ends


def test_a_bye_goes_to_the_cell_that_its_request_line_names():
    inside = decide(request("BYE", CELL_URI, cseq=2, to_tag="cell", extra="Route: <sip:127.0.0.1:5060;lr>\r\n"))
    assert isinstance(inside, Inside) and (inside.trunk, inside.refusal.message.code) == ("7", 481)
    assert decide(invite()).key in inside.keys
    bye = inside.forward
    assert bye.to == Target("127.0.0.1", 20_002)
    assert sip.values(bye.message, "Route") == []
    assert bye.message.headers.get("Record-Route") is None
    assert decide(invite()).key in bye.ends


def test_a_strict_router_is_understood():
    """RFC 3261 16.4."""
    bye = decide(request("BYE", "sip:127.0.0.1:5060;lr", cseq=2, to_tag="cell", extra=f"Route: <{CELL_URI}>\r\n")).forward
    assert (bye.to, str(bye.message.uri)) == (Target("127.0.0.1", 20_002), CELL_URI)


def test_a_phone_that_ignores_record_route_still_reaches_its_cell():
    bye = decide(request("BYE", cseq=2, to_tag="cell"))
    assert isinstance(bye, Resume) and bye.cseq is None and bye.missing.message.code == 481
    assert decide(invite()).key in proxy.place(bye.request, bye.peer, "127.0.0.1:20002", OWN).ends


@pytest.mark.parametrize("uri", ["sip:x@203.0.113.5", "sip:x@127.0.0.1:6379", "sip:x@127.0.0.1:5060"])
def test_a_trunk_reaches_nothing_but_cells(uri):
    """PF-10: no open relay."""
    assert isinstance(decide(request("BYE", uri, cseq=2, to_tag="cell")), Resume)
    assert decide(request("MESSAGE", uri)).message.code == 405


def test_a_forged_response_goes_nowhere():
    sent = (
        wire(placed(invite()))
        .replace(b"192.0.2.1:5070;branch", b"203.0.113.5:80;branch")
        .replace(b"received=192.0.2.1", b"received=203.0.113.5")
    )
    assert decide(reply(sent), KARI) == Drop("response past the cells")
    assert decide(reply(invite()), KARI) == Drop("stray response")


@pytest.mark.parametrize("spelling", ["received", "%72eceived", "RECEIVED", "rport;%72eceived"])
def test_an_answer_goes_to_who_asked_whomever_he_names(spelling):
    """PF-10: nobody is hit by answers that he did not ask for."""
    for data in (request("OPTIONS"), invite("+4799999999")):
        assert decide(data.replace(b";rport", f";{spelling}=203.0.113.5".encode())).to.host == KARI.host


@pytest.mark.parametrize(("method", "code"), [("OPTIONS", 200), ("REGISTER", 405), ("SUBSCRIBE", 405), ("PUBLISH", 405)])
def test_requests_for_the_front_door_itself_are_answered(method, code):
    answer = decide(request(method, "sip:127.0.0.1:5060"))
    assert answer.message.code == code
    assert "INVITE" in answer.message.headers["Allow"]


def test_no_more_hops():
    assert decide(invite().replace(b"Max-Forwards: 70", b"Max-Forwards: 0")).message.code == 483
    assert placed(invite().replace(b"Max-Forwards: 70\r\n", b"")).message.headers["Max-Forwards"] == "69"
    assert decide(invite().replace(b"Max-Forwards: 70", b"Max-Forwards: -1")).message.code == 400


def test_an_unknown_proxy_extension_is_refused():
    refusal = decide(invite(extra="Proxy-Require: privacy\r\n"))
    assert (refusal.message.code, refusal.message.headers["Unsupported"]) == (420, "privacy")


OUT = request(
    "INVITE", "sip:+4799@198.51.100.9:5080", via="SIP/2.0/UDP 127.0.0.1:20002", extra="Route: <sip:127.0.0.1:5060;lr>\r\nX-CC-Leg: 5\r\n"
)


def test_a_call_of_a_cell_leaves_by_the_trunk_that_its_address_belongs_to():
    new = decide(OUT, CELL)
    assert isinstance(new, NewOutgoing)
    assert (new.trunk.name, new.cell, new.forward.to) == ("Telia", "127.0.0.1:20002", Target("198.51.100.9", 5080))
    assert "X-CC-Leg" not in new.forward.message.headers.keys()  # noqa: SIM118
    assert (new.refusal.message.code, new.refusal.to) == (503, Target("127.0.0.1", 20_002))


def test_a_cell_may_name_the_trunk():
    assert decide(OUT.replace(b"X-CC-Leg: 5", b"X-CC-Trunk: 7"), CELL).trunk is TELENOR


def test_a_call_out_over_tcp():
    new = decide(OUT.replace(b"198.51.100.9:5080", b"trunk.example;transport=tcp"), CELL)
    assert new.forward.to == Target("trunk.example", 5060, "tcp")
    assert [str(route.uri) for route in new.forward.message.record_route] == [
        "sip:127.0.0.1:5060;transport=tcp;lr",
        "sip:127.0.0.1:5060;lr",
    ]


def test_the_trunks_answer_reaches_the_cell():
    new = decide(OUT, CELL)
    back = decide(reply(wire(new.forward), 486), Peer("198.51.100.9", 5080, trunk=CONFIG.trunks[1]))
    assert (back.to, back.ends) == (Target("127.0.0.1", 20_002), (new.key,))


def test_the_trunks_answer_says_where_its_rtp_may_come_from_and_the_trunk_has_no_say_in_it():
    answer = reply(wire(decide(OUT, CELL).forward)).replace(b"Content-Length", b"X-CC-Media: 0.0.0.0/0\r\nx-cc-leg: 1\r\nContent-Length")
    back = decide(answer, Peer("198.51.100.9", 5080, trunk=CONFIG.trunks[1]))
    assert back.message.headers.getlist(HEADER_MEDIA) == ["198.51.100.9, 198.51.100.9/32"]
    assert "x-cc-leg" not in {name.lower() for name in back.message.headers.keys()}  # noqa: SIM118


def test_a_cell_that_calls_the_front_door_itself_is_told_so():
    assert decide(request("INVITE", via="SIP/2.0/UDP 127.0.0.1:20002"), CELL).message.code == 482


def test_a_probe_of_a_cell_comes_back_as_alive():
    probe = proxy.probe("k1", "127.0.0.1:20002", OWN)
    assert probe.to == Target("127.0.0.1", 20_002)
    answer = reply(wire(probe), 486)
    assert decide(answer, CELL) == Alive("k1")
    assert decide(answer, KARI) == Drop("stray response")


def test_an_address_belongs_to_the_narrowest_network():
    """AN-03."""
    config = FrontDoorConfig(
        1, (), (TrunkConfig("1", "wide", ("0.0.0.0/0", "::/0")), TrunkConfig("2", "narrow", ("192.0.2.0/24", "2001:db8::1")))
    )
    assert [config.trunk_of(host).name for host in ("192.0.2.7", "203.0.113.1", "2001:db8::1", "2001:db8::2")] == [
        "narrow",
        "wide",
        "narrow",
        "wide",
    ]
    assert CONFIG.trunk_of("203.0.113.1") is None
    assert CONFIG.trunk_of("trunk.example") is None


@given(
    st.lists(st.sampled_from(invite().decode().split("\r\n")[1:8]), max_size=12),
    st.sampled_from([KARI, KARI_TCP, CELL]),
    st.text(max_size=30),
)
def test_any_message_that_can_be_read_gets_a_decision(lines, peer, noise):
    """PF-10."""
    for start in (f"INVITE sip:{noise}@127.0.0.1 SIP/2.0", "SIP/2.0 200 OK", "BYE sip:a@127.0.0.1:20002 SIP/2.0"):
        data = "\r\n".join([start, *lines, f"Route: {noise}", f"Via: {noise}", "CSeq: 1 INVITE", "", ""]).encode()
        try:
            message = sip.parse(data)
        except sip.Malformed:
            continue
        proxy.decide(message, peer, CONFIG, OWN)
