"""The picture and the table of docs/presence.md, made from presence.TABLE. PURE.

`python -m apps.accounts.presence_picture > docs/presence.md`
"""

import re
import sys

from apps.accounts.presence import INPUTS, STATUSES, TABLE

HEAD = """# An agent's presence

Made from the table in `apps/accounts/presence/machine.py` by `python -m apps.accounts.presence_picture > docs/presence.md`; a test
says whether this page is up to date. A pair of status and input that is not here is refused (`WrongState`). *Pending*
wishes (a pause or a log-off chosen in a call) come true when the call and its wrap-up are over, so several inputs lead to
pause or logged off as well.
"""


def words(name: str) -> str:
    """`OfferAnswered` -> `offer answered`; `wrap_up` -> `wrap up`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").lower()


def arrows() -> list[tuple[str, str, str]]:
    """(from, to, inputs) of every change of status, in the order of the table."""
    found: dict[tuple[str, str], list[str]] = {}
    for (status, kind), transition in TABLE.items():
        for target in transition.to:
            if target != status:
                found.setdefault((status, target), []).append(words(kind.__name__))
    return [(source, target, ", ".join(inputs)) for (source, target), inputs in found.items()]


def mermaid() -> str:
    lines = ["stateDiagram-v2", "    [*] --> logged_off"]
    lines += [f"    {source} --> {target}: {inputs}" for source, target, inputs in arrows()]
    return "\n".join(lines)


def table() -> str:
    lines = ["| input | " + " | ".join(words(status) for status in STATUSES) + " |", "|---" * (len(STATUSES) + 1) + "|"]
    for kind in INPUTS:
        cells = (TABLE.get((status, kind)) for status in STATUSES)
        lines.append(f"| {words(kind.__name__)} | " + " | ".join(", ".join(map(words, cell.to)) if cell else "–" for cell in cells) + " |")
    return "\n".join(lines)


def document() -> str:
    return f"{HEAD}\n```mermaid\n{mermaid()}\n```\n\nWhere each input leads (–: refused):\n\n{table()}\n"


if __name__ == "__main__":
    sys.stdout.write(document())
