"""The interpreter and the kinds run where there is no Django."""

import subprocess
import sys
from pathlib import Path
from pkgutil import iter_modules

FLOWS = Path(__file__).parents[2] / "apps" / "flows"

PURE = [
    "run",
    "graph",
    "interpreter",
    "check",
    "diagram",
    "kinds",
    "web.orders",
    *(f"kinds.{kind.name}" for kind in iter_modules([str(FLOWS / "kinds")])),
]


def test_the_pure_modules_import_nothing_but_the_vocabulary():
    script = (
        "import sys\n"
        + "".join(f"import apps.flows.{name}\n" for name in PURE)
        + "print([name for name in ('django', 'redis', 'channels', 'rq', 'pjsua2') if name in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", script], text=True).strip() == "[]"


def test_every_kind_has_a_table_and_every_table_a_kind():
    from apps.flows.kinds import KINDS
    from apps.flows.models import TABLES

    assert {name: table.KIND for name, table in TABLES.items()} == KINDS


def test_every_kind_says_in_the_palette_what_it_is_for():
    from apps.flows.kinds import KINDS
    from apps.flows.kinds.step import Step

    assert [name for name, kind in KINDS.items() if not kind.purpose or kind.icon == Step.icon] == []
