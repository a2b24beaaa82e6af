"""Pages of async views. In an event loop the database must not be asked; what the view awaited before is used."""

from __future__ import annotations

import os
from asyncio import get_running_loop
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from personalization.shortcuts.question import item_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from personalization.engine.types import Identity, Recommendation

_ATTRIBUTE: Final = "_personalization_awaited"


class Awaited(NamedTuple):
    """An answer, and what was asked for it."""

    name: str
    options: Mapping[str, Any]
    answer: Recommendation


def in_event_loop() -> bool:
    """Whether the database must not be asked here: Django's own rule."""
    try:
        get_running_loop()
    except RuntimeError:
        return False
    return not os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")


def keep_awaited(request: HttpRequest, name: str, options: Mapping[str, Any], answer: Recommendation) -> None:
    """Let the template of this request use the answer."""
    kept: list[Awaited] = [*_kept(request), Awaited(name, _asked(options), answer)]
    setattr(request, _ATTRIBUTE, kept)


def has_awaited(request: object) -> bool:
    """Whether the view awaited anything."""
    return bool(_kept(request))


def find_awaited(
    request: HttpRequest | Identity | None, name: str, options: Mapping[str, Any]
) -> Recommendation | None:
    """What the view awaited for this slot; options that the template does not write need not be the same."""
    asked = _asked(options)
    same = (kept for kept in _kept(request) if kept.name == name and asked.items() <= kept.options.items())
    return next((kept.answer for kept in same), None)


def _kept(request: object) -> list[Awaited]:
    return getattr(request, _ATTRIBUTE, [])


def _asked(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that say something, in a form that can be compared."""
    asked = dict(options)
    item, exclude = item_keys(asked.pop("item", None)), frozenset(item_keys(asked.pop("exclude", None)))
    asked = {option: value for option, value in asked.items() if value is not None}
    return asked | ({"item": item} if item else {}) | ({"exclude": exclude} if exclude else {})
