"""What workers do for recordings."""

from apps.recordings import services


def store_recording(recording_id: str) -> None:
    services.store(recording_id)
