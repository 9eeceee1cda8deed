"""Session descriptions (RFC 8866): the browser's offer in, the gateway's answer out, and the plain ones spoken with cells. PURE.

Whatever a browser sends ends in a command line of the media engine, so every value is checked against its grammar here and
only what was checked leaves this module. An ICE-lite agent sends no checks (RFC 8445 2.5): candidates only tell it who may knock.
"""

import re
from dataclasses import dataclass
from typing import Literal

Role = Literal["active", "passive"]

CODECS = {8: "PCMA", 0: "PCMU"}  # static payload types (RFC 3551), the ones that cells speak
CANDIDATES_MAX = 16
LINES_MAX = 400  # a Chromium offer of all its codecs has about 150

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,64}", re.ASCII)
_UFRAG = re.compile(r"[A-Za-z0-9+/]{4,256}", re.ASCII)  # RFC 8839 5.4
_PWD = re.compile(r"[A-Za-z0-9+/]{22,256}", re.ASCII)
_FINGERPRINT = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2}){31}", re.ASCII)
_MEDIA = re.compile(r"audio (\d{1,5}) (\S+)((?: \d{1,3}){1,64})", re.ASCII)
_RTPMAP = re.compile(r"(\d{1,3}) ([A-Za-z-]{1,32})/8000(?:/1)?", re.ASCII)
_ADDRESS = re.compile(r"IN IP4 ((?:\d{1,3}\.){3}\d{1,3})", re.ASCII)
_CANDIDATE = re.compile(
    r"(?P<foundation>[A-Za-z0-9+/]{1,32}) 1 udp (?P<priority>\d{1,10}) (?P<address>(?:\d{1,3}\.){3}\d{1,3}) (?P<port>\d{1,5})"
    r" typ (?P<kind>host|srflx|prflx)\b.*",
    re.ASCII | re.IGNORECASE,
)
# What the browser will be. With the choice it is active: it knows when ICE is through, and a first packet of ours that is early costs 1 s.
_ROLES: dict[str, Role] = {"actpass": "active", "active": "active", "passive": "passive"}


class OfferRefused(Exception):  # noqa: N818 - reads as what happened
    """The description cannot be used. Codes: syntax, audio, profile, address, codec, ice, fingerprint, setup, rtcp_mux."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Audio:
    """Payload types of one description: those of CODECS in its order of preference, and that of telephone events (RFC 4733)."""

    payloads: tuple[int, ...]
    events: int | None


@dataclass(frozen=True, slots=True)
class BrowserOffer:
    """`role`: of the browser in the DTLS handshake (RFC 5763). `candidates`: IPv4 UDP, without the leading word."""

    ufrag: str
    pwd: str
    fingerprint: str  # SHA-256, upper case
    role: Role
    candidates: tuple[str, ...]
    mid: str
    audio: Audio


@dataclass(frozen=True, slots=True)
class GatewaySide:
    """What the media engine opened for a browser."""

    host: str
    port: int
    ufrag: str
    pwd: str
    fingerprint: str
    role: Role
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlainSide:
    """RTP without encryption: where its owner wants to receive, and what."""

    host: str
    port: int
    audio: Audio


def parse_browser_offer(text: str) -> BrowserOffer:
    """Raises OfferRefused, and nothing else."""
    session, media = _sections(text)
    lines = session + media  # attributes of the session hold for its media (RFC 8866 5.13)
    port, profile, audio = _audio(media)
    if profile != "UDP/TLS/RTP/SAVPF":
        raise OfferRefused("profile")
    if "rtcp-mux" not in _attributes(media):
        raise OfferRefused("rtcp_mux")
    return BrowserOffer(
        ufrag=_checked(_UFRAG, _value(lines, "ice-ufrag"), "ice"),
        pwd=_checked(_PWD, _value(lines, "ice-pwd"), "ice"),
        fingerprint=_fingerprint(lines),
        role=_role(_value(lines, "setup")),
        candidates=_candidates(media),
        mid=_checked(_TOKEN, _value(media, "mid") or "0", "syntax"),
        audio=audio,
    )


def parse_plain(text: str) -> PlainSide:
    """A cell's offer or answer. Raises OfferRefused, and nothing else."""
    session, media = _sections(text)
    port, profile, audio = _audio(media)
    if profile != "RTP/AVP":
        raise OfferRefused("profile")
    connection = [line[2:] for line in session + media if line.startswith("c=")]
    match = _ADDRESS.fullmatch(connection[-1]) if connection else None
    if not match or port == 0 or not _is_ipv4(match[1]):
        raise OfferRefused("address")
    return PlainSide(match[1], port, audio)


def common_audio(wanted: Audio, offered: Audio) -> Audio:
    """The one codec for both, by the first one's preference, with the first one's payload type for events. Raises OfferRefused("codec")."""
    for payload in wanted.payloads:
        if payload in offered.payloads:
            return Audio((payload,), wanted.events if offered.events is not None else None)
    raise OfferRefused("codec")


def browser_answer(offer: BrowserOffer, ours: GatewaySide, audio: Audio) -> str:
    """The answer to `offer`. ICE-lite is said at session level (RFC 8839 5.3), where Chromium looks for it."""
    return _joined(
        *_head(ours.host),
        "a=ice-lite",
        f"a=group:BUNDLE {offer.mid}",
        *_media("UDP/TLS/RTP/SAVPF", ours.host, ours.port, audio),
        f"a=mid:{offer.mid}",
        "a=rtcp-mux",
        f"a=ice-ufrag:{ours.ufrag}",
        f"a=ice-pwd:{ours.pwd}",
        f"a=fingerprint:sha-256 {ours.fingerprint}",
        f"a=setup:{ours.role}",
        *(f"a=candidate:{candidate}" for candidate in ours.candidates),
        "a=end-of-candidates",
    )


def plain(side: PlainSide) -> str:
    """An offer or answer for a cell."""
    return _joined(*_head(side.host), *_media("RTP/AVP", side.host, side.port, side.audio))


def _head(host: str) -> tuple[str, ...]:
    return "v=0", f"o=- 1 1 IN IP4 {host}", "s=-", "t=0 0"


def _media(profile: str, host: str, port: int, audio: Audio) -> list[str]:
    events = [] if audio.events is None else [audio.events]
    payloads = " ".join(map(str, (*audio.payloads, *events)))
    return [
        f"m=audio {port} {profile} {payloads}",
        f"c=IN IP4 {host}",
        *(f"a=rtpmap:{payload} {CODECS[payload]}/8000" for payload in audio.payloads),
        *(line for payload in events for line in (f"a=rtpmap:{payload} telephone-event/8000", f"a=fmtp:{payload} 0-16")),
        "a=ptime:20",
        "a=sendrecv",
    ]


def _joined(*lines: str) -> str:
    return "".join(f"{line}\r\n" for line in lines)


def _sections(text: str) -> tuple[list[str], list[str]]:
    """Lines of the session and of its only medium. More media are refused: a phone has one."""
    lines = re.split(r"\r?\n", text)
    if not text.startswith("v=0") or len(lines) > LINES_MAX:
        raise OfferRefused("syntax")
    starts = [number for number, line in enumerate(lines) if line.startswith("m=")]
    if len(starts) != 1:
        raise OfferRefused("audio")
    return lines[: starts[0]], lines[starts[0] :]


def _audio(media: list[str]) -> tuple[int, str, Audio]:
    """Port, profile and payload types."""
    match = _MEDIA.fullmatch(media[0][2:])
    if not match or int(match[1]) > 65_535:
        raise OfferRefused("audio")
    offered = [int(payload) for payload in match[3].split()]
    maps = map(_RTPMAP.fullmatch, _values(media, "rtpmap"))
    names = dict.fromkeys(CODECS, "") | {int(found[1]): found[2].upper() for found in maps if found}
    payloads = tuple(payload for payload in offered if payload in CODECS and names[payload] in ("", CODECS[payload]))
    events = [payload for payload in offered if 96 <= payload <= 127 and names.get(payload) == "TELEPHONE-EVENT"]
    if not payloads:
        raise OfferRefused("codec")
    return int(match[1]), match[2], Audio(payloads, events[0] if events else None)


def _attributes(lines: list[str]) -> list[str]:
    return [line[2:] for line in lines if line.startswith("a=")]


def _values(lines: list[str], name: str) -> list[str]:
    return [attribute.removeprefix(f"{name}:") for attribute in _attributes(lines) if attribute.startswith(f"{name}:")]


def _value(lines: list[str], name: str) -> str:
    """The last one: that of the medium, if it has its own."""
    return (_values(lines, name) or [""])[-1]


def _checked(grammar: re.Pattern[str], value: str, code: str) -> str:
    if not grammar.fullmatch(value):
        raise OfferRefused(code)
    return value


def _fingerprint(lines: list[str]) -> str:
    for value in _values(lines, "fingerprint"):
        algorithm, _, digest = value.partition(" ")
        if algorithm.lower() == "sha-256":  # the engine knows no other
            return _checked(_FINGERPRINT, digest.upper(), "fingerprint")
    raise OfferRefused("fingerprint")


def _role(setup: str) -> Role:
    if setup not in _ROLES:
        raise OfferRefused("setup")
    return _ROLES[setup]


def _candidates(media: list[str]) -> tuple[str, ...]:
    """Candidates that an IPv4 UDP gateway can hear from; those with mDNS names (RFC 8828) become known when they knock."""
    found = map(_CANDIDATE.fullmatch, _values(media, "candidate"))
    usable = [match for match in found if match and _is_ipv4(match["address"]) and 0 < int(match["port"]) < 65_536]
    form = "{foundation} 1 udp {priority} {address} {port} typ {kind}"
    return tuple(form.format_map(match.groupdict()) for match in usable[:CANDIDATES_MAX])


def _is_ipv4(address: str) -> bool:
    return all(int(part) < 256 for part in address.split("."))
