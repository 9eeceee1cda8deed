"""SIP codes in words that an administrator understands (RFC 3261 21 and later ones). PURE but for the language."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

OF_REGISTRATION = {
    401: gettext_noop("user name or password are wrong"),
    403: gettext_noop("the operator does not let this account in: it may be blocked, or our address is not known there"),
    404: gettext_noop("the operator does not know this account"),
    407: gettext_noop("user name or password are wrong"),
    408: gettext_noop("the operator does not answer"),
    423: gettext_noop("the operator wants a longer registration than we can give"),
    503: gettext_noop("the operator's registrar is out of service"),
}
OF_CALLS = {
    400: gettext_noop("could not be read"),
    401: gettext_noop("the password was not accepted"),
    403: gettext_noop("the operator forbids the call: caller id, number or address"),
    404: gettext_noop("no such number"),
    405: gettext_noop("this kind of request is not served"),
    407: gettext_noop("the password was not accepted"),
    408: gettext_noop("no answer in time"),
    410: gettext_noop("the number is no longer in use"),
    415: gettext_noop("this kind of content is not served"),
    480: gettext_noop("not to be reached now"),
    481: gettext_noop("the call was over already"),
    482: gettext_noop("the call came twice"),
    483: gettext_noop("the call went in circles"),
    484: gettext_noop("the number is not complete"),
    486: gettext_noop("busy"),
    488: gettext_noop("no codec in common"),
    500: gettext_noop("a fault at the far end"),
    502: gettext_noop("a fault beyond the far end"),
    503: gettext_noop("no room, or out of service"),
    504: gettext_noop("beyond the far end nobody answers"),
    600: gettext_noop("busy everywhere"),
    603: gettext_noop("declined"),
    604: gettext_noop("the number is nowhere"),
    606: gettext_noop("no codec in common"),
    607: gettext_noop("unwanted, says the person called"),
    608: gettext_noop("rejected as unwanted"),
}
OF_KINDS = {
    3: gettext_noop("wants us to ask elsewhere"),
    4: gettext_noop("refused"),
    5: gettext_noop("a fault at the far end"),
    6: gettext_noop("refused everywhere"),
}


def of_call(code: int) -> str:
    return _words(OF_CALLS, code)


def of_registration(code: int) -> str:
    return _words(OF_REGISTRATION, code)


def _words(words: dict[int, str], code: int) -> str:
    return _(words.get(code) or OF_KINDS.get(code // 100) or gettext_noop("an answer that nobody knows"))
