"""What a shop asks of its promotions, as its own code does: a request, a cart, codes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connection
from django.http import HttpRequest
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from personalization.engine.promotions import AmountOff
from personalization.engine.types import Cart, CartLine, Identity, IdentityKind
from personalization.exceptions import InvalidInputError
from personalization.models import Promotion, Redemption
from personalization.promotions.result import HoldState
from personalization.shortcuts import OfferResult, quote, redeem, release, release_order, reserve
from personalization.store.visitors import ensure_visitors
from tests import goods as shelf
from tests.goods import GoodsAdapter
from tests.people import make_person
from tests.promotions.ledger import MINUTE, NOW, counts_agree
from tests.promotions.shop import FROM_50, SIGNED_IN, coupon, promotion

CODED = {"needs_code": True}
BOUGHT_MUG = '{"kind":"visitor.bought_item","op":"any_of","values":["mug"],"days":365}'
MUGS = '{"kind":"item.key","op":"any_of","values":["mug"]}'


class CartAdapter(GoodsAdapter):
    """A shop whose requests have a cart."""

    def cart(self, request: HttpRequest) -> Cart | None:
        return getattr(request, "cart", None)


@pytest.fixture(autouse=True)
def shop(db: None, goods: None, settings: Any) -> None:
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.CartAdapter"}
    shelf.put("mug", price="10.00")
    shelf.put("jug", price="30.00")


def asking(*lines: CartLine, user: Any = None, currency: str = "EUR") -> HttpRequest:
    """A request with a cart: a mug of 10.00 and a jug of 30.00, unless something else is said."""
    request = HttpRequest()
    request.user = user or AnonymousUser()
    usual = (CartLine("mug", "1", "10.00", key="1"), CartLine("jug", "1", "30.00", key="2"))
    request.cart = Cart(lines or usual, currency)  # type: ignore[attr-defined]
    return request


def test_an_automatic_offer_applies_with_shares_by_line():
    promotion(title="Autumn")
    offers = quote(asking(), now=NOW)
    assert (offers.subtotal, offers.discount, offers.total, offers.currency) == (
        Decimal("40.00"),
        Decimal("4.00"),
        Decimal("36.00"),
        "EUR",
    )
    assert [(one.title, one.code) for one in offers.applied] == [("Autumn", "")]
    assert offers.shares == {"1": Decimal("1.00"), "2": Decimal("3.00")}
    assert not Redemption.objects.exists()


def test_a_code_is_shown_as_it_was_typed():
    coupon("SAVE10", promotion(**CODED))
    assert [one.code for one in quote(asking(), codes=["save 10"], now=NOW).applied] == ["save 10"]
    assert quote(asking(), codes="save-10", now=NOW).discount == Decimal("4.00")


def test_a_cart_that_lacks_a_little_is_told_how_much():
    promotion(rule=FROM_50, title="Big")
    promotion(rule='{"kind":"cart.quantity","op":"at_least","value":"3"}', title="Many")
    promotion(rule=SIGNED_IN, title="Members")
    offers = quote(asking(), now=NOW)
    assert [(one.title, one.text, one.missing, one.unit) for one in offers.nearly] == [
        ("Many", "1 piece more, and it applies.", Decimal(1), ""),
        ("Big", "10.00 EUR more, and it applies.", Decimal("10.00"), "EUR"),
    ]
    with translation.override("zh-hans"):
        assert quote(asking(), now=NOW).nearly[1].text == "再买 10.00 EUR 即可享受。"


def test_conditions_are_joined_as_they_are_written():
    both = f'{{"all":[{FROM_50},{{"kind":"cart.has_item","op":"none_of","values":["mug"]}}]}}'
    either = f'{{"any":[{FROM_50},{{"kind":"cart.quantity","op":"at_least","value":"3"}}]}}'
    never = '{"not":{"kind":"cart.has_item","op":"any_of","values":["mug"]}}'
    for rule in (both, either, never):
        promotion(rule=rule)
    texts = {one.text for one in quote(asking(), now=NOW).refused}
    assert texts == {
        "It applies when the value of the cart is at least 50 EUR, and the cart does not have the item “mug”.",
        "It applies when the value of the cart is at least 50 EUR, or the number of pieces in the cart is at least 3.",
        "It applies when it is not so that the cart has the item “mug”.",
    }


def test_codes_that_must_not_be_found_out_are_told_apart_by_nobody():
    owner = ensure_visitors(IdentityKind.USER, ["ann"], tenant="", now=NOW)["ann"]
    coupon("FOREIGN", promotion(**CODED), owner=owner)
    coupon("OVER", promotion(**CODED), expires_at=NOW)
    coupon("MEMBERS", promotion(rule=BOUGHT_MUG, **CODED))
    refused = quote(asking(), codes=["NONE", "FOREIGN", "OVER", "MEMBERS"], now=NOW).refused_codes
    assert [one.code for one in refused] == ["NONE", "FOREIGN", "OVER", "MEMBERS"]
    assert {(one.reason, one.text, one.title, one.missing) for one in refused} == {
        ("unknown", "This code cannot be used.", "", None)
    }


def test_the_owner_of_a_coupon_is_told_why():
    ann = make_person("ann")
    owner = ensure_visitors(IdentityKind.USER, [str(ann.pk)], tenant="", now=NOW)[str(ann.pk)]
    coupon("MINE", promotion(rule=BOUGHT_MUG, title="Mine", **CODED), owner=owner)
    coupon("OVER", promotion(title="Over", **CODED), owner=owner, expires_at=NOW)
    mine, over = sorted(
        quote(asking(user=ann), codes=["MINE", "OVER"], now=NOW).refused_codes, key=lambda one: one.code
    )
    assert mine.text == "It applies when the visitor bought the item “mug” in the last 365 days."
    assert (mine.title, over.reason, over.text) == ("Mine", "expired", "It is over.")


def test_rules_read_what_is_known_of_the_shopper():
    ann = make_person("ann")
    promotion(rule=BOUGHT_MUG, targets=MUGS)
    assert quote(asking(user=ann)).discount == 0
    from tests.served import Shop

    past = Shop(["mug"])
    past.buys(["mug"], identity=Identity(IdentityKind.USER, str(ann.pk)))
    offers = quote(asking(user=ann), now=NOW)
    assert offers.shares == {"1": Decimal("1.00")}
    assert quote(asking(), now=NOW).discount == 0


def test_rules_read_the_page():
    promotion(rule='{"kind":"context.device","op":"any_of","values":["mobile"]}')
    promotion(AmountOff(Decimal(1)), rule='{"kind":"context.language","op":"any_of","values":["zh-hans"]}')
    request = asking()
    assert quote(request, now=NOW).discount == 0
    request.META["HTTP_USER_AGENT"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) Mobile/15E148"
    assert quote(request, now=NOW).discount == Decimal("4.00")
    with translation.override("zh-hans"):
        assert quote(asking(), now=NOW).discount == Decimal("1.00")


def test_prices_that_the_cart_does_not_say_are_those_of_the_cards():
    promotion()
    request = asking(CartLine("mug", "2"), CartLine("jug", "1", "29.00"), currency="")
    offers = quote(request, now=NOW)
    assert (offers.subtotal, offers.currency, offers.discount) == (Decimal("49.00"), "EUR", Decimal("4.90"))


def test_a_price_that_nobody_knows_is_not_guessed():
    for lines, currency in (((CartLine("pan"),), "EUR"), ((CartLine("mug"),), "JPY")):
        with pytest.raises(InvalidInputError, match=r"^unit_price: "):
            quote(asking(*lines, currency=currency), now=NOW)


def test_an_empty_cart_gets_nothing():
    promotion()
    request = asking()
    request.cart = Cart()  # type: ignore[attr-defined]
    assert quote(request, codes=["X"], now=NOW).discount == 0
    assert reserve(request, key="1", now=NOW) == OfferResult()


def test_what_cannot_be_asked_is_refused_by_name():
    with pytest.raises(InvalidInputError, match=r"^cart: "):
        quote(HttpRequest(), now=NOW)
    with pytest.raises(InvalidInputError, match=r"^codes: "):
        quote(asking(), codes=[1], now=NOW)  # type: ignore[list-item]
    with pytest.raises(InvalidInputError, match=r"^quantity: "):
        quote(asking(CartLine("mug", "-1", "1.00")), now=NOW)


def test_an_order_uses_a_coupon_and_its_cancellation_gives_it_back():
    coupon("ONCE", promotion(limit_total=1, **CODED))
    held = reserve(asking(), key="W1", codes=["once"], now=NOW)
    assert (held.ok, held.discount, held.shares) == (
        True,
        Decimal("4.00"),
        {"1": Decimal("1.00"), "2": Decimal("3.00")},
    )
    assert quote(asking(), codes=["once"], now=NOW).refused_codes[0].reason == "unknown"
    used = redeem("W1", order="W1", now=NOW)
    assert used.held is not None
    assert (used.held.state, used.held.order) == (HoldState.REDEEMED, "W1")
    (given_back,) = release_order("W1", now=NOW)
    assert given_back.state == HoldState.RELEASED
    assert release_order("W1", now=NOW)[0].state == HoldState.RELEASED
    assert quote(asking(), codes=["once"], now=NOW).discount == Decimal("4.00")
    assert counts_agree()


def test_a_failed_order_gives_back_what_it_had_reserved():
    promotion(limit_total=1)
    reserve(asking(), key="W1", now=NOW)
    assert release("W1", now=NOW).ok
    assert Promotion.objects.get().taken == 0
    assert release("W1", now=NOW).ok


def test_the_ledger_says_why_it_refuses():
    promotion()
    assert redeem("W1", order="W1", now=NOW).refused[0].text == "Nothing was reserved under this key."
    reserve(asking(), key="W1", now=NOW)
    (other,) = reserve(asking(CartLine("mug", "1", "1.00")), key="W1", now=NOW).refused
    assert (other.reason, other.text) == ("key_reused", "Something else was reserved under this key.")
    (late,) = redeem("W1", order="W1", now=NOW + 15 * MINUTE).refused
    assert (late.reason, late.text) == ("run_out", "The reservation has run out.")


def test_uses_are_counted_for_the_account_and_the_address_of_whoever_refused_to_be_known():
    """What somebody may use once is no question of recommendations."""
    ann = make_person("ann")
    promotion(limit_person=1)
    request = asking(user=ann)
    request.META["HTTP_SEC_GPC"] = "1"
    assert reserve(request, key="1", email="ann@example.com", now=NOW).ok
    assert quote(request, now=NOW).discount == 0
    assert quote(asking(), email="Ann@Example.com", now=NOW).discount == 0
    assert quote(asking(), email="bob@example.com", now=NOW).discount == Decimal("4.00")
    assert Redemption.objects.get().visitor is None


def test_a_database_that_is_away_is_not_hidden():
    promotion()
    request = asking()

    def fail(execute, sql, params, many, context):
        raise DatabaseError("away")

    with connection.execute_wrapper(fail):
        for call in (
            lambda: quote(request, now=NOW),
            lambda: reserve(request, key="1", now=NOW),
            lambda: redeem("1", order="1", now=NOW),
            lambda: release("1", now=NOW),
            lambda: release_order("1", now=NOW),
        ):
            with pytest.raises(DatabaseError):
                call()


@pytest.mark.usefixtures("savepoints_are_free")
@pytest.mark.parametrize("who", ["a stranger", "somebody signed in", "the owner of the coupon"])
def test_a_quote_takes_six_statements_however_many_promotions_there_are(who):
    ann = make_person("ann")
    visitors = ensure_visitors(IdentityKind.USER, [str(ann.pk), "bob"], tenant="", now=NOW)
    for number in range(30):
        promotion(
            rule=BOUGHT_MUG if number % 2 else FROM_50, title=f"{number}", limit_total=5, limit_person=1
        )
    mine = {"owner": visitors[str(ann.pk)]} if who == "the owner of the coupon" else {}
    coupon("SAVE10", promotion(limit_total=5, limit_person=1, **CODED), **mine)
    user = None if who == "a stranger" else ann

    def ask():
        return quote(asking(user=user), codes=["SAVE10", "NONE"], email="ann@example.com", now=NOW)

    ask()
    with CaptureQueriesContext(connection) as captured:
        assert ask().discount == Decimal("4.00")
    assert len(captured) <= 6, [query["sql"] for query in captured]


def test_nothing_of_the_visitor_is_read_that_no_rule_asks_for():
    promotion(rule=FROM_50)
    quote(asking(), now=NOW)
    with CaptureQueriesContext(connection) as captured:
        quote(asking(user=make_person("ann")), now=NOW)
    assert not [query for query in captured if "WITH person" in query["sql"]]
