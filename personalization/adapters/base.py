"""How the host's shop is read. One small class per host; every method has one question to answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from django.http import HttpRequest

    from personalization.engine.types import Card, Identity, ItemRecord


@dataclass(frozen=True, slots=True)
class Page:
    """Where cards will be shown. ``catalog_version`` grows with every import into the built-in catalog."""

    tenant: str = ""
    store: str = ""
    language: str = ""
    catalog_version: int = 0
    request: HttpRequest | None = None


class Adapter(ABC):
    """The door to the host's products and people. Keys are text, exactly as the host writes them."""

    @abstractmethod
    def iter_items(self, tenant: str = "") -> Iterator[ItemRecord]:
        """Every product, in chunks underneath, those that are not for sale included (``active=False``)."""

    @abstractmethod
    def find_items(self, keys: Iterable[str], tenant: str = "") -> list[ItemRecord]:
        """The products of these keys; keys that the host does not know are left out."""

    @abstractmethod
    def cards(self, keys: Iterable[str], page: Page) -> Mapping[str, Card]:
        """Cards by key, in one query. A card says itself whether it may be shown (``eligible``); unknown keys
        are left out."""

    @abstractmethod
    def newest_keys(self, count: int, page: Page) -> list[str]:
        """Keys of the newest products that may be shown: the last rung of the fallback ladder."""

    def key_of(self, product: object) -> str:
        """The key of a host's product, or of a key that was passed already."""
        return product if isinstance(product, str) else str(getattr(product, "pk", product))

    def user_key(self, user: object) -> str:
        """The stable text that a signed-in user is known by."""
        return str(getattr(user, "pk", user))

    def may_rate(self, identity: Identity, key: str, page: Page) -> bool:
        """Whether this visitor may rate this item now: whatever may be shown. Override it to ask for a purchase,
        or to let buyers rate what is sold out."""
        card = self.cards([key], page).get(key)
        return card is not None and card.eligible

    def tenant(self, request: HttpRequest) -> str:
        """Whose data this request belongs to; data of two tenants never mixes."""
        return ""

    def store(self, request: HttpRequest) -> str:
        """The store inside the tenant; it never splits learning."""
        return ""
