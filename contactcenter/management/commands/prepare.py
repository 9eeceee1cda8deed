"""All that an installation needs before its processes start; harmless when it has been done already."""

from pathlib import Path

import polib
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from apps.audio.services import install_system_prompts


def compile_messages(locale: Path) -> int:
    """Write the .mo beside every .po that is newer; returns how many. polib does it without gettext installed."""
    written = 0
    for source in locale.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            polib.pofile(str(source)).save_as_mofile(str(target))
            written += 1
    return written


class Command(BaseCommand):
    help = "Prepares the installation: translations, database, static files, and the demo company on the first run."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="leave the database empty")

    def handle(self, *args: object, no_demo: bool, **kwargs: object) -> None:
        self._step("Checking the settings", lambda: call_command("check"))
        self._step("Compiling translations", lambda: compile_messages(settings.BASE_DIR / "locale"))
        self._step("Preparing the database", lambda: call_command("migrate", verbosity=0, interactive=False))
        self._step("The system's own sounds, spoken by espeak-ng", install_system_prompts)
        self._step("Collecting static files", lambda: call_command("collectstatic", verbosity=0, interactive=False))
        if not no_demo:
            self._step("Demo company", lambda: call_command("demo", first_run_only=True))

    def _step(self, title: str, work) -> None:
        self.stdout.write(f"{title} ...")
        self.stdout.flush()
        work()
