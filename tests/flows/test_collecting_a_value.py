"""IV-04: digits are typed, checked, read back and confirmed, and become a variable of the call."""

import msgspec
import pytest

from apps.events.vocabulary import StepLeft
from apps.flows import interpreter as f
from apps.flows.kinds import Collect
from apps.flows.run import Say
from apps.flows.variables import MASK
from tests.flows.caller import Caller
from tests.flows.flow_builder import FlowBuilder

ASK, WRONG, SORRY = 101, 102, 103
CARD = "4111111111111111"  # a number that is right by Luhn, and nobody's


def flow(**fields) -> FlowBuilder:
    return (
        FlowBuilder("x")
        .collect("Customer", ASK, fields=fields, next="Thanks", maximum_tries="Sorry")
        .message("Thanks", SORRY, next="Bye")
        .message("Sorry", SORRY, next="Bye")
        .hang_up("Bye")
        .after_fault("Sorry")
    )


def kari(**fields) -> Caller:
    return Caller(flow(**fields))


def reads_back(digits: str) -> f.PlayPrompts:
    return f.PlayPrompts(("you_have_entered", Say(digits), "confirm_or_again"), barge_in=True)


def test_a_value_is_typed_ended_by_hash_read_back_and_confirmed():
    caller = kari()
    assert caller.actions() == [f.PlayPrompts((ASK,), barge_in=True)]
    assert caller.presses("1") == [f.StopPrompts()]
    assert caller.presses("234") == []
    assert caller.presses("#") == [reads_back("1234")]
    caller.hears(f.Played())
    caller.presses("#")
    assert caller.left() == ("next", "collected")
    assert caller.step == "Thanks"
    assert caller.run.variables == {"number": "1234"}
    assert caller.run.typed == "", "what was typed is not kept twice"


def test_three_seconds_without_a_digit_end_the_value():
    """IV-04: inter-digit timeout 3 s."""
    caller = kari()
    caller.presses("12")
    assert caller.waits(2.9) == []
    caller.presses("3")
    assert caller.waits(2.9) == []
    assert caller.waits(0.1) == [reads_back("123")]


def test_the_first_digit_has_its_own_time_from_the_end_of_the_sound():
    caller = kari(first_timeout=7.0)
    caller.now += 20
    assert caller.hears(f.Played()) == []
    assert caller.waits(6.9) == []
    assert caller.waits(0.1) == [f.PlayPrompts((ASK,), barge_in=True)]


def test_the_last_possible_digit_ends_the_value():
    caller = kari(maximum=4)
    caller.presses("1234")
    assert caller.waits(1.0) == [reads_back("1234")]


def test_a_hash_from_habit_after_the_last_possible_digit_does_not_confirm_what_nobody_has_heard():
    caller = kari(maximum=4)
    caller.presses("1234")
    caller.now += 0.5
    assert caller.presses("#") == [reads_back("1234")]


def test_digits_beyond_the_maximum_are_not_taken():
    caller = kari(maximum=4)
    caller.presses("123456#")
    assert caller.said == [reads_back("1234")]


def test_star_begins_anew_while_typing_and_while_it_is_read_back():
    """IV-04: re-entered with *."""
    caller = kari()
    caller.presses("12")
    assert caller.presses("*") == [f.PlayPrompts((ASK,), barge_in=True)]
    caller.presses("55#")
    assert caller.presses("*") == [f.StopPrompts(), f.PlayPrompts((ASK,), barge_in=True)]
    caller.presses("77#")
    caller.presses("#")
    assert caller.run.variables["number"] == "77"


def test_silence_after_the_reading_reads_it_again_without_losing_the_value():
    caller = kari()
    caller.presses("12#")
    caller.hears(f.Played())
    assert caller.waits(5) == [reads_back("12")]
    assert caller.presses("5") == [f.StopPrompts(), reads_back("12")]
    caller.presses("#")
    assert caller.run.variables["number"] == "12"


def test_without_reading_back_the_value_is_taken_at_once():
    caller = kari(confirm=False)
    caller.presses("12#")
    assert caller.step == "Thanks"


def test_without_barge_in_digits_count_only_after_the_sound_but_always_while_reading():
    caller = kari(barge_in=False)
    assert caller.presses("1") == []
    caller.hears(f.Played())
    caller.presses("12#")
    assert caller.said == [reads_back("12")]
    caller.presses("#")
    assert caller.step == "Thanks"


@pytest.mark.parametrize(
    ("what", "result"),
    [("silence", "no_input"), ("wrong", "invalid"), ("star", "maximum_tries"), ("mixed", "maximum_tries")],
)
def test_after_three_tries_the_result_tells_what_they_were(what, result):
    """IV-04 tries 3; IV-05: told apart."""
    caller = kari(minimum=3)
    for number in range(3):
        assert caller.step == "Customer"
        if what == "silence" or (what == "mixed" and number == 0):
            caller.hears(f.Played())
            caller.waits(5)
        else:
            caller.presses("1*" if what == "star" else "1#")
    assert caller.left() == ("maximum_tries", result)
    assert caller.step == "Sorry"
    assert "number" not in caller.run.variables


def test_no_input_and_invalid_take_their_own_exit_where_it_is_wired():
    caller = Caller(
        FlowBuilder("x").collect("C", ASK, fields={"minimum": 3, "tries": 1}, next="Bye", maximum_tries="Bye", invalid="W").message(
            "W", WRONG, next="Bye"
        ).hang_up("Bye")
    )  # fmt: skip
    caller.presses("1#")
    assert caller.left() == ("invalid", "invalid")
    assert caller.step == "W"


def test_a_value_that_fails_the_check_is_asked_for_again_after_the_sound_for_it():
    caller = kari(check_digit="luhn", wrong=WRONG)
    caller.presses(CARD[:-1] + "2")
    assert caller.presses("#") == [f.PlayPrompts((WRONG, ASK), barge_in=True)]
    caller.presses(CARD + "#")
    assert caller.said == [reads_back(CARD)]


@pytest.mark.parametrize(
    ("fields", "value", "right"),
    [
        ({"minimum": 4, "maximum": 4}, "1234", True),
        ({"minimum": 4, "maximum": 6}, "123", False),
        ({"minimum": 4, "maximum": 6}, "123456", True),
        ({"pattern": "4[0-9]{7}"}, "41234567", True),
        ({"pattern": "4[0-9]{7}"}, "412345678", False),
        ({"pattern": "[0-9]*5"}, "2225", True),
        ({"check_digit": "mod11"}, "974760673", True),
        ({"check_digit": "mod11"}, "974760674", False),
        ({"pattern": "(1+)+2"}, "1" * 20, False),  # for a matcher that goes back, this is a million years
    ],
)
def test_checks(fields, value, right):
    """IV-04: length, pattern, Luhn, MOD11."""
    caller = kari(confirm=False, **fields)
    caller.presses(value)
    caller.waits(3)
    assert (caller.step == "Thanks") is right


def test_a_sensitive_value_is_shown_nowhere_and_known_to_later_steps():
    """IV-04: masked. Facts, the path on agents' screens, and what is copied from it."""
    caller = Caller(
        FlowBuilder("x")
        .collect("Card", ASK, "card", fields={"sensitive": True, "confirm": False}, next="Copy")
        .set_variable("Copy", "note", "card {card}", next="Ask")
        .condition("Ask", ({"variable": "card", "operator": "is", "value": CARD}, "Right"), otherwise="Bye")
        .message("Right", SORRY, next="Bye")
        .hang_up("Bye")
    )
    caller.presses(CARD + "#")
    assert caller.step == "Right"
    facts = [fact for fact in caller.said if isinstance(fact, StepLeft)]
    assert [fact.value for fact in facts] == [MASK, MASK, ""]
    shown = msgspec.json.encode([caller.said, caller.run.path]).decode()
    assert CARD not in shown
    assert caller.run.variables["note"] == f"card {CARD}"
    assert caller.run.secret == {"card", "note"}


def test_a_variable_that_is_set_to_something_open_is_secret_no_more():
    caller = Caller(
        FlowBuilder("x")
        .collect("Card", ASK, "card", fields={"sensitive": True, "confirm": False}, next="Forget")
        .set_variable("Forget", "card", "gone", next="Wait")
        .message("Wait", SORRY, next="Bye")
        .hang_up("Bye")
    )
    caller.presses("1234#")
    assert caller.run.secret == frozenset()
    assert caller.run.variables == {"card": "gone"}


def test_what_a_caller_has_typed_so_far_is_not_in_what_is_left_of_the_run_when_he_hangs_up():
    caller = kari()
    caller.presses("123")
    assert caller.run.typed == "123"
    caller.hears(f.CallerGone())
    assert "123" not in repr(caller.run).replace("call-1", "")


def test_a_sound_that_cannot_be_played_is_a_fault():
    """IV-09."""
    caller = kari()
    caller.hears(f.Played(error="gone"))
    assert caller.left() == ("default", "error")


def test_its_defaults_are_those_of_the_specification():
    """IV-04."""
    step = Collect(id=1, name="x")
    assert (step.digit_timeout, step.tries, step.confirm) == (3.0, 3, True)
