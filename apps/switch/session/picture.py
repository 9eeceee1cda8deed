"""What a session's state means for the media, and the commands that lead from one picture to the next. PURE.

                  hear each other              hears music          recorded, left | right
    alone         -                            caller               a tape: caller |
    reaching      partner hears caller         partner (a tone)     -
    talking       caller, partner              -                    caller | partner
    held          -                            caller, partner*     -
    consulting    partner, consulted           caller               | partner (RC-05)
    three_party   caller, partner, consulted   -                    caller | partner, consulted
    lost          -                            caller, consulted    -

(* while he waits for somebody.) In any of them a ringing leg that has answered may hear a question. Who is muted is heard by nobody.
"""

from itertools import permutations

from msgspec.structs import replace

from apps.switch.session.state import Session, Track
from apps.telephony import protocol as p


def _members(session: Session) -> tuple[str, ...]:
    """The legs that hear each other."""
    match session.state:
        case "talking":
            return session.caller, session.partner
        case "consulting":
            return session.partner, session.consulted
        case "three_party":
            return session.caller, session.partner, session.consulted
    return ()


def _played(session: Session) -> dict[str, tuple[str, ...]]:
    """Leg -> files."""
    return _music(session) | {session.ringing: session.question}


def _music(session: Session) -> dict[str, tuple[str, ...]]:
    match session.state:
        case "alone":
            return {session.caller: session.music}
        case "reaching":
            return {session.partner: session.music}
        case "held":
            return {session.caller: session.hold_music, session.partner: session.music}
        case "consulting":
            return {session.caller: session.hold_music}
        case "lost":
            return {session.caller: session.hold_music, session.consulted: session.hold_music}
    return {}


def _recorded(session: Session) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Legs left and right. On hold neither party speaks to the other, so neither is recorded."""
    if session.recording and session.recording.tape:
        return (session.caller,) if session.state == "alone" else (), ()
    spoken = [leg for leg in (session.partner, session.consulted) if leg not in session.muted]
    match session.state:
        case "talking" | "three_party":
            return (session.caller,), tuple(leg for leg in spoken if leg)
        case "consulting":
            return (), tuple(leg for leg in spoken if leg != session.consulted)
    return (), ()


def edges(session: Session) -> tuple[tuple[str, str], ...]:
    """Pairs (from, to)."""
    if session.state == "reaching":  # tones and announcements of the network; what the partner says meanwhile is nobody's
        return ((session.caller, session.partner),)
    return tuple(pair for pair in permutations(_members(session), 2) if pair[0] not in session.muted)


def change(before: Session, after: Session) -> tuple[Session, list[p.Command]]:
    """From one picture to the next. The session afterwards knows what plays.

    A cell does one after the other, and may be kept from its work in between: what is heard next begins before the last music ends.
    """
    after, begun, over = _change_tracks(after)
    commands: list[p.Command] = [*begun]
    if edges(before) != edges(after):
        commands.append(p.Mix(call=after.call, edges=edges(after)))
    commands += over
    if after.recording and (before.recording, _recorded(before)) != (after.recording, _recorded(after)):
        commands += record(after)
    return after, commands


def record(session: Session) -> list[p.Command]:
    if session.recording is None:
        return []
    (left, right), it = _recorded(session), session.recording
    return [p.Record(call=session.call, recording=it.id, path=it.path, left=left, right=right, running=it.running, masked=it.masked)]


def _change_tracks(session: Session) -> tuple[Session, list[p.Play], list[p.StopPlay]]:
    """What goes on as it is, is not begun anew. The session, what begins and what is over."""
    wanted = {leg: files for leg, files in _played(session).items() if leg and files}
    kept = tuple(track for track in session.tracks if wanted.get(track.leg) == track.files)
    over = [p.StopPlay(call=session.call, leg=track.leg, playback=track.playback) for track in session.tracks if track not in kept]
    begun = []
    going, count = {track.leg for track in kept}, session.count
    for leg, files in wanted.items():
        if leg not in going:
            count += 1
            track = Track(leg, f"{session.call}-p{count}", files)
            kept += (track,)
            begun.append(p.Play(call=session.call, leg=leg, playback=track.playback, files=files, loop=True))
    return replace(session, tracks=kept, count=count), begun, over
