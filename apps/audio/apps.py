from django.apps import AppConfig


class AudioConfig(AppConfig):
    name = "apps.audio"

    def ready(self) -> None:
        from apps.audio import conversions
        from apps.events import readers

        readers.register_chore("sounds", conversions.sweep, seconds=10)
