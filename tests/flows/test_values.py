"""IV-04: check digits. The examples are the operators' and authorities' own, or made by hand beside the rule."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.flows import values


@pytest.mark.parametrize("number", ["4111111111111111", "79927398713", "18"])
def test_luhn_takes_what_is_right(number):
    assert values.luhn(number)


@pytest.mark.parametrize("number", ["974760673", "12345678911", "86011117947"])
def test_mod11_takes_organisation_and_account_numbers(number):
    assert values.mod11(number)


@pytest.mark.parametrize("number", ["01010750160", "12128512345"[:9] + "", "", "0"])
def test_what_is_too_short_or_wrong_is_no_identity_number(number):
    right = number == "01010750160"
    assert values.national_identity(number) is right


@given(st.from_regex(r"[0-9]{2,20}", fullmatch=True), st.data())
def test_one_wrong_digit_is_always_found(digits, data):
    place = data.draw(st.integers(0, len(digits) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != digits[place]]))
    changed = digits[:place] + other + digits[place + 1 :]
    for check in (values.luhn, values.mod11):
        assert not (check(digits) and check(changed))


def test_a_pattern_cannot_stop_the_switch():
    began = time.thread_time()
    assert not values.matches("(([0-9]+)+)+x", "1" * 500)
    assert time.thread_time() - began < 0.1


@pytest.mark.parametrize("pattern", ["(", "(?=1)", r"(1)\1", "1{5000}", "1" * 300])
def test_what_cannot_be_used_is_told(pattern):
    assert values.problem_of(pattern)


def test_a_pattern_is_for_the_whole_value():
    assert values.problem_of("4[0-9]{3}") == ""
    assert values.matches("4[0-9]{3}", "4123")
    assert not values.matches("4[0-9]{3}", "41234")
