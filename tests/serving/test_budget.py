"""How many statements a page costs."""

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest

from personalization import shortcuts
from personalization.engine.types import Identity, IdentityKind
from personalization.store import live_tables
from shop_demo.models import Category, Product
from tests.served import CATALOG, Shop, keys

KEYS = [f"k{number:02}" for number in range(30)]
PAIRS = {KEYS[0]: {key: 1 / (place + 1) for place, key in enumerate(KEYS[1:])}}


@pytest.fixture(params=["catalog", "shop"])
def shop(request, db, settings):
    adapter = "shop_demo.personal.ShopAdapter" if request.param == "shop" else CATALOG["ADAPTER"]
    settings.PERSONALIZATION = {"ADAPTER": adapter}
    category = Category.objects.create(name="all", slug="all")
    Product.objects.bulk_create(
        Product(sku=key, name=key, category=category, price=1, stock=3, slug=key)
        if hasattr(Product, "slug")
        else Product(sku=key, name=key, category=category, price=1, stock=3)
        for key in KEYS
    )
    shop = Shop(KEYS)
    shop.publish("auto", keys=KEYS, weights=PAIRS)
    shop.publish("item-cosine", keys=KEYS, neighbors=PAIRS)
    shop.publish("popularity-recent", keys=KEYS, ranking=KEYS)
    shop.publish("popularity", keys=KEYS, ranking=KEYS)
    return shop


@pytest.fixture
def anna(shop):
    user = User.objects.create(username="anna")
    shop.buys(KEYS[:2], identity=Identity(IdentityKind.USER, str(user.pk)))
    return user


def page(user):
    """A product page with two slots."""
    request = HttpRequest()
    request.user, request.session = user, {}
    return (
        shortcuts.slot(request, "for_you", item=KEYS[5], count=4),
        shortcuts.slot(request, "similar", item=KEYS[0], count=4),
    )


@pytest.mark.parametrize("mapped", [True, False])
def test_a_warm_product_page(shop, anna, settings, mapped, django_assert_num_queries, savepoints_are_free):
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "MAP_BUILDS": mapped}
    page(anna)
    ours = 1
    cards = 0 if settings.PERSONALIZATION["ADAPTER"] == CATALOG["ADAPTER"] else 2
    with django_assert_num_queries(ours + cards):
        for_you, similar = page(anna)
    assert len(for_you.items) == len(similar.items) == 4
    assert for_you.mode == "personalized"


def test_the_first_cards_of_a_process(shop, anna, django_assert_max_num_queries, savepoints_are_free):
    page(anna)
    from personalization.store.catalog import forget_cards

    forget_cards()
    with django_assert_max_num_queries(1 + 2):
        page(anna)


def test_tables_that_stay_in_the_database(
    shop, anna, settings, monkeypatch, django_assert_num_queries, savepoints_are_free
):
    settings.PERSONALIZATION = {**CATALOG, "MAP_BUILDS": False}
    monkeypatch.setattr(live_tables, "MEMORY_LIMIT", 0)
    first = [keys(answer) for answer in page(anna)]
    with django_assert_num_queries(1 + 2):  # the page, and one look per slot
        assert [keys(answer) for answer in page(anna)] == first


def test_a_history_beyond_the_limit_costs_one_more(
    shop, anna, settings, django_assert_num_queries, savepoints_are_free
):
    settings.PERSONALIZATION = {**CATALOG, "HISTORY_LIMIT": 1}
    page(anna)
    with django_assert_num_queries(2):
        page(anna)
