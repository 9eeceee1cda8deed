"""Digest authentication (RFC 3261 22, RFC 7616, RFC 8760): reading a challenge, and the answer to it. PURE."""

import hashlib
import re
from collections.abc import Callable, Iterable

from msgspec import Struct

ALGORITHMS: dict[str, Callable[[bytes], "hashlib._Hash"]] = {
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False),  # operators know no other; RFC 8760 lets us prefer a better one
    "SHA-256": hashlib.sha256,
}
PARAMETER = re.compile(r'\s*([A-Za-z][A-Za-z-]{0,30})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))\s*(?:,|$)')
SCHEME = re.compile(r"\s*Digest\s+", re.IGNORECASE)
ESCAPED = re.compile(r"\\(.)")
LONGEST = 4_096  # characters of a challenge
TEXT = re.compile(r"[^\x00-\x1f\x7f]*")


class Challenge(Struct, frozen=True):
    """What a registrar or proxy wants proven. `qop`: whether it knows "auth"; without it the answer is that of RFC 2069."""

    realm: str
    nonce: str
    opaque: str = ""
    algorithm: str = "MD5"
    qop: bool = False
    stale: bool = False


class Credentials(Struct, frozen=True):
    user: str
    password: str


def read(values: Iterable[str]) -> Challenge | None:
    """The first challenge that can be answered, which is the one that its sender likes best (RFC 8760 2.4). None: there is none."""
    return next((found for found in map(_challenge, values) if found), None)


def _challenge(value: str) -> Challenge | None:
    scheme = SCHEME.match(value)
    given = _parameters(value, scheme.end()) if scheme and len(value) <= LONGEST else {}
    algorithm = given.get("algorithm", "MD5").upper()
    qops = [word.strip().lower() for word in given.get("qop", "").split(",") if word.strip()]
    if "realm" not in given or not given.get("nonce") or algorithm not in ALGORITHMS or (qops and "auth" not in qops):
        return None
    stale = given.get("stale", "").lower() == "true"
    return Challenge(given["realm"], given["nonce"], given.get("opaque", ""), algorithm, bool(qops), stale)


def _parameters(value: str, at: int) -> dict[str, str]:
    """Nothing, if any of them cannot be read: half a challenge is none."""
    found: dict[str, str] = {}
    while at < len(value):
        parameter = PARAMETER.match(value, at)
        if not parameter:
            return {}
        name, quoted, plain = parameter.groups()
        text = plain if quoted is None else ESCAPED.sub(r"\1", quoted)
        if not TEXT.fullmatch(text):
            return {}
        found.setdefault(name.lower(), text)
        at = parameter.end()
    return found


def answer(challenge: Challenge, credentials: Credentials, *, method: str, uri: str, cnonce: str, count: int) -> str:
    """The value of Authorization or Proxy-Authorization. `count`: how often this nonce is used now, from 1 on."""
    hashed = ALGORITHMS[challenge.algorithm]

    def h(*parts: str) -> str:
        return hashed(":".join(parts).encode()).hexdigest()

    secret, request = h(credentials.user, challenge.realm, credentials.password), h(method, uri)
    uses = f"{count:08x}"
    proof = h(secret, challenge.nonce, uses, cnonce, "auth", request) if challenge.qop else h(secret, challenge.nonce, request)
    quoted = {"username": credentials.user, "realm": challenge.realm, "nonce": challenge.nonce, "uri": uri, "response": proof}
    quoted |= {"opaque": challenge.opaque} if challenge.opaque else {}
    parts = [f'{name}="{_quoted(text)}"' for name, text in quoted.items()] + [f"algorithm={challenge.algorithm}"]
    parts += ["qop=auth", f"nc={uses}", f'cnonce="{cnonce}"'] if challenge.qop else []
    return "Digest " + ", ".join(parts)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
