"""Whether what a caller typed can be right: check digits and patterns. PURE.

Patterns are RE2's, which match in a time that grows with the text alone: no pattern can keep the switch from its other calls.
"""

import re2

LONGEST_PATTERN = 200
_IDENTITY = ((3, 7, 6, 1, 8, 9, 4, 5, 2, 1), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1))  # weights of K1 and K2, the check digit's last


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1: cards, Norwegian KID with MOD10."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return len(digits) > 1 and sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def mod11(digits: str) -> bool:
    """Weights 2 to 7 from the right: Norwegian account numbers (11 digits) and organisation numbers (9 digits)."""
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(digits[:-1])))
    return len(digits) > 1 and (total + int(digits[-1])) % 11 == 0


def national_identity(digits: str) -> bool:
    """K1 and K2 of a Norwegian national identity number or D-number. Those that will be given from 2032 on have another K1."""
    return len(digits) == 11 and all(
        sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % 11 == 0 for weights in _IDENTITY
    )


CHECKS = {"luhn": luhn, "mod11": mod11, "national_identity": national_identity}


def matches(pattern: str, text: str) -> bool:
    """The whole of `text`. Errors: `re2.error` where `problem_of` finds one."""
    return re2.fullmatch(pattern, text) is not None


def problem_of(pattern: str) -> str:
    """Why it is no pattern, in RE2's words; empty: it is one."""
    quiet = re2.Options()
    quiet.log_errors = False
    try:
        re2.compile(pattern, quiet)
    except re2.error as error:
        cause = error.args[0] if error.args else "?"
        return cause.decode(errors="replace") if isinstance(cause, bytes) else str(cause)
    return "" if len(pattern) <= LONGEST_PATTERN else "too long"
