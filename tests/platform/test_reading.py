"""What is read of other processes is refused in one way, whatever its bytes are (PF-10)."""

import msgspec
import pytest

from contactcenter.lib.reading import reader


class Note(msgspec.Struct):
    text: str = ""


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"text":1}', b'{"text":"\xce"}', b"\xff", b'{"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}"]
)
def test_what_cannot_be_read_is_refused_in_one_way(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        reader(Note)(data)


def test_what_can_be_read_is_read() -> None:
    assert reader(Note)(b'{"text":"yes"}') == Note("yes")
