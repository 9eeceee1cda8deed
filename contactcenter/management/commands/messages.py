"""Keeps locale/nb in step with the texts in the code."""

from argparse import ArgumentParser
from pathlib import Path

import polib
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from contactcenter.messages import Message, collect

HEADER = {"Language": "nb", "MIME-Version": "1.0", "Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "8bit"}
HEADER |= {"Plural-Forms": "nplurals=2; plural=(n != 1);"}


def catalogue(path: Path) -> polib.POFile:
    """The file as it is; a new one where there is none."""
    if path.exists():
        return polib.pofile(str(path), wrapwidth=120)
    made = polib.POFile(wrapwidth=120)
    made.metadata = dict(HEADER)
    return made


def _key(entry: polib.POEntry) -> tuple[str, str]:
    return entry.msgctxt or "", entry.msgid


def merge(po: polib.POFile, messages: list[Message]) -> None:
    """Adds what is new, drops what is gone, and notes the files where each text stands (no line numbers: they change daily)."""
    entries = {_key(entry): entry for entry in po}
    kept: dict[tuple[str, str], polib.POEntry] = {}
    for message in messages:
        key = (message.context, message.text)
        entry = kept.get(key) or entries.get(key) or polib.POEntry(msgid=message.text, msgctxt=message.context or None)
        if key not in kept:
            entry.occurrences = []
        if message.plural:
            entry.msgid_plural = message.plural
            entry.msgstr_plural = entry.msgstr_plural or {0: "", 1: ""}
        place = (message.place.rpartition(":")[0], "")
        if place not in entry.occurrences:
            entry.occurrences.append(place)
        kept[key] = entry
    po[:] = kept.values()


def untranslated(po: polib.POFile) -> list[str]:
    """Texts without a translation, or with a doubtful one."""
    return [entry.msgid for entry in po if entry.fuzzy or not entry.translated()]


def unknown(po: polib.POFile, messages: list[Message]) -> list[str]:
    """Texts that the catalogue does not have."""
    known = {_key(entry) for entry in po if not entry.obsolete}
    return sorted({message.text for message in messages if (message.context, message.text) not in known})


class Command(BaseCommand):
    help = "Collects the texts to be translated into locale/nb; with --check only says whether any translation is missing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: object, check: bool, **kwargs: object) -> None:
        faults = 0
        for domain, messages in collect(settings.BASE_DIR).items():
            path = settings.BASE_DIR / "locale" / "nb" / "LC_MESSAGES" / f"{domain}.po"
            if messages or path.exists():
                faults += self._check(path, messages) if check else self._write(path, messages)
        if check and faults:
            raise CommandError(f"{faults} texts are not translated; run: make messages, and translate what is empty in locale/nb")

    def _write(self, path: Path, messages: list[Message]) -> int:
        po = catalogue(path)
        merge(po, messages)
        path.parent.mkdir(parents=True, exist_ok=True)
        po.save(str(path))
        missing = untranslated(po)
        self.stdout.write(f"{path.name}: {len(po)} texts, {len(missing)} without translation")
        return len(missing)

    def _check(self, path: Path, messages: list[Message]) -> int:
        po = catalogue(path)
        missing = [*unknown(po, messages), *untranslated(po)]
        for text in missing[:20]:
            self.stdout.write(f"{path.name}: not translated: {text!r}")
        return len(missing)
