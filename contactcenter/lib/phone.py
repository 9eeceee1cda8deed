"""Telephone numbers: what was dialled or typed, as E.164 (ITU-T E.164) and as people write it. PURE."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")  # phonenumbers would read them off a keypad


def _parsed(text: str, country: str) -> phonenumbers.PhoneNumber | None:
    if not text or LETTERS & set(text.lower()) or len(text) > 40:
        return None
    try:
        number = phonenumbers.parse(text, country)
    except NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def e164(text: str, country: str) -> str | None:
    """'+4722334455' for '22 33 44 55', '004722334455', '4722334455' in `country` ('NO'). None: no number, or a short one (113)."""
    number = _parsed(text, country)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if number else None


def national(text: str, country: str) -> str:
    """As it is dialled inside `country` ('22334455'); numbers of other countries as E.164; what is no number, unchanged."""
    number = _parsed(text, country)
    if number is None:
        return text
    if phonenumbers.region_code_for_country_code(number.country_code or 0) != country.upper():
        return phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return phonenumbers.national_significant_number(number)


def pretty(text: str, country: str) -> str:
    """As people write it: '22 33 44 55' at home, '+46 8 123 456' abroad; what is no number, unchanged."""
    number = _parsed(text, country)
    if number is None:
        return text
    home = phonenumbers.region_code_for_country_code(number.country_code or 0) == country.upper()
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL)


def country_code(number: str) -> str:
    """'+47' of '+4722334455' (E.164); empty: it is no number."""
    parsed = _parsed(number, "ZZ")
    return f"+{parsed.country_code}" if parsed else ""


def is_premium(number: str) -> bool:
    """Whether its country's numbering plan bills `number` (E.164) as premium rate."""
    parsed = _parsed(number, "ZZ")
    return parsed is not None and phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.PREMIUM_RATE


def sent(number: str, country: str, written: str) -> str:
    """E.164 as an operator wants it. `written`: plus (+4722334455), digits (4722334455) or national (22334455; abroad 0046…)."""
    parsed = _parsed(number, country)
    if parsed is None or written == "plus":
        return number
    if written == "digits":
        return number.removeprefix("+")
    home = phonenumbers.region_code_for_country_code(parsed.country_code or 0) == country.upper()
    dialled = phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL)
    return _digits(dialled if home else phonenumbers.format_out_of_country_calling_number(parsed, country))


def received(text: str, country: str, written: str) -> str | None:
    """What an operator who writes like this sent, as E.164. None: no number, or a short one."""
    if written == "digits" and text.isascii() and text.isdigit() and (whole := e164(f"+{text}", country)):
        return whole
    return e164(text, country)


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii() and sign.isdigit())
