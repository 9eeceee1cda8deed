"""The sounds that the system itself speaks, by key: digits, numbers, places in a queue, waiting times (AU-05). PURE.

    spell_digits("4821", "nb") -> ("digit_4", "digit_8", "digit_2", "digit_1")
    say_number(345, "nb")      -> ("number_300", "and", "number_45")
    say_time("09:30", "nb")    -> ("clock", "number_9", "number_30")

library.py tells which file a key is played from.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LANGUAGES = ("nb", "en")
GREATEST = 999_999
TIME = re.compile(r"([01]?\d|2[0-3]):?([0-5]\d)")
RINGING_TONE = "ringing_tone"
BEEP = "beep"
PAUSE = "pause"  # between two times of something that is said again and again

_UNITS = {
    "nb": ["null", "en", "to", "tre", "fire", "fem", "seks", "sju", "åtte", "ni"]
    + ["ti", "elleve", "tolv", "tretten", "fjorten", "femten", "seksten", "sytten", "atten", "nitten"],
    "en": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    + ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"],
}
_TENS = {
    "nb": ["tjue", "tretti", "førti", "femti", "seksti", "sytti", "åtti", "nitti"],
    "en": ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"],
}
_SIGNS = {"nb": {"star": "stjerne", "hash": "firkant"}, "en": {"star": "star", "hash": "hash"}}
_PHRASES = {
    "you_are_number": ("Du er nummer", "You are number"),
    "in_the_queue": ("i køen.", "in the queue."),
    "you_are_next": ("Du er den neste i køen.", "You are the next in the queue."),
    "estimated_wait": ("Ventetiden er omtrent", "The estimated waiting time is about"),
    "less_than_a_minute": ("under ett minutt.", "less than a minute."),
    "one_minute": ("ett minutt.", "one minute."),
    "minutes": ("minutter.", "minutes."),
    "and": ("og", "and"),
    "callback_to": ("Vi kan ringe deg opp på nummer", "We can call you back on the number"),
    "callback_choose": (
        "Trykk 1 for å bestille, 2 for å taste et annet nummer, eller stjerne hvis du ikke vil bli ringt opp.",
        "Press 1 to order this, 2 to enter another number, or star if you do not want to be called.",
    ),
    "callback_enter": (
        "Tast nummeret du vil bli ringt opp på, og avslutt med firkant.",
        "Enter the number that we shall call, and end with hash.",
    ),
    "record_after_tone": ("Snakk etter tonen, og avslutt med firkant.", "Speak after the tone, and end with hash."),
    "keep_or_again": (
        "Trykk 1 for å lagre, 2 for å høre opptaket, eller 3 for å spille inn på nytt.",
        "Press 1 to save, 2 to listen, or 3 to record again.",
    ),
    "code_enter": ("Tast din personlige kode, og avslutt med firkant.", "Enter your personal code, and end with hash."),
    "code_wrong": ("Koden er feil.", "The code is wrong."),
    "sound_enter": ("Tast nummeret på lyden, og avslutt med firkant.", "Enter the number of the sound, and end with hash."),
    "sound_unknown": ("Det finnes ingen lyd med dette nummeret.", "There is no sound with this number."),
    "star_for_another": ("Trykk stjerne for å velge en annen lyd.", "Press star to choose another sound."),
    "sound_saved": ("Lyden er lagret.", "The sound is saved."),
    "sound_not_saved": ("Ingenting ble lagret.", "Nothing was saved."),
    "another_sound": ("Trykk 1 for å spille inn en lyd til, eller legg på.", "Press 1 to record another sound, or hang up."),
    "thousand": ("tusen", "thousand"),
    "clock": ("klokken", "o'clock"),
    "take_call": (
        "Du har en samtale. Trykk 1 for å ta den, eller 2 for å avvise den.",
        "You have a call. Press 1 to take it, or 2 to refuse it.",
    ),
    "go_on_calling": (
        "Du ringer ut. Trykk 1 for å fortsette, eller 2 for å avbryte.",
        "You are calling out. Press 1 to go on, or 2 to cancel.",
    ),
    "you_have_entered": ("Du har tastet", "You have entered"),
    "confirm_or_again": (
        "Trykk firkant for å bekrefte, eller stjerne for å taste på nytt.",
        "Press hash to confirm, or star to enter it again.",
    ),
}
_KEYS_OF_SIGNS = {"*": "star", "#": "hash"}


@dataclass(frozen=True)
class SystemSound:
    """A sound that the system speaks: its text by language."""

    key: str
    name: str
    texts: dict[str, str]


def in_words(number: int, language: str) -> str:
    """0 to 99, whole hundreds, and 1000. Errors: ValueError."""
    units, tens = _UNITS[language], _TENS[language]
    if 0 <= number < 20:
        return units[number]
    if 20 <= number < 100:
        ten, unit = tens[number // 10 - 2], number % 10
        joint = "-" if language == "en" else ""
        return f"{ten}{joint}{units[unit]}" if unit else ten
    if 100 <= number <= 900 and number % 100 == 0:
        hundreds = units[number // 100] if language == "en" else {1: "ett"}.get(number // 100, units[number // 100])
        return f"{hundreds} {'hundred' if language == 'en' else 'hundre'}"
    if number == 1000:
        return "one thousand" if language == "en" else "ett tusen"
    raise ValueError(number)


def spell_digits(digits: str, language: str) -> tuple[str, ...]:
    """One key per digit, * or #; other signs (spaces, dashes) are left out."""
    return tuple(f"digit_{_KEYS_OF_SIGNS.get(sign, sign)}" for sign in digits if sign in "0123456789*#")


def say_number(number: int, language: str) -> tuple[str, ...]:
    """As it is said in both languages: two thousand three hundred and forty-five. Above 999,999 digit by digit.

    Errors: ValueError if negative.
    """
    if number < 0:
        raise ValueError(number)
    if number > GREATEST:
        return spell_digits(str(number), language)
    thousands, rest = divmod(number, 1000)
    if not thousands:
        return _say_below_thousand(rest)
    spoken = ("number_1000",) if thousands == 1 else (*_say_below_thousand(thousands), "thousand")
    if not rest:
        return spoken
    return (*spoken, "and", f"number_{rest}") if rest < 100 else (*spoken, *_say_below_thousand(rest))


def _say_below_thousand(number: int) -> tuple[str, ...]:
    hundreds, rest = number // 100 * 100, number % 100
    if not hundreds:
        return (f"number_{rest}",)
    return (f"number_{hundreds}", "and", f"number_{rest}") if rest else (f"number_{hundreds}",)


def say_time(time: str, language: str) -> tuple[str, ...]:
    """`time` as 9:30 or 0930: "klokken ni tretti", "nine thirty". Errors: ValueError if it is none."""
    found = TIME.fullmatch(time)
    if not found:
        raise ValueError(time)
    hour, minute = int(found[1]), int(found[2])
    minutes = () if not minute else (f"number_{minute}",) if minute > 9 else ("number_0", f"number_{minute}")
    if language == "nb":
        return ("clock", f"number_{hour}", *minutes)
    return (f"number_{hour}", *(minutes or ("clock",)))


def say(text: str, how: str, language: str) -> tuple[str, ...]:
    """`how`: digits, number or time. What is no number or time is said digit by digit."""
    if how == "time" and TIME.fullmatch(text):
        return say_time(text, language)
    if how == "number" and text.isdecimal() and len(text) <= len(str(GREATEST)):
        return say_number(int(text), language)
    return spell_digits(text, language)


def say_position(position: int, language: str) -> tuple[str, ...]:
    """Where somebody stands in a queue, from 1. Errors: ValueError below 1."""
    if position < 1:
        raise ValueError(position)
    return ("you_are_next",) if position == 1 else ("you_are_number", *say_number(position, language), "in_the_queue")


def say_wait(seconds: float, language: str) -> tuple[str, ...]:
    """An estimated waiting time, in whole minutes upwards."""
    minutes = -int(-seconds // 60)
    if seconds < 60:
        return ("estimated_wait", "less_than_a_minute")
    return ("estimated_wait", "one_minute") if minutes == 1 else ("estimated_wait", *say_number(minutes, language), "minutes")


def system_sounds() -> Iterator[SystemSound]:
    """All that is spoken; the tones (RINGING_TONE, BEEP, PAUSE) are not among them."""
    for digit in range(10):
        yield SystemSound(f"digit_{digit}", f"Digit {digit}", {language: in_words(digit, language) for language in LANGUAGES})
    for sign in ("star", "hash"):
        yield SystemSound(f"digit_{sign}", f"Digit {sign}", {language: _SIGNS[language][sign] for language in LANGUAGES})
    for number in [*range(100), *range(100, 1001, 100)]:
        yield SystemSound(f"number_{number}", f"Number {number}", {language: in_words(number, language) for language in LANGUAGES})
    for key, (nb, en) in _PHRASES.items():
        yield SystemSound(key, f"“{en.rstrip('.')}”", {"nb": nb, "en": en})
