"""A draft as plain rows: what it is made of, what two states of it differ in, and how one becomes the other again.

A row is its columns by name, as the database has them; a state is {table: {id: row}}. Where the draft begins and where it
goes after a fault is one row more, under ENTRANCES.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from django.db import models

from apps.flows.models import PARTS, TABLES, Exit, FlowVersion, Step

Columns = dict[str, Any]
State = dict[str, dict[int, Columns]]
Side = Literal["before", "after"]
Changed = tuple[str, int, Columns | None, Columns | None]  # table, id, before, after; None: there is no such row

ENTRANCES = "entrances"


def read(version: int, step: int | None = None) -> State:
    """One query per table. `step`: only what belongs to that one, which is quicker where a flow is long."""
    tables = _tables() if step is None else _tables_of(step)
    state: State = {_name(table): _rows(table, version, step) for table in tables}
    state[ENTRANCES] = {version: dict(FlowVersion.objects.values("start_id", "default_exit_id").get(pk=version))}
    return state


def difference(before: State, after: State) -> list[Changed]:
    """In the order of the tables: steps come before what belongs to them."""
    return [
        (table, pk, old.get(pk), new.get(pk))
        for table, new in after.items()
        for old in (before[table],)
        for pk in dict.fromkeys((*old, *new))
        if old.get(pk) != new.get(pk)
    ]


def steps_in(changed: Iterable[Changed]) -> list[int]:
    """Steps that a change touched: their own rows, their parts', or their exits'."""
    own = {_name(table) for table in _tables() if issubclass(table, Step)}
    touched = set()
    for table, pk, before, after in changed:
        if table in own:
            touched.add(pk)
        elif table != ENTRANCES:
            touched |= {columns["step_id"] for columns in (before, after) if columns}
    return sorted(touched)


def restore(version: int, changed: list[Changed], side: Side) -> None:
    """Make the changed rows what they were on that side of the change, with the ids they had.

    What a row leans on outside of flows (a sound, a queue) may be gone meanwhile: then it is left empty, or the row left out.
    """
    wanted = {(table, pk): before if side == "before" else after for table, pk, before, after in changed}
    _remove(pk for (table, pk), columns in wanted.items() if table == _name(Step) and columns is None)
    for table in _tables():
        mine = {pk: columns for (name, pk), columns in wanted.items() if name == _name(table)}
        if mine:
            (_put_steps if issubclass(table, Step) else _put_parts)(table, {pk: row for pk, row in mine.items() if row}, list(mine))
    entrances = wanted.get((ENTRANCES, version))
    if entrances:
        FlowVersion.objects.filter(pk=version).update(**entrances)


def _tables() -> tuple[type[models.Model], ...]:
    return (Step, *TABLES.values(), *PARTS, Exit)


def _tables_of(step: int) -> tuple[type[models.Model], ...]:
    own = TABLES[Step.objects.values_list("kind", flat=True).get(pk=step)]
    return (Step, own, *(part for part in PARTS if part._meta.get_field("step").related_model is own), Exit)


def _name(table: type[models.Model]) -> str:
    return str(table._meta.model_name)


def _rows(table: type[models.Model], version: int, step: int | None) -> dict[int, Columns]:
    path, own = ("version", "pk") if issubclass(table, Step) else ("step__version", "step")
    wanted = {path: version} if step is None else {path: version, own: step}
    columns = [field.attname for field in table._meta.local_concrete_fields]
    return {row[table._meta.pk.attname]: row for row in table._default_manager.filter(**wanted).values(*columns)}


def _remove(steps: Iterator[int]) -> None:
    """Steps with all that belongs to them and leads to them."""
    Step.objects.filter(pk__in=list(steps)).delete()


def _put_steps(table: type[models.Model], rows: dict[int, Columns], touched: list[int]) -> None:
    there = set(table._default_manager.filter(pk__in=touched).values_list("pk", flat=True))
    for pk, columns in rows.items():
        own = _sound(table, columns)
        if own is None:
            continue
        if pk not in there:
            table(**own).save_base(raw=True, force_insert=True)  # the table's own columns only: a step's row in Step is put apart
        elif len(own) > 1:
            table._default_manager.filter(pk=pk).update(**{name: value for name, value in own.items() if name != table._meta.pk.attname})


def _put_parts(table: type[models.Model], rows: dict[int, Columns], touched: list[int]) -> None:
    """Anew, so that rows may have exchanged what is unique among them."""
    table._default_manager.filter(pk__in=touched).delete()
    sound = (_sound(table, columns) for columns in rows.values())
    table._default_manager.bulk_create(table(**own) for own in sound if own is not None)


def _sound(table: type[models.Model], columns: Columns) -> Columns | None:
    """The columns as the table takes them. None: the row cannot be any more."""
    own = {}
    for field in table._meta.local_concrete_fields:
        value = field.to_python(columns[field.attname])
        if value is not None and _is_gone(field, value):
            if not field.null:
                return None
            value = None
        own[field.attname] = value
    return own


def _is_gone(field: Any, value: Any) -> bool:
    target = field.related_model
    if target is None or target._meta.app_label == "flows":
        return False
    return not target._default_manager.filter(pk=value).exists()
