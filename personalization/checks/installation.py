"""What around the settings keeps the app from doing all it could: warnings, for it works all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.checks import CheckMessage, Warning, register  # noqa: A004 - Django's name
from django.db import connections
from django.urls import NoReverseMatch, reverse

from personalization.checks.middleware import middleware
from personalization.checks.rule import check_id
from personalization.conf import settings
from personalization.store.redemptions import ledger_database

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Caches that cannot count for all workers at once, and why.
_INEXACT: Final = {
    LocMemCache: "each worker counts for itself",
    DummyCache: "it stores nothing",
    FileBasedCache: "it reads and writes in two steps",
    DatabaseCache: "it reads and writes in two steps",
}


@register("personalization")
def check_installation(app_configs: Sequence[object] | None = None, **kwargs: object) -> list[CheckMessage]:
    """What the host may have forgotten."""
    return [*_urls(), *middleware()]


@register("personalization", deploy=True)
def check_deployment(app_configs: Sequence[object] | None = None, **kwargs: object) -> list[CheckMessage]:
    """What is right on one's own machine, and not where customers are: ``manage.py check --deploy``."""
    return [*_inexact_throttles(), *_long_transactions()]


def _inexact_throttles() -> Iterator[CheckMessage]:
    if settings.CACHE not in list(caches):
        return  # an error already
    cache = caches[settings.CACHE]
    why = next((why for kind, why in _INEXACT.items() if isinstance(cache, kind)), None)
    if why and any(settings.throttles.values()):
        yield Warning(
            f"PERSONALIZATION['THROTTLES'] cannot be exact with the cache {settings.CACHE!r}: {why}.",
            hint="Name a cache of Redis or Memcached in CACHE, or set the rates that you can do without to None.",
            id=check_id(2, "W"),
        )


def _long_transactions() -> Iterator[CheckMessage]:
    """Limits stay exact; what they cost is waiting."""
    alias = ledger_database()
    if connections[alias].settings_dict.get("ATOMIC_REQUESTS"):
        yield Warning(
            f"ATOMIC_REQUESTS is on for the database {alias!r}: a view that calls reserve() holds up everybody who wants "
            "the same offer until its own transaction ends.",
            hint="Decorate that view with transaction.non_atomic_requests, and silence this warning.",
            id=check_id(7, "W"),
        )


def _urls() -> Iterator[CheckMessage]:
    if not settings.has_urls:
        return
    try:
        reverse("personalization:slot", args=["for_you"])
    except NoReverseMatch:
        yield Warning(
            "The addresses of personalization are not included: nothing can be told or asked by browsers.",
            hint='Add path("personalization/", include("personalization.urls")) to the urlpatterns.',
            id=check_id(3, "W"),
        )
