from django.apps import AppConfig


class DictationConfig(AppConfig):
    name = "apps.dictation"

    def ready(self) -> None:
        from apps.dictation import reading, services
        from apps.events import readers

        readers.register("dictation", reading.read)
        readers.register_chore("dictation", services.sweep, seconds=30)
