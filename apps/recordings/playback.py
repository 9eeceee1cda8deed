"""A recording's file for a player: opened, and whole (RC-11)."""

import hashlib

from django.core.files import File
from django.utils.translation import gettext as _

from apps.recordings.models import Recording, archive


class UnplayableError(Exception):
    """The text says to the listener what is wrong; `status` is that of HTTP."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def require_stored(recording: Recording) -> None:
    """Errors: UnplayableError."""
    if recording.state == "failed":
        reason = _(recording.fault) if recording.fault else ""
        raise UnplayableError(410, _("This recording could not be stored: %(fault)s") % {"fault": reason})
    if recording.state != "stored":
        raise UnplayableError(409, _("This recording is not in the archive yet. Try again in a moment."))


def opened(recording: Recording, *, verify: bool) -> File:
    """The file of a stored recording. `verify`: read it all and compare its SHA-256 first. Errors: UnplayableError."""
    try:
        file = archive().open(str(recording.file.name), "rb")
        if verify:
            _verify(recording, file)
    except FileNotFoundError as fault:
        raise UnplayableError(410, _("The file of this recording is missing in the archive. Tell your administrator.")) from fault
    except OSError as fault:
        raise UnplayableError(503, _("The archive cannot be reached now. Try again in a moment.")) from fault
    return file


def _verify(recording: Recording, file: File) -> None:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    if digest.hexdigest() != recording.sha256:
        file.close()
        text = _("The file of this recording was changed after it was stored, so it is not played. Tell your administrator.")
        raise UnplayableError(409, text)
