from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CallbacksConfig(AppConfig):
    name = "apps.callbacks"
    verbose_name = _("Operation")  # its group in the menu

    def ready(self) -> None:
        from apps.callbacks import services
        from apps.events import readers

        readers.register("callbacks", services.read, follows="calls")
