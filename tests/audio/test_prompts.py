"""Numbers and digits as they are said in both languages (AU-05)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.audio import prompts

TEXTS = {row.key: row.texts for row in prompts.system_sounds()}


def said(keys: tuple[str, ...], language: str) -> str:
    return " ".join(TEXTS[key][language] for key in keys)


@pytest.mark.parametrize(
    ("number", "nb", "en"),
    [
        (0, "null", "zero"),
        (1, "en", "one"),
        (7, "sju", "seven"),
        (21, "tjueen", "twenty-one"),
        (45, "førtifem", "forty-five"),
        (80, "åtti", "eighty"),
        (100, "ett hundre", "one hundred"),
        (101, "ett hundre og en", "one hundred and one"),
        (345, "tre hundre og førtifem", "three hundred and forty-five"),
        (999, "ni hundre og nittini", "nine hundred and ninety-nine"),
        (1000, "ett tusen", "one thousand"),
        (1024, "ett tusen og tjuefire", "one thousand and twenty-four"),
        (2345, "to tusen tre hundre og førtifem", "two thousand three hundred and forty-five"),
        (120_000, "ett hundre og tjue tusen", "one hundred and twenty thousand"),
        (1_000_001, "en null null null null null en", "one zero zero zero zero zero one"),
    ],
)
def test_numbers(number, nb, en):
    """AU-05."""
    assert said(prompts.say_number(number, "nb"), "nb") == nb
    assert said(prompts.say_number(number, "en"), "en") == en


def test_digits():
    """AU-05, IV-04: read back digit by digit."""
    assert prompts.spell_digits("48 21*#", "nb") == ("digit_4", "digit_8", "digit_2", "digit_1", "digit_star", "digit_hash")
    assert said(prompts.spell_digits("48-21", "nb"), "nb") == "fire åtte to en"
    assert prompts.spell_digits("٣²", "nb") == ()


@pytest.mark.parametrize(
    ("time", "nb", "en"),
    [
        ("09:00", "klokken ni", "nine o'clock"),
        ("9:05", "klokken ni null fem", "nine zero five"),
        ("1430", "klokken fjorten tretti", "fourteen thirty"),
        ("00:15", "klokken null femten", "zero fifteen"),
    ],
)
def test_times(time, nb, en):
    """AU-05."""
    assert said(prompts.say_time(time, "nb"), "nb") == nb
    assert said(prompts.say_time(time, "en"), "en") == en


def test_what_is_no_number_or_time_is_said_digit_by_digit():
    assert prompts.say("24:00", "time", "nb") == prompts.spell_digits("2400", "nb")
    assert prompts.say("+47 22", "number", "nb") == prompts.spell_digits("4722", "nb")
    assert prompts.say("345", "number", "nb") == prompts.say_number(345, "nb")
    assert prompts.say("0930", "time", "nb") == prompts.say_time("09:30", "nb")
    with pytest.raises(ValueError, match="25:00"):
        prompts.say_time("25:00", "nb")


def test_places_in_a_queue():
    assert said(prompts.say_position(1, "nb"), "nb") == "Du er den neste i køen."
    assert said(prompts.say_position(12, "en"), "en") == "You are number twelve in the queue."


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "under ett minutt."), (59, "under ett minutt."), (60, "ett minutt."), (61, "to minutter."), (600, "ti minutter.")],
)
def test_waiting_times_are_rounded_up(seconds, text):
    assert said(prompts.say_wait(seconds, "nb"), "nb") == f"Ventetiden er omtrent {text}"


@given(st.integers(min_value=0, max_value=10**9), st.sampled_from(prompts.LANGUAGES))
def test_every_number_has_its_sounds(number, language):
    assert all(key in TEXTS for key in (*prompts.say_number(number, language), *prompts.spell_digits(str(number), language)))


def test_below_zero_is_an_error():
    for say in (prompts.say_number, prompts.say_position):
        with pytest.raises(ValueError, match="-1"):
            say(-1, "nb")
