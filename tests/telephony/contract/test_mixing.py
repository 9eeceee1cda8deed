"""Who hears whom: mixed, held, and after one of three has left."""

from itertools import permutations

import pytest

from apps.telephony.protocol import HangUp, LegEnded, Mix, Play, PlaybackEnded, StopPlay
from tests import tones
from tests.telephony.contract.calls import KARI, LISTENER, MUSIC, OLA, PER, Conversation, call
from tests.telephony.worlds import done, said, until


def test_mixed_legs_hear_each_other(conversation: Conversation) -> None:
    """TR-01, RC-02: both directions, told by tones."""
    c = conversation
    c.speak()
    c.cell.do(Mix, edges=((c.hers, c.his), (c.his, c.hers)))
    assert tones.dominant(c.heard_by(c.kari, c.hers)) == pytest.approx(OLA, abs=5)
    assert tones.dominant(c.heard_by(c.ola, c.his)) == pytest.approx(KARI, abs=5)


def test_an_edge_goes_one_way(conversation: Conversation) -> None:
    """A supervisor who listens in hears and is not heard."""
    c = conversation
    c.speak()
    c.cell.do(Mix, edges=((c.hers, c.his),))
    assert tones.dominant(c.heard_by(c.ola, c.his)) == pytest.approx(KARI, abs=5)
    assert tones.rms(c.heard_by(c.kari, c.hers)) < 100


def test_hold_plays_music_to_one_and_silence_to_the_other_until_resumed(conversation: Conversation) -> None:
    c = conversation
    c.speak()
    both = ((c.hers, c.his), (c.his, c.hers))
    c.cell.do(Mix, edges=both)
    c.cell.do(Mix, edges=())
    c.cell.do(Play, leg=c.hers, playback="music", files=(str(tones.tone_wav(c.folder / "m.wav", MUSIC, 1)),), loop=True)
    on_hold = c.heard_by(c.kari, c.hers)
    assert tones.hears(on_hold, MUSIC)
    assert not tones.hears(on_hold, OLA)
    assert tones.rms(c.heard_by(c.ola, c.his)) < 100
    c.cell.do(StopPlay, leg=c.hers, playback="music")
    c.cell.do(Mix, edges=both)
    resumed = c.heard_by(c.kari, c.hers)
    assert tones.hears(resumed, OLA)
    assert not tones.hears(resumed, MUSIC)
    assert not said(c.cell, PlaybackEnded)


@pytest.mark.parametrize("order", ["mix first", "hang up first", "he hangs up"])
def test_who_leaves_three_takes_nobody_along(conversation: Conversation, order: str) -> None:
    """TR-02: what the other two hear of each other goes on. Per speaks 1300 Hz; the others hear both until he is gone."""
    world, cell = conversation.world, conversation.cell
    per = world.party()
    call(world, cell, per, "per")
    voice = str(tones.tone_wav(conversation.folder / "per.wav", PER, 1))
    per.do(Play, leg="per", playback="voice", files=(voice,), loop=True)
    done(world, per)
    conversation.speak()
    legs = ("kari", "ola", "per")
    cell.do(Mix, edges=tuple(permutations(legs, 2)))
    heard = conversation.heard_by(conversation.kari, "kari")
    assert tones.hears(heard, OLA) and tones.hears(heard, PER)
    commands = [lambda: cell.do(Mix, edges=tuple(permutations(legs[:2], 2))), lambda: cell.do(HangUp, leg="per")]
    if order == "he hangs up":
        per.do(HangUp, leg="per")
    for command in commands if order == "mix first" else reversed(commands):
        command()
    until(world, cell, LegEnded, leg="per")
    for who, leg, hertz in ((conversation.kari, "kari", OLA), (conversation.ola, "ola", KARI)):
        heard = conversation.heard_by(who, leg)
        assert tones.hears(heard, hertz) and not tones.hears(heard, PER)


def test_a_fourth_leg_listens_to_three_and_is_heard_by_none_or_by_one(conversation: Conversation) -> None:
    """TR-02 with a supervisor: caller, agent, consulted, and a listener who speaks all the time, and at last to the agent alone."""
    world, cell = conversation.world, conversation.cell
    others = {"per": (world.party(), PER), "lise": (world.party(), LISTENER)}
    for leg, (party, hertz) in others.items():
        call(world, cell, party, leg)
        party.do(Play, leg=leg, playback="voice", files=(str(tones.tone_wav(conversation.folder / f"{leg}.wav", hertz, 1)),), loop=True)
        done(world, party)
    conversation.speak()
    parties = {"kari": conversation.kari, "ola": conversation.ola, **{leg: party for leg, (party, _) in others.items()}}
    voices = {"kari": KARI, "ola": OLA, "per": PER, "lise": LISTENER}
    three = tuple(permutations(("kari", "ola", "per"), 2))
    listens = tuple((speaker, "lise") for speaker in ("kari", "ola", "per"))
    for whispers in ((), (("lise", "ola"),)):
        edges = three + listens + whispers
        cell.do(Mix, edges=edges)
        for leg, party in parties.items():
            heard = conversation.heard_by(party, leg)
            assert {speaker for speaker, hertz in voices.items() if tones.hears(heard, hertz)} == {a for a, b in edges if b == leg}
