"""A shopper's cart as promotions see it: what lies in it, whose it is, and what rules may know of that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from django.utils.translation import get_language

from personalization.adapters import Page, get_adapter
from personalization.campaigns.device import find_device
from personalization.conf import settings
from personalization.engine.promotions import PricedCart, price_cart
from personalization.engine.rules import Facts, Money
from personalization.engine.types import Cart, Identity, IdentityKind
from personalization.exceptions import InvalidInputError
from personalization.identity.owner import find_owner
from personalization.identity.resolve import find_identity
from personalization.promotions.request import Request
from personalization.registry import get_vocabulary
from personalization.serving import HOLDOUT, arm_of
from personalization.store.host_facts import read_host_facts
from personalization.store.item_facts import facts_of_cards, find_item_facts
from personalization.store.live_promotions import live_promotions
from personalization.store.visitor_facts import read_visitor_facts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from django.http import HttpRequest

    from personalization.store.live_promotions import LivePromotion, LivePromotions

    ItemFacts = Mapping[str, Mapping[str, object]]

_PRICE: Final = "item.price"
_TAGS: Final = frozenset({"cart.tags", "item.tags"})
_OF_ITEMS: Final = ("item.", "cart.categories", "cart.brands", "cart.tags")


def offer_request(
    request: HttpRequest,
    *,
    codes: Iterable[str] | str,
    cart: Cart | None,
    email: str,
    now: int,
    version: int | None = None,
) -> Request:
    """What is asked for the shopper of a request.

    ``cart`` None: the one that the adapter knows. ``version``: the stamp of rules, where the caller has read it. Raises
    InvalidInputError naming what is wrong.
    """
    adapter = get_adapter()
    tenant, store = adapter.tenant(request), adapter.store(request)
    typed = _typed(codes)
    live = live_promotions(tenant, vocabulary=get_vocabulary(), version=version)
    offered = [one for one in live.promotions.values() if typed or not one.needs_code]
    names = needed_facts(live, offered)
    page = Page(tenant, store, get_language() or "", request=request)
    owner = find_owner(request, tenant=tenant)
    return Request(
        cart=_priced(_cart_of(request, cart), names, page),
        facts=Facts(facts_of_visitor(request, page, owner, names, now), now, settings.time_zone),
        codes=typed,
        people=(*([] if owner is None else [owner]), *_mail(email)),
        tenant=tenant,
    )


def _typed(codes: Iterable[str] | str) -> tuple[str, ...]:
    typed = (codes,) if isinstance(codes, str) else tuple(codes)
    if not all(isinstance(code, str) for code in typed):
        raise InvalidInputError("codes", "expected texts")
    return typed


def _mail(email: str) -> list[Identity]:
    """The shopper's address: one more name that uses are counted for."""
    return [Identity(IdentityKind.EMAIL, email)] if email else []


def needed_facts(live: LivePromotions, promotions: Iterable[LivePromotion]) -> frozenset[str]:
    """What the rules of these promotions read, and the segments that they ask for."""
    rules = [
        rule for one in promotions for rule in (one.promotion.rule, one.promotion.targets) if rule is not None
    ]
    if any(rule.segments for rule in rules):
        rules += live.segments.values()
    return frozenset[str]().union(*[rule.facts for rule in rules])


def facts_of_visitor(
    request: HttpRequest, page: Page, owner: Identity | None, names: Collection[str], now: int
) -> dict[str, object]:
    """Those of the visitor and the page. What somebody is promised does not depend on the holdout, unless a rule says so."""
    device, identity = find_device(request), find_identity(request)
    known: dict[str, object] = {
        "context.store": page.store,
        "context.language": (get_language() or "").lower(),
        "visitor.signed_in": owner is not None and owner.kind == IdentityKind.USER,
    }
    if device is not None:
        known["context.device"] = device
    if identity is not None:
        known["visitor.holdout"] = arm_of(identity, tenant=page.tenant).name == HOLDOUT
    known |= read_host_facts(request, names, personal=identity is not None)
    return known | read_visitor_facts(identity, tenant=page.tenant, now=now, names=names)


def _cart_of(request: HttpRequest, cart: Cart | None) -> Cart:
    found = get_adapter().cart(request) if cart is None else cart
    if found is None:
        raise InvalidInputError("cart", "the adapter knows no cart of this request: pass one")
    return found


def _priced(cart: Cart, names: Collection[str], page: Page) -> PricedCart:
    """The cart at its own prices; what it does not say is read off the cards of its items."""
    untold = not cart.currency or any(not line.unit_price for line in cart.lines)
    items = _items(cart, names, page) if untold or any(name.startswith(_OF_ITEMS) for name in names) else {}
    if not cart.lines and not cart.currency:
        return PricedCart((), "")
    return price_cart(_told(cart, items) if untold else cart, items)


def _items(cart: Cart, names: Collection[str], page: Page) -> ItemFacts:
    """Facts by the keys of the lines; rules read of a variant what they read of its product, but its price."""
    keys = {line.item for line in cart.lines}
    adapter = get_adapter()
    products = adapter.canonical_keys(keys, page.tenant) if keys else {}
    asked = {products.get(key, key) for key in keys}
    found: ItemFacts = {}
    if asked and _TAGS.isdisjoint(names):
        found = facts_of_cards(adapter.cards(asked, page))
    elif asked:
        found = find_item_facts(asked, page=page)
    return {
        key: {name: value for name, value in found[product].items() if key == product or name != _PRICE}
        for key in keys
        if (product := products.get(key, key)) in found
    }


def _told(cart: Cart, items: ItemFacts) -> Cart:
    prices = {key: price for key, facts in items.items() if isinstance(price := facts.get(_PRICE), Money)}
    currency = cart.currency or next((price.currency for price in prices.values()), "")
    lines = []
    for line in cart.lines:
        if not line.unit_price:
            price = prices.get(line.item)
            if price is None or price.currency != currency:
                raise InvalidInputError("unit_price", f"no price of {line.item} in this currency is known")
            line = replace(line, unit_price=f"{price.amount:f}")  # noqa: PLW2901
        lines.append(line)
    return Cart(tuple(lines), currency)
