from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutboundConfig(AppConfig):
    name = "apps.outbound"
    verbose_name = _("Calls out")
