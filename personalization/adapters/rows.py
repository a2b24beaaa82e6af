"""Rows that belong to another row: the lines of an order, what was given back of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model


@dataclass(frozen=True, slots=True)
class Rows:
    """``accessors``: the attributes that lead there, one after the other; none: the row itself. ``path``: how
    conditions name the same."""

    model: type[Model]
    accessors: tuple[str, ...] = ()
    path: str = ""

    def of(self, instance: Any) -> list[Any]:
        """The rows of one instance, the oldest first."""
        found = [instance]
        for accessor in self.accessors:
            found = [row for owner in found for row in getattr(owner, accessor).all()]
        return sorted(found, key=_key)


def rows_of(model: type[Model]) -> Iterator[Rows]:
    """All the several rows that a row of this model may have."""
    for field in model._meta.get_fields():
        if (field.one_to_many or field.many_to_many) and field.related_model:
            accessor = field.get_accessor_name() if field.auto_created else field.name  # type: ignore[union-attr]
            if accessor and not str(accessor).endswith("+"):
                yield Rows(field.related_model, (str(accessor),), field.name)


def find_rows(model: type[Model], path: str) -> Rows | None:
    """The rows at the end of a path of relations, each by its attribute or by its name in conditions."""
    found = Rows(model)
    for name in path.split("__"):
        step = next((each for each in rows_of(found.model) if name in (*each.accessors, each.path)), None)
        if step is None:
            return None
        names = "__".join(filter(None, (found.path, step.path)))
        found = Rows(step.model, (*found.accessors, *step.accessors), names)
    return found


def _key(row: Any) -> Any:
    return row.pk
