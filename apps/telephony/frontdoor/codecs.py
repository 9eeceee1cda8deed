"""The codecs of a trunk: an offer (RFC 3264) that crosses the front door keeps only those, in the trunk's order. PURE.

Who answers takes what is offered, and our cells take the first of it; so the offer alone decides, and no cell needs to know the trunk.
"""

import re

STATIC = {"0": "PCMU", "8": "PCMA", "13": "CN"}  # RFC 3551, table 4: payload types that need no rtpmap
BESIDE = ("TELEPHONE-EVENT", "CN")  # no codecs, and wanted beside each
RTPMAP = re.compile(r"a=rtpmap:(\d{1,3}) ([^/\s]+)", re.IGNORECASE)
WORD = re.compile(r"[^ \r\n]+")
MOST_WORDS = 64  # of a media line
OF_PAYLOAD = re.compile(r"a=(?:rtpmap|fmtp|rtcp-fb):(\d{1,3})\b", re.IGNORECASE)


def only(body: bytes, allowed: tuple[str, ...]) -> bytes | None:
    """`body`, an SDP, with the codecs `allowed` alone. None: a stream of audio would have none left."""
    head, *streams = re.split(r"(?m)^(?=m=)", body.decode(errors="surrogateescape"))
    kept = [_only(stream, allowed) if stream.startswith("m=audio ") else stream for stream in streams]
    if None in kept:
        return None
    return "".join([head, *(stream for stream in kept if stream)]).encode(errors="surrogateescape")


def _only(stream: str, allowed: tuple[str, ...]) -> str | None:
    """One stream; one that is switched off (port 0) stays as it is."""
    lines = re.split(r"(?<=\n)", stream)  # Python's own idea of lines has more ends than SDP's
    media, port, protocol, *payloads = WORD.findall(lines[0])[:MOST_WORDS] + [""] * 3
    payloads = [payload for payload in payloads if payload]
    if port == "0" or not payloads:
        return stream
    names = STATIC | {found[1]: found[2].upper() for line in lines if (found := RTPMAP.match(line))}
    codecs = [payload for name in allowed for payload in payloads if names.get(payload) == name]
    if not codecs:
        return None
    kept = list(dict.fromkeys([*codecs, *(payload for payload in payloads if names.get(payload) in BESIDE)]))
    end = lines[0][len(lines[0].rstrip("\r\n")) :]
    others = [line for line in lines[1:] if not (found := OF_PAYLOAD.match(line)) or found[1] in kept]
    return "".join([" ".join([media, port, protocol, *kept]), end, *others])
