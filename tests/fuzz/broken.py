"""A target with a fault, so that a test sees that the fuzzer finds faults."""

from tests.fuzz.target import Target


def check(data: bytes) -> None:
    if data.startswith(b"INVITE") and b"\xff" in data:
        raise RuntimeError("found")


TARGETS = {"broken": Target(check, lambda: [b"INVITE sip:a@b SIP/2.0\r\n"], (b"\xff",))}
