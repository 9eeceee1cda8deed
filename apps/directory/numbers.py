"""A number of a contact as somebody typed it. PURE."""

import re

from contactcenter.lib import phone

SHORT = re.compile(r"\d{2,8}")
SPACES = re.compile(r"[\s().\-/]")


def kept(text: str, country: str) -> str | None:
    """E.164, or a short number (1881) as it is dialled. None: it is neither."""
    bare = SPACES.sub("", text)
    return phone.e164(text, country) or (bare if SHORT.fullmatch(bare) else None)
