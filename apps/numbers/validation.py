"""What people type as sources, hosts and numbers, made right or refused in words."""

import ipaddress
import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.numbers import lists
from contactcenter.lib import phone

LINES_NAMED = 10
SHORT = re.compile(r"\d{2,8}")
USER = re.compile(r"[A-Za-z0-9_.!~*'()&=+$,;?/-]+")
HOST = re.compile(r"(?P<host>[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(:(?P<port>\d{1,5}))?")


def sources(text: str) -> str:
    """One address or network per line, in canonical form. Errors: `ValidationError` names the line that is none."""
    lines = [line.strip() for line in re.split(r"[\n,;]", text) if line.strip()]
    if not lines:
        raise ValidationError(_("At least one address is needed: without it nobody can call in."))
    return "\n".join(dict.fromkeys(_network(line) for line in lines))


def _network(line: str) -> str:
    try:
        network = ipaddress.ip_network(line, strict=False)
    except ValueError:
        raise ValidationError(_("“%(line)s” is neither an IP address nor a network such as 192.0.2.0/24."), params={"line": line}) from None
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def host(text: str) -> str:
    """Host or host:port; empty stays empty."""
    text = text.strip()
    found = HOST.fullmatch(text)
    if text and (not found or int(found["port"] or 1) not in range(1, 65536)):
        raise ValidationError(_("Write a host name or address, with a port if it is not 5060: sip.example.net:5080."))
    return text


def user(text: str) -> str:
    """The user part of a SIP address (RFC 3261 25.1, without escapes); empty stays empty."""
    text = text.strip()
    if text and not USER.fullmatch(text):
        raise ValidationError(_("Write the name alone, without sip:, without @ and without spaces."))
    return text


def number(text: str, *, short: bool) -> str:
    """E.164; with `short` also 2 to 8 digits as they are dialled. Errors: `ValidationError`."""
    digits = re.sub(r"[ .()-]", "", text)
    if short and SHORT.fullmatch(digits):
        return digits
    normal = phone.e164(text, settings.COUNTRY)
    if normal is None:
        raise ValidationError(_("This is not a telephone number. Write it with country code, for instance +4722334455."))
    return normal


def number_list(text: str) -> str:
    """One entry per line, as they are kept. Errors: `ValidationError` names the first lines that are no numbers."""
    entries, refused = lists.read(text, settings.COUNTRY)
    if refused:
        raise ValidationError([_not_a_number(*line) for line in refused[:LINES_NAMED]])
    if len(entries) > lists.MOST:
        raise ValidationError(
            _("A list may have %(most)d entries; this one has %(number)d."), params={"most": lists.MOST, "number": len(entries)}
        )
    return "\n".join(entries)


def _not_a_number(number: int, line: str) -> ValidationError:
    text = _("Line %(number)d: “%(line)s” is no telephone number. Write it with country code, or its beginning and a star: +4790*.")
    return ValidationError(text, params={"number": number, "line": line[:40]})
