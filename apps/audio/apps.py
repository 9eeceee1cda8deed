from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AudioConfig(AppConfig):
    name = "apps.audio"
    verbose_name = _("Audio")  # its group in the menu

    def ready(self) -> None:
        from apps.audio import conversions
        from apps.events import readers

        readers.register_chore("sounds", conversions.sweep, seconds=10)
