"""How fast contacts are found among 100,000, imported and exported, on SQLite and on PostgreSQL. Prints JSON lines.

python -m benchmarks.directory          both: it starts itself once more under bin/with-postgres
"""

import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import redis

from benchmarks.figures import tell
from contactcenter.lib import bus

ROOT = Path(__file__).resolve().parent.parent
CONTACTS, SEARCHES, ROWS = 100_000, 600, 10_000
FIRST = [
    "Kari", "Ola", "Anne", "Per", "Inger", "Jan", "Marit", "Bjørn", "Åse", "Kristian",
    "Nora", "Emil", "Ingrid", "Lars", "Solveig", "Håkon", "Sigrid", "Øystein", "Astrid", "Magnus",
]  # fmt: skip
LAST = [
    "Hansen", "Johansen", "Olsen", "Larsen", "Andersen", "Nordmann", "Berg", "Haugen", "Dahl", "Lund",
    "Moen", "Strand", "Solberg", "Bakken", "Ås", "Eide", "Lie", "Vik", "Øye", "Nygård",
]  # fmt: skip
TAGS = ["customer", "supplier", "municipality", "press", "oslo", "bergen", "trondheim", "vip"]
HARDEST = "customer supplier"  # two words of tens of thousands of contacts each, that hardly anybody has both


def contacts() -> Iterator[tuple[str, str, str, list[str]]]:
    """Name, company, tags, numbers. Every name is borne by many, as in a country."""
    chance = random.Random(7)
    for number in range(CONTACTS):
        name = f"{chance.choice(FIRST)} {chance.choice(LAST)}{chance.choice(['', 'sen', 'stad', 'vik', 'rud'])}"
        tags = f"{TAGS[number % 2]}, {chance.choice(TAGS[2:])}" if number % 5000 else "customer, supplier"
        numbers = [f"+47{40_000_000 + 7 * number}", f"+47{22_000_000 + 3 * number}"]
        yield name, f"{chance.choice(LAST)} {chance.choice(['Bygg', 'Elektro', 'Regnskap', 'Transport'])} AS", tags, numbers


def fill() -> float:
    """Seconds."""
    from apps.directory import services
    from apps.directory.models import Contact, ContactNumber

    began = time.perf_counter()
    rows = list(contacts())
    for start in range(0, CONTACTS, 5000):
        part = rows[start : start + 5000]
        made = Contact.objects.bulk_create(Contact(name=name, company=company, tags=tags) for name, company, tags, _ in part)
        ContactNumber.objects.bulk_create(
            ContactNumber(contact=contact, number=number) for contact, row in zip(made, part, strict=True) for number in row[3]
        )
        services.index(contact.pk for contact in made)
    return time.perf_counter() - began


def typed() -> Iterator[str]:
    """What people type, letter by letter: names, a company with a name, a tag with a name, numbers in several spellings."""
    chance = random.Random(8)
    while True:
        name = f"{chance.choice(FIRST)} {chance.choice(LAST)}"
        number = str(40_000_000 + 7 * chance.randrange(CONTACTS))
        spelled = chance.choice([number, f"+47 {number[:3]} {number[3:5]} {number[5:]}", f"0047{number}"])
        whole = chance.choice([name, name.lower(), f"{chance.choice(LAST)} bygg", f"{chance.choice(TAGS)} {name}", spelled])
        yield from (whole[:length] for length in range(1, len(whole) + 1))


def searching(database: str) -> None:
    from apps.directory import services

    took = []
    searches = typed()
    for _ in range(SEARCHES):
        text = next(searches)
        began = time.perf_counter()
        services.find(text)
        took.append(1000 * (time.perf_counter() - began))
    took.sort()
    tell(f"directory: search among 100,000, {database}, median of {SEARCHES}", took[SEARCHES // 2], "ms", 100)
    tell(f"directory: search among 100,000, {database}, 99th percentile", took[int(0.99 * SEARCHES)], "ms", 100)
    tell(f"directory: search among 100,000, {database}, slowest", took[-1], "ms", 100)
    began = time.perf_counter()
    services.find(HARDEST)
    tell(f"directory: two frequent words that few have both, {database}", 1000 * (time.perf_counter() - began), "ms", 100)


def importing(database: str) -> None:
    """10,000 rows among 100,000 contacts: 8,000 new ones, 1,000 changed, 1,000 as they are; half of those by reference, half by name."""
    from apps.directory import imports, sheet
    from apps.directory.models import Contact, ContactImport

    imports.wake = lambda import_id: None  # the work is done here
    bus.client = no_redis
    known = list(Contact.objects.order_by("pk")[:ROWS])
    for place, contact in enumerate(known[: ROWS // 5]):
        contact.name = f"{contact.name} {place}"  # so that names are different
    Contact.objects.bulk_update(known[: ROWS // 5], ["name"], batch_size=500)
    rows = [[f"new-{row}", f"New {row}", "Ny AS", f"9{row:07}", f"2{row:07}", "new"] for row in range(ROWS * 4 // 5)]
    for place, contact in enumerate(known[: ROWS // 5]):
        tags = "changed" if place < ROWS // 10 else contact.tags
        mobile, work = (number.number for number in contact.numbers.all())
        rows.append([contact.reference if place % 2 else "", contact.name, contact.company, f"{mobile}, {work}", "", tags])
    data = sheet.lines([["Reference", "Name", "Company", "Mobile", "Work", "Tags"], *rows], "nb").encode()
    row = imports.add(name="bench.csv", data=data)
    tell(f"directory: read and compare 10,000 rows, {database}", timed(lambda: imports.work(row.pk)), "s", 30)
    assert figures(row) == ("checked", ROWS * 4 // 5, ROWS // 10, ROWS // 10), figures(row)
    imports.confirm(row.pk)
    tell(f"directory: write them, all or nothing, {database}", timed(lambda: imports.work(row.pk)), "s", 30)
    assert figures(row)[0] == "done" and not ContactImport.objects.filter(state="importing").exists()
    tell(f"directory: export all contacts, {database}", timed(lambda: asyncio.run(exported())), "s", 60)


def figures(row: Any) -> tuple[str, int, int, int]:
    row.refresh_from_db()
    return row.state, row.new, row.changed, row.same


async def exported() -> None:
    from apps.directory import export
    from apps.directory.models import Contact

    size = 0
    async for part in export.response(Contact.objects.all()).streaming_content:
        size += len(part)
    assert size > 5_000_000


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def no_redis() -> Any:
    raise redis.RedisError


def measure(database: str) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    tell(f"directory: fill with 100,000 contacts, {database}", fill(), "s", 120)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # PostgreSQL does so by itself after a while
    searching(database)
    importing(database)


def main() -> None:
    os.environ["CC_LOG_LEVEL"] = "ERROR"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
    if sys.argv[1:] == ["postgresql"]:
        measure("PostgreSQL")
        return
    os.environ.pop("DATABASE_URL", None)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CC_VAR"] = folder
        measure("SQLite")
    subprocess.run(["bin/with-postgres", sys.executable, "-m", "benchmarks.directory", "postgresql"], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
