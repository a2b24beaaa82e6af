"""The order of the host's middleware."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.core.checks import CheckMessage, Warning  # noqa: A004 - Django's name
from django.utils.module_loading import import_string

from personalization.checks.rule import check_id
from personalization.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

# By name, because importing some of them needs their apps.
_CACHE: Final = "django.middleware.cache.UpdateCacheMiddleware"
_SESSION: Final = "django.contrib.sessions.middleware.SessionMiddleware"
_SIGNED_IN: Final = "django.contrib.auth.middleware.AuthenticationMiddleware"
_OURS: Final = "personalization.middleware.PersonalMiddleware"


def middleware() -> Iterator[CheckMessage]:
    """Where the order of these, or of subclasses of them, mixes people up."""
    stack = [_names(path) for path in settings.middleware]
    cache, session, signed_in, ours = (_place(name, stack) for name in (_CACHE, _SESSION, _SIGNED_IN, _OURS))
    if cache is not None and (ours is None or ours < cache):
        yield Warning(
            "The page cache of UpdateCacheMiddleware may keep pages with somebody's own recommendations.",
            hint=f"Put {_OURS!r} below it in MIDDLEWARE.",
            id=check_id(5, "W"),
        )
    if signed_in is not None and (session is None or session > signed_in):
        yield Warning(
            "AuthenticationMiddleware stands above SessionMiddleware: nobody who signed in would be known.",
            hint=f"Put {_SESSION!r} above it in MIDDLEWARE.",
            id=check_id(6, "W"),
        )


def _place(name: str, stack: list[set[str]]) -> int | None:
    return next((place for place, names in enumerate(stack) if name in names), None)


def _names(path: str) -> set[str]:
    """Of a class and those that it inherits from."""
    try:
        found = import_string(path)
    except ImportError:
        return set()  # Django says so itself
    return {f"{base.__module__}.{base.__qualname__}" for base in getattr(found, "__mro__", ())}
