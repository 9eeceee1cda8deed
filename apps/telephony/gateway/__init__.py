"""The gateway between browsers and cells."""

GUARD = "guard"  # the one command of the media engine that rtp.io does not know: its process does that itself, see rtpio.py
