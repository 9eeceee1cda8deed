"""Reading JSON that others wrote: one kind of error, whatever the bytes are. PURE.

msgspec alone also lets out UnicodeDecodeError (no UTF-8) and RecursionError (nested too deeply): who catches what it documents
would be taken down by either.
"""

from collections.abc import Callable
from typing import Any, TypeVar, overload

import msgspec

T = TypeVar("T")


@overload
def reader(kind: type[T]) -> Callable[[bytes | str], T]: ...
@overload
def reader(kind: Any) -> Callable[[bytes | str], Any]: ...  # a union of structs
def reader(kind: Any) -> Callable[[bytes | str], Any]:
    """A function that reads a `kind`. Its errors: `msgspec.DecodeError`, mostly as `msgspec.ValidationError`."""
    decode = msgspec.json.Decoder(kind).decode

    def read(data: bytes | str) -> Any:
        try:
            return decode(data)
        except (UnicodeError, RecursionError) as unreadable:
            raise msgspec.ValidationError(type(unreadable).__name__) from unreadable

    return read
