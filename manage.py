#!/usr/bin/env python
import os
import sys

WITHOUT_MODELS = {"redis": "contactcenter", "frontdoor": "apps.telephony", "media": "apps.telephony", "gateway": "apps.telephony"}


def start_at_once(name: str) -> None:
    """A process that has no models does not load the apps: after a crash it is back a second earlier, and callers wait for it."""
    from django.conf import settings
    from django.core.management import load_command_class
    from django.utils.log import configure_logging

    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
    load_command_class(WITHOUT_MODELS[name], name).run_from_argv(sys.argv)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
    if len(sys.argv) > 1 and sys.argv[1] in WITHOUT_MODELS:
        start_at_once(sys.argv[1])
        return
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
