"""What workers do for sounds that were recorded by telephone."""

from apps.dictation import services


def hand_in(recording: str) -> None:
    services.hand_in(recording)
