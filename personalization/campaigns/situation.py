"""Who looks at which place of which page, and what rules may know of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import get_language

from personalization.adapters import Adapter, Page, get_adapter
from personalization.campaigns.device import find_device
from personalization.conf import settings
from personalization.engine.promotions import price_cart
from personalization.engine.rules import Facts
from personalization.engine.types import IdentityKind
from personalization.exceptions import InvalidInputError
from personalization.serving import HOLDOUT, arm_of
from personalization.store.host_facts import read_host_facts
from personalization.store.item_facts import facts_of_cards, find_item_facts
from personalization.store.shield import shielded
from personalization.store.visitor_facts import read_visitor_facts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.http import HttpRequest

    from personalization.engine.types import Cart, Query

_VISITOR_FACTS: Final = "_personalization_visitor_facts"
_CART_FACTS: Final = "_personalization_cart_facts"
_SIGNED_IN: Final = "visitor.signed_in"
_OF_ITEMS: Final = frozenset({"cart.categories", "cart.brands", "cart.tags"})
_NOTHING: Final[Mapping[str, object]] = {}


@dataclass(frozen=True, slots=True)
class Situation:
    """A page as campaigns see it. ``device`` and ``cart`` None: not known; ``signed_in`` None: nobody may know."""

    query: Query
    language: str = ""
    device: str | None = None
    signed_in: bool | None = None
    cart: Cart | None = None
    request: HttpRequest | None = None

    def facts(self, names: Collection[str]) -> Facts:
        """Those facts among the names that are known here."""
        values: dict[str, object] = {
            "context.store": self.query.store,
            "context.language": self.language,
        }
        if self.device is not None:
            values["context.device"] = self.device
        if self.signed_in is not None:
            values[_SIGNED_IN] = self.signed_in
        if any(name.startswith("cart.") for name in names):
            values |= self._cart_facts(names)
        host: Mapping[str, object] = shielded(
            lambda: read_host_facts(self.request, names, personal=self.query.identity is not None),
            what="reading the shop's facts for campaigns",
            otherwise=_NOTHING,
        )
        return Facts({**values, **host, **self._visitor_facts(names)}, self.query.now, settings.time_zone)

    def _visitor_facts(self, names: Collection[str]) -> Mapping[str, object]:
        """What our tables say; of somebody in the holdout nothing but that."""
        identity = self.query.identity
        if identity is None:
            return _NOTHING
        held_out = arm_of(identity, tenant=self.query.tenant).name == HOLDOUT
        return {"visitor.holdout": held_out, **({} if held_out else self._stored(frozenset(names)))}

    def _stored(self, names: frozenset[str]) -> Mapping[str, object]:
        """Read once for all slots of a page."""
        key = (self.query.tenant, self.query.identity, names)
        kept: dict[object, Mapping[str, object]] = getattr(self.request, _VISITOR_FACTS, {})
        if key not in kept:
            query = self.query
            kept[key] = read_visitor_facts(query.identity, tenant=query.tenant, now=query.now, names=names)
            if self.request is not None:
                setattr(self.request, _VISITOR_FACTS, kept)
        return kept[key]

    def _cart_facts(self, names: Collection[str]) -> Mapping[str, object]:
        """Read once for all slots of a page."""
        key = frozenset(names) & _OF_ITEMS
        kept: dict[object, Mapping[str, object]] = getattr(self.request, _CART_FACTS, {})
        if key not in kept:
            kept[key] = shielded(
                lambda: self._priced(key), what="reading the cart for campaigns", otherwise=_NOTHING
            )
            if self.request is not None:
                setattr(self.request, _CART_FACTS, kept)
        return kept[key]

    def _priced(self, names: frozenset[str]) -> Mapping[str, object]:
        cart = self.cart if self.request is None else _cart_of(self.request)
        if cart is None:
            return _NOTHING
        keys = {line.item for line in cart.lines}
        page = Page(self.query.tenant, self.query.store, self.language, request=self.request)
        if "cart.tags" in names:
            items = find_item_facts(keys, page=page)
        else:
            items = facts_of_cards(get_adapter().cards(keys, page)) if names and keys else {}
        try:
            known = price_cart(cart, items).facts()
        except (
            InvalidInputError
        ):  # a shop that does not tell prices or currency: there is still what lies in it
            return {"cart.items": frozenset(keys)}
        return {name: value for name, value in known.items() if name not in _OF_ITEMS or name in names}


def situation_of(query: Query, request: HttpRequest | None) -> Situation:
    """The page that a query is about."""
    language = (get_language() or "").lower()
    device = None if request is None else find_device(request)
    return Situation(query, language, device, _signed_in(query, request), request=request)


def _signed_in(query: Query, request: HttpRequest | None) -> bool | None:
    """That nobody is signed in says nothing of anybody; who is signed in without consent is not known."""
    if query.identity is not None:
        return query.identity.kind == IdentityKind.USER
    user = getattr(request, "user", None)
    return None if user is not None and user.is_authenticated else False


def _cart_of(request: HttpRequest) -> Cart | None:
    return None if type(get_adapter()).cart is Adapter.cart else get_adapter().cart(request)
