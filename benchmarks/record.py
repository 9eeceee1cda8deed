"""How soon the desk has an agent's day and a customer's calls, of 1,000,000 calls, on SQLite and on PostgreSQL. Prints JSON lines.

python -m benchmarks.record          both: it starts itself once more under bin/with-postgres
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

from benchmarks.figures import tell

ROOT = Path(__file__).resolve().parent.parent
CALLS, AGENTS, CUSTOMERS, ASKED = 1_000_000, 100, 50_000, 100
A_DAY = 200  # calls of each agent: as long as a day can be shown
# One every 4.3 s until now, 50 days; each with the customer's leg, that of one who did not answer, and that of the agent who talked.
FILL = """
INSERT INTO calls_call (id, started_at, answered_at, ended_at, caller, caller_name, dialled, forwarded_from, waited, talked, holds, held,
  consults, transferred, cause, test, kind, last_seq, agent_id)
WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {most})
SELECT 'c' || n, {at}, {at}, {at}, '+47' || (22000000 + n % {customers}), '',
  '+4780012345', '', 9, 90, 0, 0, 0, {no}, 'caller_hung_up', {no},
  'inbound', n, {first} + n % {agents} FROM numbers
"""
LEG = """
INSERT INTO calls_leg (id, role, number, started_at, connected_at, ended_at, received, lost, jitter_ms, rtt_ms, sent, sent_lost,
  sent_jitter_ms, agent_id, call_id, talked)
SELECT id || '-{leg}', '{role}', '', started_at, started_at, ended_at, 0, 0, 0, 0, 0, 0, 0, {agent}, id, {talked} FROM calls_call
"""


def fill(first: int) -> None:
    """`first`: id of the first agent. The newest 20,000 calls, 200 of each agent, are of today."""
    from django.db import connection
    from django.utils import timezone

    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    yesterday = CALLS - AGENTS * A_DAY  # number of the first call of today
    sqlite = connection.vendor == "sqlite"
    seconds = f"(CASE WHEN n < {yesterday} THEN (n - {yesterday}) * 4.3 ELSE (n - {yesterday}) * 0.001 END)"
    base = midnight.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    at = f"timestamptz '{base}+00' + {seconds} * interval '1 s'"
    if sqlite:
        at = f"strftime('%Y-%m-%d %H:%M:%f', '{base}', {seconds} || ' seconds')"
    values = {"most": CALLS - 1, "customers": CUSTOMERS, "agents": AGENTS, "first": first, "at": at, "no": 0 if sqlite else "false"}
    with connection.cursor() as cursor:
        cursor.execute(FILL.format(**values))
        cursor.execute(LEG.format(leg=1, role="caller", agent="NULL", talked="NULL"))
        cursor.execute(LEG.format(leg=2, role="agent", agent=f"{first} + (agent_id - {first} + 1) % {AGENTS}", talked="NULL"))
        cursor.execute(LEG.format(leg=3, role="agent", agent="agent_id", talked="talked"))
        cursor.execute("ANALYZE")  # PostgreSQL does so by itself after a while


def asking(what: str, ask: Callable[[int], object], database: str) -> None:
    took = []
    for number in range(ASKED):
        began = time.perf_counter()
        ask(number)
        took.append(1000 * (time.perf_counter() - began))
    took.sort()
    tell(f"record: {what} of 1,000,000 calls, {database}, median of {ASKED}", took[ASKED // 2], "ms", 50)
    tell(f"record: {what} of 1,000,000 calls, {database}, slowest", took[-1], "ms", 100)


def measure(database: str) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from apps.accounts.models import Team, User
    from apps.live import record

    team = Team.objects.bulk_create([Team(name="Service")])[0]
    agents = User.objects.bulk_create(User(username=f"agent{number}", team=team) for number in range(AGENTS))
    fill(agents[0].pk)
    day = record.my_day(agents[0])
    assert (day["calls"], len(day["last"])) == (A_DAY, A_DAY), (day["calls"], len(day["last"]))
    earlier = record.earlier_calls("+4722000007")
    assert (earlier["count"], len(earlier["last"])) == (CALLS // CUSTOMERS, record.EARLIER_CALLS)
    asking("an agent's day with 200", lambda number: record.my_day(agents[number % AGENTS]), database)
    asking("a customer and his earlier calls", lambda number: record.customer(f"+47{22_000_000 + 37 * number}"), database)


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
    subprocess.run(["bin/with-postgres", sys.executable, "-m", "benchmarks.record", "postgresql"], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
