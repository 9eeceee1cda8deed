from django.apps import AppConfig


class RecordingsConfig(AppConfig):
    name = "apps.recordings"

    def ready(self) -> None:
        from apps.events import readers
        from apps.recordings import reading, services

        readers.register("recordings", reading.read, follows="calls")
        readers.register_chore("recordings", services.sweep, seconds=30)
