# ruff: noqa: E501 - messages are kept as they travel
"""The 49 messages of RFC 4475, each written anew to show what its section is about, and what a front door of ours has to do with it.

Requests are addressed to our access number and come from a trunk, where the section does not want otherwise; responses come from a
cell, with our Via on top. `192.0.2.1:5070` stands for where the sender listens, `127.0.0.1:5060` for the front door.
"""

from dataclasses import dataclass
from typing import Literal

Fate = Literal["to a cell", "to the caller", "dropped"] | int  # int: refused or answered with this status


@dataclass(frozen=True)
class Case:
    """`why`: where the RFC leaves a choice, or we differ from what it asks of user agents."""

    name: str
    section: str
    fate: Fate
    data: bytes
    why: str = ""


US = "sip:+4722334455@127.0.0.1:5060"
OURS = "Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKcc0123456789abcdef0123456789abcdef;rport"
SDP = "v=0\r\no=mhandley 29739 7272939 IN IP4 192.0.2.3\r\ns=-\r\nc=IN IP4 192.0.2.4\r\nt=0 0\r\nm=audio 49217 RTP/AVP 0 12\r\na=rtpmap:31 LPC\r\n"


def written(name: str, start: str, *changed: str, body: str | bytes = "", length: str | None = "", without: tuple[str, ...] = ()) -> bytes:
    """A message: `changed` header lines take the place of the ordinary ones of the same name. `length`: None leaves Content-Length out."""
    method = start.partition(" ")[0]
    ordinary = {
        "via": f"Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-{name}",
        "max-forwards": "Max-Forwards: 70",
        "from": f"From: <sip:caller@example.net>;tag=from-{name}",
        "to": "To: <sip:+4722334455@example.com>",
        "call-id": f"Call-ID: {name}.0ha0isndaksdj@192.0.2.1",
        "cseq": f"CSeq: 8 {'INVITE' if method.startswith('SIP') else method}",
        "contact": "Contact: <sip:caller@192.0.2.1:5070>",
    }
    content = body if isinstance(body, bytes) else body.encode()
    ordinary |= {"content-type": "Content-Type: application/sdp"} if content else {}
    ordinary |= {} if length is None else {"content-length": f"Content-Length: {length or len(content)}"}
    replaced = {line.partition(":")[0].strip().lower() for line in changed} | set(without)
    kept = [line for key, line in ordinary.items() if key not in replaced]
    return "\r\n".join([start, *changed, *kept]).encode() + b"\r\n\r\n" + content


def invite(name: str, *changed: str, uri: str = US, body: str | bytes = SDP, **more) -> bytes:
    return written(name, f"INVITE {uri} SIP/2.0", *changed, body=body, **more)


def options(name: str, *changed: str, uri: str = US, **more) -> bytes:
    return written(name, f"OPTIONS {uri} SIP/2.0", *changed, **more)


def register(name: str, *changed: str, uri: str = "sip:127.0.0.1:5060", **more) -> bytes:
    return written(name, f"REGISTER {uri} SIP/2.0", *changed, **more)


def response(name: str, start: str, *changed: str, below: str = "", **more) -> bytes:
    via = f"{OURS}\r\n{below or f'Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-{name}'}"
    return written(name, start, via, "To: <sip:+4722334455@example.com>;tag=cell", *changed, **more)


WSINV = (
    "INVITE sip:+4722334455@127.0.0.1:5060;unknownparam SIP/2.0\r\n"
    "TO :\r\n sip:+4722334455@example.com    \r\n"
    'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8\r\n'
    "MaX-fOrWaRdS: 0068\r\n"
    "Call-ID: wsinv.ndaksdj@192.0.2.1\r\n"
    f"Content-Length   : {len(SDP)}\r\n"
    "cseq: 0009\r\n  INVITE\r\n"
    "Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.1:5070;branch=390skdjuw\r\n"
    "s :\r\n"
    "NewFangledHeader:   newfangled value\r\n continued newfangled value\r\n"
    "UnknownHeaderWithUnusualValue: ;;,,;;,;\r\n"
    "Content-Type: application/sdp\r\n"
    "Route:\r\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\r\n"
    "v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n"
    'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =\r\n      newvalue ;\r\n  secondparam ; q = 0.33\r\n'
    "\r\n"
) + SDP  # fmt: skip

INTMETH = written(
    "intmeth",
    "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0",
    'To: "BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f" <sip:1_unusual.URI~(to-be!sure)&isn\'t+it$/crazy?,/;;*@example.com>',
    "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%=\"\u0440\u0430\u0431\u043e\u0442\u0430\u044e\u0449\u0438\u0439\";tag=_token~1'+`*%!-.",
    "Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{",
    "extensionHeader-!.%*+_`'~:\u5927\u505c\u96fb",
)

LONG = "very" * 40
LONGREQ = invite(
    "longreq",
    f'To: "I have a user name of {"extreme" * 10} proportion"<sip:+4722334455@example.com:6000;unknownparam1={LONG}longvalue;longparam{"name" * 40}=shortvalue;very{"long" * 30}ParameterNameWithNoValue>',
    f"F: sip:{'amazinglylongcallername' * 10}@example.net;tag=12{'982424' * 50}424;unknownheaderparam{'name' * 40}=unknowheaderparam{'value' * 30};unknownValueless{'paramname' * 20}",
    f"Call-ID: longreq.one{'really' * 20}longcallid",
    f"Unknown-{'Long' * 20}-Name: unknown-{'long' * 20}-value; unknown-{'long' * 20}-parameter-name = unknown-{'long' * 20}-parameter-value",
    "Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-longreq",
    *(f"v: SIP/2.0/TCP sip{number}.example.com" for number in range(33, 0, -1)),
    f"Via: SIP/2.0/TCP host.example.com;received=192.0.2.5;branch=very{'long' * 50}branchvalue",
    f"Contact: <sip:{'amazinglylongcallername' * 5}@host5.example.net>",
    without=("from",),
)

MIXED = (
    b"--7a9cbec02ceef655\r\nContent-Type: application/sdp\r\n\r\n" + SDP.encode() + b"\r\n--7a9cbec02ceef655\r\n"
    b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    + bytes(range(256))
    + b"\r\n--7a9cbec02ceef655--\r\n"
)
NOT_OURS = "a method that we do not serve"
NO_WAY = "neither is there a way back to read"

VALID = (
    Case("wsinv", "3.1.1.1", "to a cell", WSINV.encode(), "folded, spaced and in compact forms; the Route is not ours to follow"),
    Case("intmeth", "3.1.1.2", 405, INTMETH, NOT_OURS),
    Case(
        "esc01",
        "3.1.1.3",
        "to a cell",
        invite(
            "esc01",
            "To: sip:%75se%72@example.com",
            "From: <sip:I%20have%20spaces@example.net>;tag=938",
            "Contact: <sip:cal%6Cer@192.0.2.1:5070;%6C%72;n%61me=v%61lue%25%34%31>",
            uri="sip:%2B4722%33%334455@127.0.0.1:5060",
        ),
        "the number is known through its escapes, which travel on as they are",
    ),
    Case(
        "escnull",
        "3.1.1.4",
        405,
        register(
            "escnull",
            "To: sip:null-%00-null@example.com",
            "From: sip:null-%00-null@example.com;tag=839923423",
            "Contact: <sip:%00@host5.example.com>",
            "Contact: <sip:%00%00@host5.example.com>",
        ),
        NOT_OURS,
    ),
    Case(
        "esc02",
        "3.1.1.5",
        405,
        written(
            "esc02",
            "RE%47IST%45R sip:127.0.0.1:5060 SIP/2.0",
            'To: "%Z%45" <sip:resource@example.com>',
            'From: "%Z%45" <sip:resource@example.com>;tag=f232jadfj23',
        ),
        "a method of its own: escapes mean nothing there",
    ),
    Case("lwsdisp", "3.1.1.6", 200, options("lwsdisp", "From: caller<sip:caller@example.com>;tag=323")),
    Case("longreq", "3.1.1.7", "to a cell", LONGREQ),
    Case("dblreq", "3.1.1.8", 405, register("dblreq") + invite("dblreq2"), "what follows Content-Length is no message"),
    Case("semiuri", "3.1.1.9", 200, options("semiuri", uri="sip:user;par=u%40example.net@127.0.0.1:5060")),
    Case(
        "transports",
        "3.1.1.10",
        200,
        options(
            "transports",
            "Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bKkdjuw",
            "Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf",
            "Via: SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj",
            "Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en",
            "Via: SIP/2.0/TCP t5.example.com;branch=z9hG4bK0a9idfnee",
        ),
    ),
    Case(
        "mpart01",
        "3.1.1.11",
        "to a cell",
        invite("mpart01", "Content-Type: multipart/mixed;boundary=7a9cbec02ceef655", body=MIXED),
        "an INVITE instead of a MESSAGE: these are what we forward",
    ),
    Case("unreason", "3.1.1.12", "to the caller", response("unreason", "SIP/2.0 200 = 2**3 * 5**2 \u043d\u043e \u0441\u0442\u043e \u0434\u0435\u0432\u044f\u043d\u043e\u0441\u0442\u043e \u0434\u0435\u0432\u044f\u0442\u044c - \u043f\u0440\u043e\u0441\u0442\u043e\u0435")),
    Case("noreason", "3.1.1.13", "to the caller", response("noreason", "SIP/2.0 100 ")),
)  # fmt: skip

INVALID = (
    Case(
        "badinv01",
        "3.1.2.1",
        "dropped",
        invite(
            "badinv01",
            "To: sip:+4722334455@example.com",
            "Via: SIP/2.0/UDP 192.0.2.1:5070;;,;,,",
            'Contact: "Joe" <sip:joe@example.org>;;;;',
        ),
        NO_WAY,
    ),
    Case("clerr", "3.1.2.2", 400, invite("clerr", length="9999")),
    Case("ncl", "3.1.2.3", 400, invite("ncl", length="-999")),
    Case(
        "scalar02",
        "3.1.2.4",
        400,
        register(
            "scalar02",
            "CSeq: 36893488147419103232 REGISTER",
            "Max-Forwards: 300",
            "Expires: 10000000000000000000000000000000",
            "Contact: <sip:user@host129.example.com>;expires=280297596632815",
        ),
    ),
    Case(
        "scalarlg",
        "3.1.2.5",
        "dropped",
        response(
            "scalarlg",
            "SIP/2.0 503 Service Unavailable",
            "CSeq: 9292394834772304023312 OPTIONS",
            "Retry-After: 949302838503028349304023988",
            "Warning: 1812 overture \"In Progress\"",
        ),
    ),
    Case("quotbal", "3.1.2.6", 400, invite("quotbal", 'To: "Mr. J. User <sip:j.user@example.com>')),
    Case("ltgtruri", "3.1.2.7", 400, invite("ltgtruri", uri=f"<{US}>")),
    Case("lwsruri", "3.1.2.8", 400, invite("lwsruri", uri=f"{US}; lr=true")),
    Case("lwsstart", "3.1.2.9", 400, invite("lwsstart").replace(f" {US} ".encode(), f"  {US}  ".encode(), 1)),
    Case("trws", "3.1.2.10", 400, options("trws").replace(b" SIP/2.0\r\n", b" SIP/2.0  \r\n", 1)),
    Case("escruri", "3.1.2.11", 400, invite("escruri", uri=f"{US}?Route=%3Csip:example.com%3E")),
    Case("baddate", "3.1.2.12", "to a cell", invite("baddate", "Date: Fri, 01 Jan 2010 16:00:00 EST"), "only who reads Date may object"),
    Case("regbadct", "3.1.2.13", 405, register("regbadct", "Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E"), NOT_OURS),
    Case(
        "badaspec",
        "3.1.2.14",
        200,
        options("badaspec", 'To: "Watson, Thomas" < sip:t.watson@example.org >', 'From: "Bell, A. Graham" < sip:a.g.bell@example.com > ;tag=43'),
        "what is meant is clear",
    ),
    Case(
        "baddn",
        "3.1.2.15",
        200,
        options("baddn", "To: Watson, Thomas <sip:t.watson@example.org>", "From: Bell, Alexander <sip:a.g.bell@example.com>;tag=43"),
        "what is meant is clear",
    ),
    Case(
        "badvers",
        "3.1.2.16",
        "dropped",
        written("badvers", f"OPTIONS {US} SIP/7.0", "Via: SIP/7.0/UDP 192.0.2.1:5070;branch=z9hG4bKkdjuw"),
        f"{NO_WAY}: its Via is of that version too",
    ),
    Case("mismatch01", "3.1.2.17", 400, options("mismatch01", "CSeq: 8 INVITE")),
    Case("mismatch02", "3.1.2.18", 400, written("mismatch02", f"NEWMETHOD {US} SIP/2.0", "CSeq: 8 INVITE")),
    Case("bigcode", "3.1.2.19", "dropped", response("bigcode", "SIP/2.0 4294967301 better not break the receiver")),
)  # fmt: skip

TRANSACTION = (
    Case(
        "badbranch",
        "3.2.1",
        200,
        options("badbranch", "Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK"),
        "we match by more than the branch",
    ),
)

APPLICATION = (
    Case("insuf", "3.3.1", "dropped", invite("insuf", without=("call-id", "from", "to")), "an answer could not name its request"),
    Case("unkscm", "3.3.2", 416, options("unkscm", uri="nobodyKnowsThisScheme:totallyopaquecontent")),
    Case("novelsc", "3.3.3", 416, options("novelsc", uri="soap.beep://192.0.2.103:3002")),
    Case(
        "unksm2",
        "3.3.4",
        405,
        register("unksm2", "To: isbn:2983792873", "From: <http://www.example.com>;tag=3234233", "Contact: <name:John_Smith>"),
        NOT_OURS,
    ),
    Case(
        "bext01",
        "3.3.5",
        420,
        options(
            "bext01",
            "Require: nothingSupportsThis, nothingSupportsThisEither",
            "Proxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis",
        ),
    ),
    Case("invut", "3.3.6", "to a cell", invite("invut", "Content-Type: application/unknownformat", body="<audio>\n <pcmu port=\"443\"/>\n</audio>\n")),
    Case("regaut01", "3.3.7", 405, register("regaut01", "Authorization: NoOneKnowsThisScheme opaque-data=here"), NOT_OURS),
    Case(
        "multi01",
        "3.3.8",
        400,
        invite(
            "multi01",
            "CSeq: 5 INVITE",
            "Call-ID: multi01.98asdh@192.0.2.1",
            "CSeq: 59 INVITE",
            "Call-ID: multi01.98asdh@192.0.2.2",
            "From: sip:caller@example.com;tag=3413415",
            "To: sip:user@example.com",
            "To: sip:other@example.net",
            "From: sip:caller@example.net;tag=2923420123",
            "Contact: <sip:caller@host36.example.net>",
        ),
    ),
    Case("mcl01", "3.3.9", 400, options("mcl01", "Content-Length: 13", "Content-Length: 5", body="There's no way")),
    Case(
        "bcast",
        "3.3.10",
        "dropped",
        response("bcast", "SIP/2.0 200 OK", below="Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23"),
    ),
    Case("zeromf", "3.3.11", 200, options("zeromf", "Max-Forwards: 0"), "it has come where it wanted to go"),
    Case("cparam01", "3.3.12", 405, register("cparam01", "Contact: sip:+19725552222@gw1.example.net;unknownparam"), NOT_OURS),
    Case("cparam02", "3.3.13", 405, register("cparam02", "Contact: <sip:+19725552222@gw1.example.net;unknownparam>"), NOT_OURS),
    Case("regescrt", "3.3.14", 405, register("regescrt", "Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>"), NOT_OURS),
    Case("sdp01", "3.3.15", "to a cell", invite("sdp01", "Accept: text/nobodyKnowsThis"), "what a caller accepts is between him and the cell"),
)  # fmt: skip

BACKWARD = (
    Case(
        "inv2543",
        "3.4.1",
        "to a cell",
        invite("inv2543", "Via: SIP/2.0/UDP 192.0.2.1:5070", "From: <sip:caller@example.net>", without=("max-forwards",)),
        "without branch, tag and Max-Forwards, as before RFC 3261",
    ),
)

CASES = VALID + INVALID + TRANSACTION + APPLICATION + BACKWARD
