"""What a session remembers: frozen, so that a snapshot is the thing itself. PURE."""

from typing import Literal

from msgspec import Struct

State = Literal["arriving", "alone", "talking", "held", "consulting", "three_party", "lost", "reaching", "ended"]


class Recording(Struct, frozen=True):
    """`masked`: a tone is in the file instead of what is said. `tape`: the caller is recorded while he is alone, and no conversation."""

    id: str
    path: str
    running: bool = True
    masked: bool = False
    tape: bool = False


class Track(Struct, frozen=True):
    """Music or a tone that `leg` hears, round and round."""

    leg: str
    playback: str
    files: tuple[str, ...]


class Session(Struct, frozen=True, kw_only=True):
    """`alone`: the caller hears prompts over music. `lost`: the partner's media are away and the others hear music.

    `reaching`: the other way round: the partner is there, and the caller's leg is being dialled for him.
    `held`: the partner may be waiting for whom he wants to consult. `consulting`: he talks to him, and the caller hears music.
    """

    call: str
    cell: str
    caller: str  # leg
    state: State = "arriving"
    partner: str = ""  # leg that the caller talks to
    consulted: str = ""  # leg that the partner has brought in
    ringing: str = ""  # leg that is being dialled for one of them
    question: tuple[str, ...] = ()  # what that leg hears: it has answered, and must say that it takes the call
    music: tuple[str, ...] = ()  # what whoever waits for somebody hears: the caller below the prompts, or the partner
    hold_music: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()  # legs
    prompt: str = ""  # playback that the flow waits for
    tracks: tuple[Track, ...] = ()
    recording: Recording | None = None
    count: int = 0  # of ids given: they must come out the same when a journal is replayed


def new_leg(session: Session) -> str:
    """The id that the next leg of this call should have."""
    return f"{session.call}-l{session.count + 1}"
