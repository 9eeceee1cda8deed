"""What workers do for sounds."""

from apps.audio import conversions


def convert(conversion_id: int) -> None:
    conversions.work(conversion_id)
