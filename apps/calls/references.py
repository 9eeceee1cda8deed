"""Which configured things facts refer to, and what these are called now."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model

from apps.audio.models import Prompt
from apps.calls.models import Call
from apps.events.vocabulary import CallArrived, Entry, OfferMade, PromptChosen, Towards

# Apps above this one are reached through the foreign keys: their modules must not be imported here.
_COLUMNS = ("access_number", "trunk", "flow_version", "queue", "agent", "disposition")
_NAMED = (*_COLUMNS, "prompt")  # fields of facts that name such a row
_MODELS: dict[str, Any] = {name: Call._meta.get_field(name).related_model for name in _COLUMNS} | {"prompt": Prompt}
_MODELS["flow"] = _MODELS["flow_version"]._meta.get_field("flow").related_model


class References:
    """The rows that a batch of facts names, read with one query per kind."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        wanted: dict[str, set[int]] = {}
        for entry in entries:
            for kind, row_id in mentioned(entry):
                wanted.setdefault(kind, set()).add(row_id)
        self.rows: dict[str, dict[int, Model]] = {kind: _rows(kind, ids) for kind, ids in wanted.items()}

    def known(self, kind: str, row_id: int | None) -> int | None:
        """`row_id` if that row is there: configuration may be gone before its facts are read."""
        return row_id if row_id in self.rows.get(kind, {}) else None

    def names(self, entry: Entry) -> dict[str, str]:
        """Such as "agent:17" -> "Anna Berg", for all that `entry` mentions and is there."""
        return {f"{kind}:{row_id}": str(self.rows[kind][row_id]) for kind, row_id in mentioned(entry) if row_id in self.rows.get(kind, {})}


def mentioned(entry: Entry) -> list[tuple[str, int]]:
    """(kind, id) of what a fact names."""
    found = [(kind, row_id) for kind in _NAMED if isinstance(row_id := getattr(entry.event, kind, None), int)]
    if isinstance(entry.event, OfferMade):
        found += [("agent", int(one.id)) for one in entry.event.considered if one.id.isdecimal() and len(one.id) < 18]
    if isinstance(entry.event, Towards) and entry.event.kind != "number":
        found.append((entry.event.kind, entry.event.target))
    if isinstance(entry.event, PromptChosen | CallArrived) and entry.event.by is not None:
        found.append(("agent", entry.event.by))
    return found


def _rows(kind: str, ids: set[int]) -> dict[int, Any]:
    rows = _MODELS[kind]._default_manager
    return (rows.select_related("flow") if kind == "flow_version" else rows).in_bulk(list(ids))
