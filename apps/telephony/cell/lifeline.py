"""What a cell and its supervisor say to each other on the cell's life line, a SOCK_SEQPACKET pair: one struct per message. PURE.

The end of the line says the most: whoever reads it knows that the other one is dead, however it died.
"""

import msgspec
from msgspec import Struct

from apps.telephony.cell.place import Place

LONGEST = 65_536  # bytes of a message: a cell that comes to a new supervisor tells all that it has


class Debt(Struct, frozen=True):
    """What is owed to the far end of a leg, should the cell die: SIP messages as they were on the wire.

    `ours`: the cell sent the INVITE. `answer`: the 200 to it; empty: it has not come yet.
    """

    invite: str
    ours: bool
    answer: str = ""


class Word(Struct, frozen=True, tag=True):
    """From a cell to its supervisor."""


class Born(Word, frozen=True):
    pid: int


class Ready(Word, frozen=True):
    """It can be given a call."""


class Taken(Word, frozen=True):
    """It has a call now."""

    call: str


class Owes(Word, frozen=True):
    """This is owed to the far end of `leg`; None: the leg is over."""

    leg: str
    debt: Debt | None


class Here(Word, frozen=True, kw_only=True):
    """The first word to another supervisor: mine is dead, I am still here. `call` empty: I am free."""

    name: str
    pid: int
    place: Place
    call: str
    debts: dict[str, Debt]


class Bye(Word, frozen=True):
    """It ends by itself; nothing is owed to anybody."""


AnyWord = Born | Ready | Taken | Owes | Here | Bye

END = b"end"  # the supervisor's only word: nobody will give you another call

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(AnyWord).decode
