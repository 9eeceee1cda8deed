"""Words of the sound pages' scripts, in the reader's language."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.audio.transcode import LARGEST, REASONS


def page_words() -> dict[str, str]:
    """`{…}` is filled in by the script."""
    return {
        "waiting": _("Being converted …"),
        "progress": _("Being converted: {percent} %"),
        "ready": _("Ready: it is played from the next call on."),
        "large": str(REASONS["large"]),
        "largest": str(LARGEST),
        "lost": _("The server cannot be reached. This page goes on as soon as it is back."),
        "record": _("Record"),
        "again": _("Record again"),
        "stop": _("Stop"),
        "listen": _("Listen"),
        "discard": _("Discard"),
        "microphone": _("Microphone"),
        "system_microphone": _("The system's own choice"),
        "level": _("Level of the microphone"),
        "recording": _("Recording: {seconds} s"),
        "trim_begin": _("Begins at (s)"),
        "trim_end": _("Ends at (s)"),
        "kept": _("{seconds} s are kept. Save to make a new version of it."),
        "nothing_heard": _("Nothing was heard. Is the right microphone chosen, and is it switched on?"),
        "recorded_name": _("Recording"),
        "speak": pgettext("a text by the computer", "Listen"),
        "speaking": _("Being spoken …"),
        "microphone-denied": _("The browser does not let this page use the microphone. Permit it in the address bar, then try again."),
        "microphone-missing": _("There is no microphone. Plug one in, then try again."),
        "microphone-busy": _("The microphone cannot be used now. Does another program hold it?"),
        "insecure-page": _("Browsers give the microphone only to pages with https. Tell your administrator."),
        "unreadable": _("The recording cannot be read by this browser. Try again."),
    }


def several_words() -> dict[str, str]:
    return {
        "exists": _("exists"),
        "replace": _("Replace “{name}”"),
        "left": _("Left as it is: it was not ticked."),
        "sending": _("Being uploaded: {percent} %"),
        "sum": _("{ready} of {all} are ready."),
    }
