"""ICE connectivity checks (RFC 8445 7.2.2, RFC 8489), written by hand so that they can be wrong."""

import binascii
import hashlib
import hmac
import os
import struct

BINDING, SUCCESS = 0x0001, 0x0101
COOKIE = 0x2112A442
USERNAME, INTEGRITY, PRIORITY, USE_CANDIDATE, FINGERPRINT, CONTROLLING = 0x0006, 0x0008, 0x0024, 0x0025, 0x8028, 0x802A


def check(username: str, password: str) -> bytes:
    """A browser's check; `username` is "<theirs>:<ours>", `password` theirs."""
    head = struct.pack("!I", COOKIE) + os.urandom(12)
    body = _attribute(USERNAME, username.encode()) + _attribute(PRIORITY, struct.pack("!I", 1_853_824_767))
    body += _attribute(CONTROLLING, os.urandom(8)) + _attribute(USE_CANDIDATE, b"")
    digest = hmac.new(password.encode(), _headed(head, body, 24), hashlib.sha1).digest()
    body += _attribute(INTEGRITY, digest)
    checksum = binascii.crc32(_headed(head, body, 8)) ^ 0x5354554E
    body += _attribute(FINGERPRINT, struct.pack("!I", checksum))
    return _headed(head, body, 0)


def kind(message: bytes) -> int:
    return struct.unpack_from("!H", message)[0]


def transaction(message: bytes) -> bytes:
    """An answer bears its question's."""
    return message[8:20]


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def _headed(head: bytes, body: bytes, more: int) -> bytes:
    """The length in the header counts the attribute that is about to come (RFC 8489 14.5)."""
    return struct.pack("!HH", BINDING, len(body) + more) + head + body
