from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NumbersConfig(AppConfig):
    name = "apps.numbers"
    verbose_name = _("Numbers and trunks")
