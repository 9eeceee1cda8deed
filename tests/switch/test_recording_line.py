"""AU-02: whose code it is, and how many wrong ones are looked at, the switch decides; facts say who records what."""

import msgspec
import pytest
from msgspec.structs import replace

from apps.accounts.codes import HOUR, MOST_WRONG, PhoneCodes, digest
from apps.events import vocabulary as v
from apps.flows.graph import FlowGraph
from apps.flows.kinds.hang_up import HangUp
from apps.flows.kinds.record_sound import RecordSound
from apps.switch.core import Configured
from apps.switch.store import Batch
from apps.telephony import protocol as t
from tests.switch.company import Caller, Company, configuration

KEY, CODE, WRONG, ANNA, SOUND = b"k" * 32, "48213957", "11111111", 7, 17
CODES = PhoneCodes(keys=(KEY,), users={digest(KEY, CODE): ANNA})


def line(language: str = "nb") -> FlowGraph:
    steps = (RecordSound(id=1, name="Record", exits={"next": 2, "refused": 2}), HangUp(id=2, name="The end"))
    return FlowGraph(version=1, flow=1, name="Sounds", language=language, start=1, default_exit=2, steps={step.id: step for step in steps})


def settings(language: str = "nb", codes: PhoneCodes = CODES):
    keys = (
        "code_enter", "code_wrong", "sound_enter", "sound_unknown", "star_for_another", "sound_saved", "sound_not_saved",
        "another_sound", "you_have_entered", "record_after_tone", "beep", "keep_or_again", "digit_1", "digit_7",
    )  # fmt: skip
    sounds = {"prompts": {1: {"nb": "/a.wav"}}, "system_sounds": dict.fromkeys(keys, 1), "sounds": frozenset({SOUND})}
    return replace(configuration(line(language)), codes=codes, **sounds)


@pytest.fixture
def company() -> Company:
    return Company(settings())


class Person(Caller):
    def types(self, digits: str) -> "Person":
        for digit in digits:
            self.company.passes(0.1)
            self.presses(digit)
        return self


def calls(company: Company) -> Person:
    caller = company.caller()
    return Person(company, caller.id, caller.number)


def tries_wrong(company: Company, times: int) -> None:
    """A call each."""
    for _ in range(times):
        calls(company).types(WRONG + "#").hangs_up()


def is_let_in(person: Person) -> bool:
    person.types(CODE + "#")
    return person.id in person.company.core.world.calls and person.call.run.phase == "number"


@pytest.mark.parametrize("language", ["nb", "en"])
def test_who_records_which_sound_in_the_flows_language(language):
    company = Company(settings(language))
    anna = calls(company).types(CODE + "#17#")
    (chosen,) = company.of(v.PromptChosen)
    assert (chosen.call, chosen.prompt, chosen.by, chosen.language) == (anna.id, SOUND, ANNA, language)
    anna.hears_all()
    record = company.told(t.Record)[-1]
    assert [type(fact) for fact in company.facts if isinstance(fact, v.PromptChosen | v.RecordingBegan)] == [
        v.PromptChosen,
        v.RecordingBegan,
    ]
    company.passes(4)
    anna.presses("#")
    anna.event(t.RecordingStopped, recording=record.recording, path=record.path, seconds=4.0)
    anna.presses("1")
    assert company.of(v.PromptRecorded)[0].recording == record.recording


def test_a_number_that_no_sound_has_is_no_choice(company):
    calls(company).types(CODE + "#18#")
    assert not company.of(v.PromptChosen)


def test_three_wrong_codes_end_it_and_a_fourth_is_not_looked_at_in_the_same_call(company):
    """Also where the flow leads him back to the step."""
    back = replace(line(), steps=line().steps | {1: replace(line().steps[1], exits={"next": 2, "refused": 1})})
    company = Company(replace(settings(), flows={1: back}))
    eve = calls(company).types(f"{WRONG}#" * 3)
    assert [fact.within_hour for fact in company.of(v.PhoneCodeRefused)] == [1, 2, 3]
    assert not is_let_in(eve)
    assert company.of(v.PhoneCodeRefused)[3].reason == "blocked"
    assert is_let_in(calls(company)), "others are not concerned"


def test_after_20_wrong_ones_within_an_hour_nobody_gets_in_until_the_first_is_an_hour_old(company):
    tries_wrong(company, 1)
    first = company.of(v.PhoneCodeRefused)[0].at
    company.passes(600)
    tries_wrong(company, MOST_WRONG - 2)
    anna = calls(company)
    assert is_let_in(anna)
    tries_wrong(company, 1)
    assert company.of(v.PhoneCodeRefused)[-1] == v.PhoneCodeRefused(at=company.now, call="call21", reason="wrong", within_hour=MOST_WRONG)
    assert not is_let_in(calls(company))
    assert company.of(v.PhoneCodeRefused)[-1].reason == "blocked"
    assert anna.id in company.core.world.calls, "who is in stays in"
    company.passes(first + HOUR - company.now - 2)
    assert not is_let_in(calls(company)), "typing takes him a second"
    company.passes(2)
    assert is_let_in(calls(company))


def test_a_switch_that_begins_knows_the_wrong_codes_of_the_last_hour():
    wrong = tuple((990.0 + number / 100, "earlier") for number in range(MOST_WRONG))
    company = Company(settings(codes=replace(CODES, wrong=wrong)))
    assert not is_let_in(calls(company))


def test_the_same_wrong_code_is_not_counted_twice_when_the_database_knows_it_too(company):
    tries_wrong(company, MOST_WRONG - 1)
    known = tuple((fact.at, fact.call) for fact in company.of(v.PhoneCodeRefused))
    company.tell(Configured(settings(codes=replace(CODES, wrong=known))))
    assert is_let_in(calls(company))


def test_a_code_that_was_taken_away_ends_it_at_once(company):
    """Also for him who has proved himself already: no further sound."""
    anna = calls(company)
    assert is_let_in(anna)
    company.tell(Configured(settings(codes=PhoneCodes(keys=(KEY,)))))
    anna.types("17#")
    assert not company.of(v.PromptChosen) and company.of(v.StepLeft)[0].result == "refused"
    assert not is_let_in(calls(company))


def test_an_older_key_is_still_recognised():
    company = Company(settings(codes=replace(CODES, keys=(b"n" * 32, KEY))))
    assert is_let_in(calls(company))


def test_neither_code_nor_key_nor_digest_leaves_the_switch(company):
    """What is written to Redis: snapshots, facts, commands, documents. The digits that are being typed are the one exception."""
    anna = calls(company).types(CODE)
    batch = Batch()
    anna.presses("#")
    anna.types("17#")
    batch.snapshot_call(anna.id, anna.call)
    batch.snapshot_graph(company.core.world.graphs[1])
    for fact in company.facts:
        batch.fact(fact)
    written = batch.encoded() + msgspec.json.encode([command for _, command in company.commands]) + b"".join(company.board.values())
    for secret in (CODE, digest(KEY, CODE), KEY.decode()):
        assert secret.encode() not in written
    assert KEY.decode() not in repr(CODES) and digest(KEY, CODE) not in repr(company.core.world.configuration)
