"""A sound that is changed is heard by the next call; calls in progress finish with the old one (AU-01)."""

from msgspec import structs

from apps.switch.configuration import Earlier
from apps.switch.core import Configured
from apps.telephony import protocol as t
from tests.switch.company import MENU, MUSIC, WELCOME, Caller, Company, configuration

NEW_MENU, NEW_MUSIC = "/audio/menu-2.wav", "/audio/music-2.wav"


def changed(at: float):
    before = configuration()
    queue = structs.replace(before.acd.queues[1], music=(NEW_MUSIC,))
    return structs.replace(
        before,
        prompts={1: {"nb": WELCOME}, 2: {"nb": NEW_MENU}},
        acd=structs.replace(before.acd, queues=before.acd.queues | {1: queue}),
        earlier={NEW_MENU: (Earlier(0.0, at, MENU),), NEW_MUSIC: (Earlier(0.0, at, MUSIC),)},
    )


def plays(caller: Caller) -> tuple[str, ...]:
    """The files that his cell was told last."""
    return caller.company.told(t.Play, caller.id)[-1].files


def test_the_next_call_hears_the_new_sound_and_the_one_that_was_there_the_old():
    company = Company()
    there = company.caller("+4790000001")
    company.passes(1)
    company.tell(Configured(changed(at=company.now)))
    company.passes(1)
    there.hears_all()
    assert plays(there) == (MENU,)
    there.presses("1")
    assert plays(there) == (MUSIC,)
    later = company.caller("+4790000002")
    later.hears_all()
    assert plays(later) == (NEW_MENU,)
    later.presses("1")
    assert plays(later) == (NEW_MUSIC,)


def test_of_several_changes_each_call_hears_what_was_played_when_it_began():
    settings = structs.replace(configuration(), earlier={NEW_MENU: (Earlier(10, 20, "/a.wav"), Earlier(20, 30, "/b.wav"))})
    assert [settings.as_of((NEW_MENU, MUSIC), began)[0] for began in (5, 10, 19.9, 20, 30, 99)] == [
        NEW_MENU, "/a.wav", "/a.wav", "/b.wav", NEW_MENU, NEW_MENU,
    ]  # fmt: skip
