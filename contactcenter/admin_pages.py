"""Django's admin, whose pages are looked for by who shows them.

Finding them imports every form and view, which is two fifths of a process's start. Of our processes only `web` shows pages; the others
are back sooner without them after they were killed.
"""

from typing import Any

from django.contrib import admin
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks
from django.core.checks import CheckMessage


class AdminOnDemand(SimpleAdminConfig):
    """urls.py finds the pages, or else `manage.py check`."""

    def ready(self) -> None:
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(_check_pages, checks.Tags.admin)


def _check_pages(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    admin.autodiscover()
    return check_admin_app(app_configs, **kwargs)
