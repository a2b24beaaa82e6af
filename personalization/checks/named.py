"""Judges of what is named by a path, a label or an alias."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.core.cache import caches
from django.utils.module_loading import import_string

from personalization.adapters import Adapter, DeclarativeAdapter
from personalization.checks.meant import unknown_names
from personalization.checks.rule import NEEDS_NAMES, is_name
from personalization.conf import settings
from personalization.engine.recommenders.base import Recommender
from personalization.engine.rules import default_vocabulary
from personalization.exceptions import InvalidInputError
from personalization.registry import get_kind, get_recommender

if TYPE_CHECKING:
    from collections.abc import Iterator

_DECLARATION: Final = ("BACKEND", "OPTIONS", "SEGMENT")
#: What importing a dotted path may raise; the last two for paths such as ".shop.Adapter".
_UNIMPORTABLE: Final = (ImportError, TypeError, ValueError)


def adapter(value: Any) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"must be a dotted path, not {value!r}"
    elif value:
        yield from _adapter_at(value)


def model(value: Any) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"must be text such as 'shop.Product', not {value!r}"
    elif value:
        try:
            apps.get_model(value)
        except (LookupError, ValueError) as error:
            yield f"names no installed model: {error}"


def cache(value: Any) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"must be the name of a cache, not {value!r}"
    else:
        yield from unknown_names([value], list(caches), noun="cache")


def recommenders(value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"must be a dict of alias: declaration, not {value!r}"
        return
    for alias, declaration in value.items():
        yield from (f"entry {alias!r} {fault}" for fault in _recommender(alias, declaration))


def of_new_items(value: Any) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"must be the alias of a recommender, not {value!r}"
    elif value:
        try:
            recommender = get_recommender(value)
        except InvalidInputError as error:
            yield error.message
            return
        if not getattr(recommender, "whole_catalog", False):
            yield f"names {value!r}, which learns nothing of items that nothing happened to"


def kinds(value: Any) -> Iterator[str]:
    if not isinstance(value, list | tuple):
        yield f"must be a list of dotted paths, not {value!r}"
        return
    vocabulary = default_vocabulary()
    for path in value:
        try:
            vocabulary = vocabulary.extended(get_kind(path))
        except InvalidInputError as error:
            yield f"entry {path!r} is not usable: {error.message}"


def _adapter_at(path: str) -> Iterator[str]:
    try:
        found = import_string(path)
    except _UNIMPORTABLE as error:
        yield f"cannot be imported: {error}"
        return
    if not (isinstance(found, type) and issubclass(found, Adapter)):
        yield f"names {path!r}, which is no subclass of personalization.adapters.Adapter"
        return
    if missing := sorted(getattr(found, "__abstractmethods__", ())):
        yield f"names {path!r}, which does not implement {', '.join(missing)}"
    elif issubclass(found, DeclarativeAdapter) and found.model is DeclarativeAdapter.model:
        yield from _declared_model(found)


def _declared_model(found: type[DeclarativeAdapter]) -> Iterator[str]:
    label = found.product_model or settings.PRODUCT_MODEL
    if not label:
        yield f"names {found.__name__}, which declares no product_model, and PRODUCT_MODEL is empty"
    elif found.product_model:
        yield from (f"names {found.__name__}, whose product_model {fault}" for fault in model(label))


def _recommender(alias: Any, declaration: Any) -> Iterator[str]:
    if not is_name(alias):
        yield NEEDS_NAMES
    elif not isinstance(declaration, Mapping) or not isinstance(declaration.get("BACKEND"), str):
        yield 'must be a dict with a dotted path "BACKEND"'
    elif not isinstance(declaration.get("OPTIONS", {}), Mapping):
        yield 'must have a dict of "OPTIONS"'
    elif not is_name(declaration.get("SEGMENT", "segment")):
        yield 'must have the name of a "SEGMENT"'
    elif faults := [*unknown_names(declaration, _DECLARATION, noun="key"), *_unknown_options(declaration)]:
        yield from faults
    else:
        yield from _made(alias)


def _unknown_options(declaration: Mapping[str, Any]) -> Iterator[str]:
    """Python says that an argument is unexpected, but not which one was meant."""
    try:
        backend = import_string(declaration["BACKEND"])
    except _UNIMPORTABLE:
        return
    if is_dataclass(backend):
        known = [field.name for field in fields(backend) if field.init]
        yield from unknown_names(declaration.get("OPTIONS", {}), known, noun="option")


def _made(alias: str) -> Iterator[str]:
    try:
        made: object = get_recommender(alias)
    except InvalidInputError as error:
        yield f"is not usable: {error.message}"
        return
    if not isinstance(made, Recommender):
        yield "names a BACKEND that is no subclass of personalization.engine.recommenders.base.Recommender"
