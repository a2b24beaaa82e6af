"""Field names and lookup paths, as a host declares them or as they are guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from personalization.engine.ids import is_key

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from django.db.models import Model


def value_at(instance: Any, path: str) -> Any:
    """What stands at the end of a path such as ``category__name``; None where it breaks off."""
    value = instance if path else None
    for name in path.split("__") if path else ():
        value = getattr(value, name, None)
    return value


def text_at(instance: Any, path: str) -> str:
    """The same as text, '' for nothing."""
    value = value_at(instance, path)
    return "" if value is None else str(value)


def field_names(model: type[Model]) -> set[str]:
    """The fields that a model has itself."""
    return {
        field.name for field in model._meta.get_fields() if not (field.auto_created and field.is_relation)
    }


def accessors(model: type[Model]) -> dict[str, Any]:
    """The names under which instances reach rows that point at them → the relation."""
    return {str(relation.get_accessor_name()): relation for relation in model._meta.related_objects}


def first_of(names: Iterable[str], existing: Container[str]) -> str:
    """The first name that exists; '' when none does."""
    return next((name for name in names if name in existing), "")


def fits(model: type[Model], field: str, key: str) -> bool:
    """Whether a key's text is exactly how the host would write a value of this column."""
    column: Any = model._meta.pk if field == "pk" else model._meta.get_field(field)
    try:
        return is_key(key) and str(column.to_python(key)) == key and column.get_prep_value(key) is not None
    except Exception:  # noqa: BLE001 - a field may raise anything for text that is not one of its values
        return False
