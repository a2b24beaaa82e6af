"""How the host's shop is read. One small class per host; every method has one question to answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from django.http import HttpRequest

    from personalization.engine.types import Card, Cart, Identity, ItemRecord, OrderRecord


@dataclass(frozen=True, slots=True)
class Page:
    """Where cards will be shown. ``catalog_version`` grows with every import into the built-in catalog."""

    tenant: str = ""
    store: str = ""
    language: str = ""
    catalog_version: int = 0
    request: HttpRequest | None = None


class Adapter(ABC):
    """The door to the host's products, orders, carts and people. Keys are text, exactly as the host writes them.

    Only the first four methods must be there; the others have an answer that is right for a plain shop.
    """

    #: Dotted path of a signal that tells of an order → the argument that holds the order, or its key.
    order_signals: ClassVar[Mapping[str, str]] = {}

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

    def canonical_keys(self, keys: Iterable[str], tenant: str = "") -> Mapping[str, str]:
        """Keys of variants → those of the products that are recommended for them, in one query. What stands for
        itself, and what the host does not know, is left out."""
        return {}

    def eligible_keys(self, keys: Iterable[str], page: Page) -> set[str]:
        """Those keys whose products may be shown on this page: visible, in stock, in this store and language; in one
        query, and the same as the cards say."""
        return {key for key, card in self.cards(keys, page).items() if card.eligible}

    def may_rate(self, identity: Identity, key: str, page: Page) -> bool:
        """Whether this visitor may rate this item now: whatever may be shown. Override it to ask for a purchase,
        or to let buyers rate what is sold out."""
        return key in self.eligible_keys([key], page)

    # Orders.

    def iter_orders(self, since: int, tenant: str = "") -> Iterator[OrderRecord]:
        """Every order that counts and was placed or changed at or after an instant (UTC microseconds)."""
        return iter(())

    def find_order(self, key: str, tenant: str = "") -> OrderRecord | None:
        """The order of a key; None for one that does not exist, or does not count: not paid yet, or a test."""
        return None

    def order_key(self, order: object) -> str:
        """The key of a host's order, or of a key that was passed already."""
        return order if isinstance(order, str) else str(getattr(order, "pk", order))

    def cart(self, request: HttpRequest) -> Cart | None:
        """The cart of this request; None when there is none, or when reading it would cost too much. What lies in it
        is not recommended."""
        return None

    # People.

    def user_key(self, user: object) -> str:
        """The stable text that a signed-in user is known by."""
        return str(getattr(user, "pk", user))

    def person_names(self, keys: Iterable[str], tenant: str = "") -> Mapping[str, str]:
        """Keys of users → what the shop's own people call them in the admin, in one query; whoever has no name is left
        out."""
        return {}

    def identity(self, request: HttpRequest) -> Identity | None:
        """Who acts, for shops that know their customers without ``request.user``; None: our own rules decide."""
        return None

    def consent(self, request: HttpRequest) -> bool | None:
        """What the shop's own consent banner knows: True agreed, False refused, None not asked, or not known here."""
        return None

    def is_staff(self, request: HttpRequest) -> bool:
        """Whether the shop's own people are at work: what they do is not learned from."""
        return bool(getattr(getattr(request, "user", None), "is_staff", False))

    # Rules.

    def facts(self, request: HttpRequest, names: Collection[str]) -> Mapping[str, object]:
        """Facts of the shop's own, by name, that kinds of RULE_KINDS read of whoever makes this request. ``names``: those
        that rules ask for and we do not know; what is left out is unknown."""
        return {}

    def facts_of(
        self, keys: Iterable[str], names: Collection[str], tenant: str = ""
    ) -> Mapping[str, Mapping[str, object]]:
        """The same facts of signed-in people without a request: user key → name → value, in one query. They are asked for
        thousands at once, for “who matches” and for what is popular in a segment."""
        return {}

    # Where.

    def tenant(self, request: HttpRequest) -> str:
        """Whose data this request belongs to; data of two tenants never mixes."""
        return ""

    def store(self, request: HttpRequest) -> str:
        """The store inside the tenant; it never splits learning."""
        return ""
