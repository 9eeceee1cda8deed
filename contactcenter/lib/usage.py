"""Where a row of configuration is used, found by the foreign keys that protect it from being deleted (AU-04, TM-04)."""

from collections.abc import Iterator

from django.db import models

LONGEST_CHAIN = 4  # playlist > piece; flow > version > step > sound


def where_used(row: models.Model) -> list[str]:
    """In words, the whole before its part: 'flow Main line › version 1 › message Greeting'."""
    return sorted(places_used(row))


def places_used(row: models.Model) -> dict[str, list[models.Model]]:
    """The same words -> the rows that they name, the part before its whole."""
    places = (_whole(user) if str(user) == str(row) else user for user in _users(row))  # a row of a list only stands for `row`
    chains = (_chain(place) for place in places)
    return {" › ".join(f"{part._meta.verbose_name} {part}" for part in reversed(chain)): chain for chain in chains}


def _users(row: models.Model) -> Iterator[models.Model]:
    for relation in row._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel) and relation.on_delete is models.PROTECT:
            yield from relation.related_model._default_manager.filter(**{relation.field.name: row})


def _chain(row: models.Model | None) -> list[models.Model]:
    """A row and what it is part of."""
    rows: list[models.Model] = []
    while row is not None and len(rows) < LONGEST_CHAIN:
        rows.append(row)
        row = _whole(row)
    return rows


def _whole(row: models.Model) -> models.Model | None:
    """What `row` is deleted with."""
    for field in row._meta.get_fields():
        if isinstance(field, models.ForeignKey) and field.remote_field.on_delete is models.CASCADE and not field.remote_field.parent_link:
            return getattr(row, field.name)
    return None
