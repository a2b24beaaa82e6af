"""The only door to the host's products, orders, cart and people."""

from __future__ import annotations

from functools import lru_cache

from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from personalization.adapters.base import Adapter, Page
from personalization.adapters.declarative import DeclarativeAdapter
from personalization.conf import settings

__all__ = ["Adapter", "DeclarativeAdapter", "Page", "get_adapter"]

#: Dotted path of the built-in adapter over imported items (it lives in the store, above this package).
CATALOG = "personalization.store.catalog.CatalogAdapter"


@lru_cache(maxsize=1)
def get_adapter() -> Adapter:
    """The host's adapter: ADAPTER by dotted path, else PRODUCT_MODEL declaratively, else the built-in catalog."""
    if settings.ADAPTER:
        return import_string(settings.ADAPTER)()  # type: ignore[no-any-return]
    return DeclarativeAdapter() if settings.PRODUCT_MODEL else import_string(CATALOG)()


def _forget(*, setting: str, **kwargs: object) -> None:
    if setting == "PERSONALIZATION":
        get_adapter.cache_clear()


setting_changed.connect(_forget, dispatch_uid="personalization.adapters")
