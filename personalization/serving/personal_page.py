"""A page that holds an answer for one person must not be shown to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from django.http import HttpRequest

_ATTRIBUTE: Final = "_personalization_personal"


def mark_personal(request: HttpRequest | None) -> None:
    """From here on the page of this request belongs to one person.

    Django's own page cache is told at once, so that `cache_page` never keeps the page even where our middleware is
    not installed; browsers and caches outside learn it from the headers that the middleware writes.
    """
    if request is not None:
        setattr(request, _ATTRIBUTE, True)
        request._cache_update_cache = False  # type: ignore[attr-defined]  # what UpdateCacheMiddleware asks for


def is_personal(request: HttpRequest) -> bool:
    """Whether anything in the page of this request is for one person."""
    return getattr(request, _ATTRIBUTE, False)
