from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CallsConfig(AppConfig):
    name = "apps.calls"
    verbose_name = _("Operation")  # its group in the menu

    def ready(self) -> None:
        from apps.calls import services
        from apps.events import readers

        readers.register("calls", services.read)
