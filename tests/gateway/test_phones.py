"""The gateway's SIP user agent: what it says to a cell, and when, in virtual time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sipmessage import Message, Request, Response

from apps.telephony.gateway import dialogue as states
from apps.telephony.gateway.phones import Phones, decode_dialogue, encode_dialogue
from apps.telephony.gateway.talk import Accept, Answered, Call, HangUp, Input, Output, Over, Received, Send, Tick
from tests.gateway.offers import CELL

CELL_AT = ("127.0.0.1", 20_000)
GATEWAY_AT = ("127.0.0.1", 28_000)
ANSWER = CELL.replace("20010", "28002")


class Table:
    """Phones on a table: time is a number, and the cell is whoever writes the test."""

    def __init__(self) -> None:
        self.phones = Phones(GATEWAY_AT, frozenset({"127.0.0.1"}))
        self.now = 1000.0
        self.to_tag = ""

    def tell(self, message: Input) -> list[Output]:
        return self.phones.handle(message, self.now)

    def wait(self, seconds: float) -> list[Output]:
        """Let time pass, as the clock would."""
        end, outputs = self.now + seconds, []
        while (when := self.phones.next_timer()) is not None and when <= end:
            self.now = max(self.now, when)
            outputs += self.tell(Tick())
        self.now = end
        return outputs

    def cell_says(
        self, method: str, *, seq: int = 1, user: str = "agent-17", leg: str = "leg-1", call: str = "c1", source: str = CELL_AT[0]
    ) -> list[Output]:
        tag = f";tag={self.to_tag}" if self.to_tag else ""
        body = CELL if method == "INVITE" else ""
        text = (
            f"{method} sip:{user}@127.0.0.1:28000 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:20000;rport;branch=z9hG4bK-{call}-{seq}\r\n"
            f"From: <sip:cell@127.0.0.1>;tag=cell\r\nTo: <sip:{user}@127.0.0.1:28000>{tag}\r\nCall-ID: {call}\r\nCSeq: {seq} {method}\r\n"
            f"Contact: <sip:cell@127.0.0.1:20000>\r\nX-CC-Leg: {leg}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        )
        return self.tell(Received(text.encode(), (source, CELL_AT[1])))

    def cell_replies(self, request: Request, code: int, body: str = "") -> list[Output]:
        response = Response(code, "Some", body.encode())
        for name in ("Via", "From", "Call-ID", "CSeq"):
            response.headers.set(name, request.headers[name])
        response.headers.set("To", f"{request.headers['To'].partition(';')[0]};tag=cell")
        response.headers.set("Contact", "<sip:cell-contact@127.0.0.1:20000>")
        return self.tell(Received(bytes(response), CELL_AT))

    def ring(self) -> None:
        sent = said(self.cell_says("INVITE"))
        assert codes(sent) == [100, 180]
        self.to_tag = sent[1].headers["To"].partition("tag=")[2]

    def answer(self) -> None:
        self.ring()
        assert codes(said(self.tell(Accept("leg-1", ANSWER)))) == [200]

    def talk(self) -> None:
        self.answer()
        assert self.cell_says("ACK") == []

    def call(self) -> Request:
        call = Call(leg="leg-9", cell=CELL_AT, number="80012345", caller="+4722334455", address="test-abc", token="abc", sdp=ANSWER)
        [invite] = said(self.tell(call))
        assert isinstance(invite, Request)
        return invite


@pytest.fixture
def table() -> Table:
    return Table()


def said(outputs: list[Output]) -> list[Request | Response]:
    """Messages on the wire."""
    return [Message.parse(output.data) for output in outputs if isinstance(output, Send)]


def codes(messages: list[Request | Response]) -> list[int | str]:
    return [message.code if isinstance(message, Response) else message.method for message in messages]


def facts(outputs: list[Output]) -> list[Output]:
    return [output for output in outputs if not isinstance(output, Send)]


class TestAgentsLegs:
    def test_invite_rings_at_once_and_waits_for_the_person(self, table: Table) -> None:
        """SP-04."""
        table.ring()
        assert table.wait(60) == []
        leg = table.phones.leg("leg-1")
        assert leg and leg.address == "agent-17" and leg.cell_sdp == CELL

    def test_answer_carries_the_gateways_audio(self, table: Table) -> None:
        table.ring()
        [ok] = said(table.tell(Accept("leg-1", ANSWER)))
        assert ok.body.decode() == ANSWER
        assert ok.headers["Contact"] == "<sip:agent-17@127.0.0.1:28000>"
        assert ok.headers["Via"] == "SIP/2.0/UDP 127.0.0.1:20000;rport=20000;received=127.0.0.1;branch=z9hG4bK-c1-1"

    def test_answer_is_repeated_until_it_is_acknowledged(self, table: Table) -> None:
        """RFC 3261, 13.3.1.4."""
        table.answer()
        assert codes(said(table.wait(0.5))) == [200]
        assert codes(said(table.wait(1.0))) == [200]
        table.cell_says("ACK")
        assert table.wait(60) == []

    def test_answer_that_is_never_acknowledged_ends_the_leg(self, table: Table) -> None:
        table.answer()
        outputs = table.wait(33)
        assert Over("leg-1", 408) in outputs
        sent = codes(said(outputs))
        assert sent[:10] == [200] * 10  # 0.5 1.5 3.5 7.5 11.5 15.5 19.5 23.5 27.5 31.5
        assert sent[10] == "BYE"

    def test_answering_twice_is_an_error(self, table: Table) -> None:
        """SP-08: one call is never answered twice."""
        table.answer()
        with pytest.raises(KeyError):
            table.tell(Accept("leg-1", ANSWER))

    def test_cell_that_stops_ringing_gets_487_at_once(self, table: Table) -> None:
        """SP-08."""
        table.ring()
        outputs = table.cell_says("CANCEL")
        assert codes(said(outputs)) == [200, 487]
        assert facts(outputs) == [Over("leg-1", 487)]
        assert table.phones.leg("leg-1") is None
        assert codes(said(table.wait(0.6))) == [487]
        table.cell_says("ACK")
        assert said(table.wait(30)) == []

    def test_cancel_that_comes_too_late_changes_nothing(self, table: Table) -> None:
        table.answer()
        assert codes(said(table.cell_says("CANCEL"))) == [200]
        assert table.phones.leg("leg-1")

    def test_cell_hangs_up(self, table: Table) -> None:
        table.talk()
        outputs = table.cell_says("BYE", seq=2)
        assert codes(said(outputs)) == [200]
        assert facts(outputs) == [Over("leg-1", 200)]

    def test_bye_that_is_repeated_is_confirmed_again(self, table: Table) -> None:
        table.talk()
        table.cell_says("BYE", seq=2)
        outputs = table.cell_says("BYE", seq=2)
        assert codes(said(outputs)) == [200] and facts(outputs) == []

    def test_gateway_that_closes_blames_nobody_for_not_answering(self, table: Table) -> None:
        table.ring()
        outputs = table.tell(HangUp("leg-1"))
        assert codes(said(outputs)) == [503] and facts(outputs) == [Over("leg-1", 0)]

    def test_gateway_hangs_up_and_insists(self, table: Table) -> None:
        table.talk()
        outputs = table.tell(HangUp("leg-1"))
        assert codes(said(outputs)) == ["BYE"] and facts(outputs) == [Over("leg-1", 0)]
        bye = said(outputs)[0]
        assert isinstance(bye, Request) and bye.uri.user == "cell" and bye.headers["To"].endswith("tag=cell")
        assert codes(said(table.wait(0.5))) == ["BYE"]
        table.cell_replies(bye, 200)
        assert table.wait(10) == []

    def test_hanging_up_before_the_ack_waits_for_it(self, table: Table) -> None:
        """RFC 3261, 15: no BYE before the ACK."""
        table.answer()
        assert said(table.tell(HangUp("leg-1"))) == []
        assert codes(said(table.cell_says("ACK"))) == ["BYE"]

    def test_invite_within_the_call_is_agreed_to(self, table: Table) -> None:
        table.talk()
        [ok] = said(table.cell_says("INVITE", seq=2))
        assert codes([ok]) == [200] and ok.body.decode() == ANSWER
        assert codes(said(table.wait(0.5))) == [200]
        table.cell_says("ACK", seq=2)
        assert table.wait(60) == []

    def test_repeated_invite_gets_the_latest_response_again(self, table: Table) -> None:
        table.ring()
        table.to_tag = ""
        assert codes(said(table.cell_says("INVITE"))) == [180]

    def test_cell_that_died_while_it_rang_is_given_up(self, table: Table) -> None:
        table.ring()
        assert Over("leg-1", 408) in table.wait(181)

    def test_everything_is_forgotten_in_the_end(self, table: Table) -> None:
        table.talk()
        table.cell_says("BYE", seq=2)
        table.wait(40)
        assert table.phones.next_timer() is None
        assert codes(said(table.cell_says("BYE", seq=2))) == [481]


class TestWhoMayCall:
    def test_strangers_are_not_heard(self, table: Table) -> None:
        assert table.cell_says("INVITE", source="192.0.2.1") == []

    @pytest.mark.parametrize(
        ("field", "value", "code"), [("user", "nobody", 404), ("user", "agent-1x", 404), ("leg", "", 400), ("leg", "a b", 400)]
    )
    def test_invite_to_nobody_is_refused(self, table: Table, field: str, value: str, code: int) -> None:
        assert codes(said(table.cell_says("INVITE", **{field: value}))) == [code]

    def test_second_invite_for_one_leg_is_refused(self, table: Table) -> None:
        table.ring()
        table.to_tag = ""
        assert codes(said(table.cell_says("INVITE", call="c2"))) == [400]

    def test_gateway_that_drains_takes_no_leg(self, table: Table) -> None:
        table.phones.open = False
        assert codes(said(table.cell_says("INVITE"))) == [503]

    def test_options_are_answered(self, table: Table) -> None:
        assert codes(said(table.cell_says("OPTIONS"))) == [200]

    def test_unknown_method_is_refused(self, table: Table) -> None:
        assert codes(said(table.cell_says("SUBSCRIBE"))) == [405]

    @given(st.binary(max_size=300))
    def test_rubbish_is_dropped(self, rubbish: bytes) -> None:
        assert Table().tell(Received(rubbish, CELL_AT)) == []

    @pytest.mark.parametrize("method", ["INVITE", "BYE", "CANCEL", "ACK", "OPTIONS"])
    @given(st.data())
    def test_spoilt_requests_never_raise(self, method: str, data: st.DataObject) -> None:
        table = Table()
        table.answer()
        tag = ";tag=leg-1" if data.draw(st.booleans()) else ""
        text = (
            f"{method} sip:agent-17@127.0.0.1:28000 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:20000;rport;branch=z9hG4bK-1\r\n"
            f"From: <sip:cell@127.0.0.1>;tag=cell\r\nTo: <sip:agent-17@127.0.0.1>{tag}\r\n"
            f"Call-ID: {data.draw(st.sampled_from(['c1', 'c2']))}\r\nCSeq: 1 {method}\r\n"
            f"Contact: <sip:cell@127.0.0.1:20000>\r\nX-CC-Leg: leg-2\r\nContent-Length: {len(CELL)}\r\n\r\n{CELL}"
        ).encode()
        table.tell(Received(spoilt(text, data), CELL_AT))

    @given(st.data())
    def test_spoilt_responses_never_raise(self, data: st.DataObject) -> None:
        table = Table()
        invite = table.call()
        response = Response(data.draw(st.sampled_from([180, 200, 404])), "Some", CELL.encode())
        for name in ("Via", "From", "Call-ID", "CSeq"):
            response.headers.set(name, invite.headers[name])
        response.headers.set("To", f"{invite.headers['To']};tag=cell")
        response.headers.set("Contact", "<sip:cell@127.0.0.1:20000>")
        table.tell(Received(spoilt(bytes(response), data), CELL_AT))
        table.tell(HangUp("leg-9"))
        table.wait(40)


def spoilt(text: bytes, data: st.DataObject) -> bytes:
    """With a piece cut out somewhere and another one in its place."""
    begin = data.draw(st.integers(0, 400))
    return text[:begin] + data.draw(st.binary(max_size=4)) + text[begin + data.draw(st.integers(0, 40)) :]


class TestTestCalls:
    def test_invite_says_whom_who_and_why(self, table: Table) -> None:
        invite = table.call()
        assert invite.uri.user == "80012345" and invite.uri.port == 20_000
        assert invite.from_address.uri.user == "+4722334455"
        assert invite.headers["X-CC-Test"] == "abc"
        assert invite.body.decode() == ANSWER

    def test_cell_answers(self, table: Table) -> None:
        invite = table.call()
        table.cell_replies(invite, 180)
        outputs = table.cell_replies(invite, 200, CELL)
        assert facts(outputs) == [Answered("leg-9", CELL)]
        [ack] = said(outputs)
        assert isinstance(ack, Request) and (ack.method, ack.uri.user) == ("ACK", "cell-contact")
        assert ack.headers["CSeq"] == "1 ACK" and ack.headers["To"].endswith("tag=cell")

    def test_answer_that_is_repeated_is_acknowledged_again(self, table: Table) -> None:
        invite = table.call()
        table.cell_replies(invite, 200, CELL)
        outputs = table.cell_replies(invite, 200, CELL)
        assert codes(said(outputs)) == ["ACK"] and facts(outputs) == []

    def test_cell_refuses(self, table: Table) -> None:
        invite = table.call()
        outputs = table.cell_replies(invite, 404)
        assert facts(outputs) == [Over("leg-9", 404)]
        [ack] = said(outputs)
        assert ack.headers["Via"] == invite.headers["Via"]

    def test_silent_cell_is_asked_again_and_given_up(self, table: Table) -> None:
        table.call()
        outputs = table.wait(5)
        assert codes(said(outputs)) == ["INVITE"] * 3  # 0.5 1.5 3.5
        assert facts(outputs) == [Over("leg-9", 408)]

    def test_page_leaves_while_it_rings(self, table: Table) -> None:
        invite = table.call()
        table.cell_replies(invite, 180)
        outputs = table.tell(HangUp("leg-9"))
        [cancel] = said(outputs)
        assert isinstance(cancel, Request) and cancel.method == "CANCEL"
        assert (cancel.headers["Via"], cancel.headers["CSeq"]) == (invite.headers["Via"], "1 CANCEL")
        assert facts(outputs) == [Over("leg-9", 0)]
        table.cell_replies(cancel, 200)
        assert codes(said(table.cell_replies(invite, 487))) == ["ACK"]

    def test_page_leaves_before_the_cell_has_said_anything(self, table: Table) -> None:
        """RFC 3261, 9.1: CANCEL waits for a provisional response."""
        invite = table.call()
        assert said(table.tell(HangUp("leg-9"))) == []
        assert codes(said(table.cell_replies(invite, 100))) == ["CANCEL"]

    def test_answer_and_cancel_cross(self, table: Table) -> None:
        invite = table.call()
        table.cell_replies(invite, 180)
        table.tell(HangUp("leg-9"))
        outputs = table.cell_replies(invite, 200, CELL)
        assert codes(said(outputs)) == ["ACK", "BYE"] and facts(outputs) == []

    def test_page_hangs_up(self, table: Table) -> None:
        invite = table.call()
        table.cell_replies(invite, 200, CELL)
        [bye] = said(table.tell(HangUp("leg-9")))
        assert isinstance(bye, Request) and bye.headers["CSeq"] == "2 BYE" and bye.uri.user == "cell-contact"


class TestTheTable:
    def test_leg_goes_on_in_the_next_process(self, table: Table) -> None:
        """SP-07: the gateway may be killed."""
        table.talk()
        [leg] = table.phones.live_legs()
        successor = Phones(GATEWAY_AT, frozenset({"127.0.0.1"}))
        successor.adopt(decode_dialogue(encode_dialogue(leg)))
        table.phones = successor
        assert facts(table.cell_says("BYE", seq=2)) == [Over("leg-1", 200)]

    def test_leg_that_rings_goes_on_ringing_in_the_next_process(self, table: Table) -> None:
        """SP-07."""
        table.ring()
        [leg] = table.phones.resumable()
        successor = Phones(GATEWAY_AT, frozenset({"127.0.0.1"}))
        successor.adopt(decode_dialogue(encode_dialogue(leg)))
        table.phones = successor
        assert codes(said(table.tell(Accept("leg-1", ANSWER)))) == [200]

    def test_every_state_knows_every_message(self) -> None:
        for state in states.State:
            for event in tuple(states.Event)[: tuple(states.Event).index(states.Event.ACCEPT)]:
                assert (state, event) in states.TABLE

    def test_every_state_but_the_conversation_ends_by_itself(self) -> None:
        for state in set(states.State) - {states.State.UP, states.State.OVER}:
            assert states.PATIENCE[state].lasts is not None
            assert (state, states.Event.EXPIRED) in states.TABLE
            assert states.PATIENCE[state].repeat is None or (state, states.Event.DUE) in states.TABLE

    @given(st.lists(st.sampled_from(["INVITE", "ACK", "CANCEL", "BYE", "again", "accept", "hang_up", "wait", "long"]), max_size=12))
    def test_leg_ends_once_whatever_the_order(self, story: list[str]) -> None:
        table = Table()
        table.ring()
        ends = [output for step in story for output in _tell(table, step) if isinstance(output, Over)]
        ends += [output for output in table.tell(HangUp("leg-1")) + table.wait(400) if isinstance(output, Over)]
        assert len(ends) == 1


def _tell(table: Table, step: str) -> list[Output]:
    match step:
        case "accept":
            leg = table.phones.leg("leg-1")
            return table.tell(Accept("leg-1", ANSWER)) if leg and leg.state is states.State.RINGING else []
        case "hang_up":
            return table.tell(HangUp("leg-1"))
        case "wait" | "long":
            return table.wait(0.7 if step == "wait" else 10)
        case "again":
            return table.cell_says("INVITE", seq=1)
    return table.cell_says(step, seq={"BYE": 2, "INVITE": 3}.get(step, 1))
