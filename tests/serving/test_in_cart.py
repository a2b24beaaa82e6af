import pytest
from django.http import HttpRequest

from personalization.engine.types import Cart, CartLine
from personalization.store.catalog import CatalogAdapter
from tests.served import keys


class CartAdapter(CatalogAdapter):
    asked = 0

    def cart(self, request):
        type(self).asked += 1
        return request.cart() if request.cart else None

    def canonical_keys(self, keys, tenant=""):
        """``b-small`` is a size of ``b``."""
        return {key: key[0] for key in keys if "-" in key}


@pytest.fixture
def page(shop, settings):
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.CartAdapter"}
    shop.publish("auto", weights={"a": {"b": 0.9, "c": 0.5, "d": 0.3}})
    shop.publish("popularity", ranking="hgf")
    shop.buys("a")
    CartAdapter.asked = 0
    request = HttpRequest()
    request.cart = None
    request.shop = shop
    return request


def ask(page, slot="for_you", count=2):
    return keys(page.shop.ask(slot, count=count, request=page))


def test_without_a_cart_everything_may_be_shown(page):
    assert ask(page) == "bc"


def test_what_lies_in_the_cart_is_not_recommended_and_the_cart_is_read_once(page):
    page.cart = lambda: Cart((CartLine("b"), CartLine("h")))
    assert ask(page) == "cd"
    assert ask(page, "popular") == "gf"
    assert CartAdapter.asked == 1


def test_a_variant_in_the_cart_is_its_product(page):
    page.cart = lambda: Cart((CartLine("b-small"),))
    assert ask(page) == "cd"


def test_a_cart_that_cannot_be_read_costs_nobody_the_block(page, caplog):
    def broken():
        raise OSError("no session store")

    page.cart = broken
    assert ask(page) == "bc"
    assert ask(page, "popular", count=1) == "h"
    assert [record.message for record in caplog.records] == ["reading the cart failed"]
