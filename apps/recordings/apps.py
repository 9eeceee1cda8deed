from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordingsConfig(AppConfig):
    name = "apps.recordings"
    verbose_name = _("Archive")  # its group in the menu

    def ready(self) -> None:
        from apps.events import readers
        from apps.recordings import reading, services

        readers.register("recordings", reading.read, follows="calls")
        readers.register_chore("recordings", services.sweep, seconds=30)
