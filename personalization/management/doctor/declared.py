"""Attributes of the adapter that lead nowhere: they would be read as empty, without a word."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from django.db.models import JSONField, Q

from personalization.adapters import DeclarativeAdapter
from personalization.adapters.paths import find_field, way
from personalization.management.doctor import candidates
from personalization.management.doctor.finding import error, fine, note
from personalization.management.doctor.proposal import propose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model

    from personalization.management.doctor.finding import Finding
    from personalization.management.doctor.visit import Visit

ABOUT: Final = "Adapter"
_READ: Final = [name for name in dir(DeclarativeAdapter) if not name.startswith("_")]
_PRODUCT: Final = (
    "key",
    "parent",
    "title",
    "category",
    "brand",
    "price",
    "currency",
    "stock",
    "tags",
    "image",
    "created",
)
_ORDER: Final = ("key", "date", "user", "email", "currency", "store")
_LINE: Final = ("product", "quantity", "price")
_REFUND: Final = ("product", "quantity", "date")


def look(visit: Visit) -> Iterator[Finding]:
    kind = type(visit.adapter)
    yield fine(ABOUT, f"{kind.__module__}.{kind.__qualname__}")
    declared = visit.declares()
    if declared is None:
        return
    if not visit.is_own:
        yield from _to_write(declared.model())
    for attribute, path, model in _paths(declared):
        if missing := path and _breaks_off(model, path):
            text = f"{attribute} = {path!r} leads nowhere: {model._meta.label} has no {missing!r}."
            yield error(ABOUT, f"{text}{_meant(model, missing)}", to=visit.file)
    for name in _unread(kind):
        near = get_close_matches(name, _READ, n=1)
        text = f"{name} is nothing that is read." + (f" Did you mean {near[0]}?" if near else "")
        yield error(ABOUT, text, to=visit.file)


def _to_write(product: type[Model]) -> Iterator[Finding]:
    """The adapter of a shop that has named its products alone."""
    proposal = propose(candidates.find(product) or candidates.Candidate(product))
    text = f"PRODUCT_MODEL names {product._meta.label} and no more. Orders, currency, stock and the cart need an adapter."
    yield note(ABOUT, text, add=proposal.code, to=f"{proposal.file}, a new file")
    yield note(ABOUT, "Then name it in place of PRODUCT_MODEL.", add=proposal.setting, to="settings")


def _unread(kind: type) -> Iterator[str]:
    """Attributes that look as if they declared something."""
    for name, value in vars(kind).items():
        declares = isinstance(value, Q) or name.endswith(("_field", "_fields", "_name", "_model"))
        if declares and name not in _READ:
            yield name


def _paths(declared: DeclarativeAdapter) -> Iterator[tuple[str, str, type[Model]]]:
    """Attribute, path, and the model that it starts from."""
    product = declared.model()
    for name in _PRODUCT:
        yield f"{name}_field", getattr(declared, f"{name}_field"), product
    for name, path in declared.attribute_fields.items():
        yield f"attribute_fields[{name!r}]", path, product
    if not declared.order_model:
        return
    paths = declared.order_paths
    for name in _ORDER:
        yield f"order_{name}_field", getattr(declared, f"order_{name}_field"), paths.model
    for name in declared.order_changed_fields:
        yield "order_changed_fields", name, paths.model
    for name in _LINE:
        yield f"line_{name}_field", getattr(declared, f"line_{name}_field"), paths.lines.model
    for name in _REFUND if paths.refunds else ():
        yield f"refund_{name}_field", getattr(declared, f"refund_{name}_field"), paths.refunds.model  # type: ignore[union-attr]


def _breaks_off(model: type[Model], path: str) -> str:
    """The first name on a path that is neither a field nor an attribute; '' when there is none."""
    at = way(model, path)
    if not at.rest or isinstance(at.field, JSONField):
        return ""
    owner = _owner(model, path.split("__")[: -len(at.rest)])
    return "" if owner is None or hasattr(owner, at.rest[0]) else at.rest[0]


def _owner(model: type[Model], fields: list[str]) -> type[Model] | None:
    """The model that fields lead to; None when the last of them is a value, whose attributes nobody can know."""
    for name in fields:
        related = getattr(find_field(model, name), "related_model", None)
        if related is None:
            return None
        model = related
    return model


def _meant(model: type[Model], name: str) -> str:
    near = get_close_matches(name, [field.name for field in model._meta.get_fields()], n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
