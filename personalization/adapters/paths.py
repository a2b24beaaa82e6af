"""Lookup paths such as ``category__name``: where they lead, and what stands at their end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import FieldDoesNotExist
from django.db.models import (
    BooleanField,
    DecimalField,
    Exists,
    ExpressionWrapper,
    FloatField,
    IntegerField,
    Model,
    OuterRef,
    Q,
    Subquery,
)

from personalization.engine.ids import is_key

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

_LARGEST: Final = 2**63 - 1
_EXACT: Final = Decimal("0.0001")
_ANYTHING: Final = Q(pk__isnull=False)
_NUMBER: Final = (IntegerField, DecimalField, FloatField)


@dataclass(frozen=True, slots=True)
class Way:
    """Where a path leads.

    ``joins``: the relations that lead to one row, as `select_related` takes them. ``many``: the beginnings of the path
    that lead to several rows. ``field``: the last field on the way. ``rest``: what is no field, such as a property.
    """

    joins: str = ""
    many: tuple[str, ...] = ()
    field: Any = None
    rest: tuple[str, ...] = ()


def way(model: type[Model], path: str) -> Way:
    """Follow a path from a model, as far as fields go."""
    joins: list[str] = []
    many: list[str] = []
    field: Any = None
    parts = path.split("__") if path else []
    for at, name in enumerate(parts):
        found = find_field(model, name)
        if found is None:
            return Way("__".join(joins), tuple(many), field, tuple(parts[at:]))
        field, related = found, getattr(found, "related_model", None)
        if related is None:
            return Way("__".join(joins), tuple(many), field, tuple(parts[at + 1 :]))
        if field.one_to_many or field.many_to_many:
            many.append("__".join(parts[: at + 1]))
        elif not many:
            joins.append(name)
        model = related
    return Way("__".join(joins), tuple(many), field)


def find_field(model: type[Model], name: str) -> Any:
    """The field of a name, relations from other models included; None when there is none."""
    try:
        return model._meta.pk if name == "pk" else model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def value_at(instance: Any, path: str) -> Any:
    """What stands at the end of a path of attributes, keys or methods without arguments; None where it breaks off."""
    value = instance if path else None
    for name in path.split("__") if path else ():
        value = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
        if callable(value) and not (hasattr(value, "all") or getattr(value, "alters_data", False)):
            value = value()
    return value


def text_at(instance: Any, path: str) -> str:
    """The same as text, '' for nothing."""
    value = value_at(instance, path)
    return "" if value is None else str(value)


def number_text(value: Any) -> str:
    """A number as plain decimal text, '' for nothing; what floats add beyond four places is noise."""
    amount = getattr(value, "amount", value)  # an object of money
    if isinstance(amount, float):
        amount = Decimal(repr(amount))
        amount = amount.quantize(_EXACT).normalize() if amount.is_finite() else None
    return "" if amount is None else format(amount, "f") if isinstance(amount, Decimal) else str(amount)


def number_of(value: Any) -> int | Decimal | None:
    """A number, exact; None for what is none, such as yes and no."""
    if isinstance(value, int):
        return None if isinstance(value, bool) else value
    if not isinstance(value, float | Decimal):
        return None
    number = Decimal(number_text(value) or "NaN")
    return number if number.is_finite() else None


def plain_text(value: Any) -> str:
    """What stands in a column as text that people compare with: yes and no are ``true`` and ``false``."""
    if isinstance(value, bool):
        return str(value).lower()
    return number_text(value) if isinstance(value, float | Decimal) else "" if value is None else str(value)


def as_stored(column: object, value: Any) -> Any:
    """A value that a subquery found, with the decimal places of its column: SQLite leaves them out there."""
    if isinstance(column, DecimalField) and isinstance(value, Decimal):
        return value.quantize(Decimal(1).scaleb(-column.decimal_places))
    return value


def first_row(model: type[Model], path: str, condition: Q) -> Subquery:
    """What stands at the end of a path that leads to several rows: of those that fulfill the condition, the oldest
    with a value."""
    rows = model._base_manager.filter(condition, **{"pk": OuterRef("pk"), f"{path}__isnull": False})
    oldest = [f"{beginning}__pk" for beginning in way(model, path).many]
    return Subquery(rows.order_by(*oldest).values(path)[:1])


def holds(model: type[Model], condition: Q | Exists | None) -> Q | Exists:
    """A condition that multiplies no rows, though it may speak of several related ones."""
    if condition is None or condition == Q():
        return _ANYTHING
    if isinstance(condition, Q) and _speaks_of_many(model, condition):
        return Exists(model._base_manager.filter(condition, pk=OuterRef("pk")))
    return condition


def truth(model: type[Model], condition: Q | Exists | None) -> ExpressionWrapper[Q]:
    """The same as a column."""
    return ExpressionWrapper(Q(holds(model, condition)), output_field=BooleanField())


def field_names(model: type[Model]) -> set[str]:
    """The fields that a model has itself."""
    return {
        field.name for field in model._meta.get_fields() if not (field.auto_created and field.is_relation)
    }


def number_names(model: type[Model]) -> set[str]:
    """Those of them that hold numbers; what says yes or no is none."""
    return {field.name for field in model._meta.fields if isinstance(field, _NUMBER)}


def first_of(names: Iterable[str], existing: Container[str]) -> str:
    """The first name that exists; '' when none does."""
    return next((name for name in names if name in existing), "")


def fits(model: type[Model], field: str, key: str) -> bool:
    """Whether a key's text is exactly how the host would write a value of this column."""
    column: Any = find_field(model, field)
    try:
        value = column.to_python(key) if is_key(key) else None
        return value is not None and str(value) == key and _storable(column.get_prep_value(value))
    except Exception:  # noqa: BLE001 - a field may raise anything for text that is not one of its values
        return False


def _storable(value: Any) -> bool:
    """Databases raise for integers that none of their columns can hold."""
    return value is not None and not (isinstance(value, int) and abs(value) > _LARGEST)


def _speaks_of_many(model: type[Model], condition: Q) -> bool:
    return any(
        _speaks_of_many(model, child) if isinstance(child, Q) else bool(way(model, child[0]).many)
        for child in condition.children
        if isinstance(child, Q | tuple)
    )
