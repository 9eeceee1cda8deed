"""What people type as the beginning of a number, made right or refused in words."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

PREFIX = re.compile(r"\+([1-9]\d{0,14})?")


def prefix(text: str) -> str:
    """+ and the first digits, country code first; + alone stands for all numbers. Errors: `ValidationError`."""
    bare = re.sub(r"[\s().*-]", "", text)
    bare = f"+{bare[2:]}" if bare.startswith("00") else bare
    if not PREFIX.fullmatch(bare):
        raise ValidationError(_("Write + and the first digits, country code first, for instance +47829. + alone stands for all numbers."))
    return bare
