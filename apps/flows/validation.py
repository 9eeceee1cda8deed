"""What people type into the forms of steps, made right or refused in words."""

import re
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from apps.flows import values
from apps.flows.kinds.condition import EMPTY, IN_LIST, MATCHES
from apps.flows.variables import NAME, OF_EVERY_CALL
from contactcenter.lib import phone

if TYPE_CHECKING:
    from apps.flows.models import ConditionBranch

REASONS = (  # RE2's, which then says where
    gettext_noop("missing )"),
    gettext_noop("missing ]"),
    gettext_noop("unexpected )"),
    gettext_noop("no argument for repetition operator"),
    gettext_noop("bad repetition operator"),
    gettext_noop("invalid repetition size"),
    gettext_noop("invalid escape sequence"),
    gettext_noop("invalid character class range"),
    gettext_noop("invalid perl operator"),
    gettext_noop("too long"),
)


def variable(name: str) -> None:
    """A name of a variable. Errors: `ValidationError`."""
    if not NAME.fullmatch(name):
        raise ValidationError(_("A name begins with a small letter and has only small letters a–z, digits and _."))


def own_variable(name: str) -> None:
    """One that a step may set. Errors: `ValidationError`."""
    variable(name)
    if name in OF_EVERY_CALL:
        raise ValidationError(_("“%(name)s” belongs to the call itself and cannot be set."), params={"name": name})


def pattern(text: str) -> None:
    """Errors: `ValidationError`, with RE2's reason."""
    if reason := values.problem_of(text):
        words, colon, place = reason.partition(": ")
        told = gettext(words) if words in REASONS else words
        raise ValidationError(_("This is no pattern that can be used: %(reason)s."), params={"reason": f"{told}{colon}{place}"})


def branch(row: "ConditionBranch") -> None:
    """What the condition of a branch needs; telephone numbers as calls have them. Errors: `ValidationError`, at the field."""
    row.value = row.value.strip()
    if row.operator == IN_LIST and row.numbers is None:
        raise ValidationError({"numbers": _("Choose a number list.")})
    if row.operator not in (IN_LIST, EMPTY) and not row.value:
        raise ValidationError({"value": _("Write what to compare with.")})
    if row.operator == MATCHES:
        _at("value", row.value)
    if row.operator == "begins_with" and row.variable in OF_EVERY_CALL:
        row.value = re.sub(r"^00", "+", re.sub(r"[\s().-]", "", row.value))
    if row.operator in ("is", "one_of") and row.variable in OF_EVERY_CALL:
        row.value = ",".join(phone.e164(number, settings.COUNTRY) or number.strip() for number in row.value.split(","))


def _at(field: str, text: str) -> None:
    try:
        pattern(text)
    except ValidationError as refusal:
        raise ValidationError({field: refusal}) from None
