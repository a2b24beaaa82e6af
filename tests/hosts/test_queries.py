"""At most two statements of ours for a page, however many slots it has; none for a page without a slot. Parts about
offers have a budget of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from personalization.engine.types import Identity, IdentityKind, Kind
from tests.hosts.failures import TABLES
from tests.hosts.seen import blocks
from tests.hosts.told import tell
from tests.served import Shop

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

    from tests.hosts.keepers.base import Keeper

pytestmark = pytest.mark.django_db(transaction=True)

MOST = 2
#: What a part about offers may cost besides.
MOST_OFFERS = 6
#: Pages that have one, by host.
WITH_OFFERS = {("shop_demo", "cart")}
#: Pages that show what everybody said of a product, and what the shopper did: four and one more.
MOST_REVIEWS = 5
WITH_REVIEWS = {("shop_demo", "product")}


@pytest.fixture
def things(host: Keeper) -> list[Any]:
    """Products with a past: every slot has a build to answer from."""
    products = [host.product(f"thing {n}") for n in range(12)]
    keys = [host.key(one) for one in products]
    past = Shop(keys)
    pairs = {keys[0]: {key: 1 / (place + 1) for place, key in enumerate(keys[1:])}}
    past.publish("auto", keys=keys, weights=pairs)
    past.publish("item-cosine", keys=keys, neighbors=pairs)
    past.publish("popularity-recent", keys=keys, ranking=keys)
    past.publish("popularity", keys=keys, ranking=keys)
    return products


@pytest.fixture(params=["a stranger", "a known browser", "somebody signed in"])
def browser(request: pytest.FixtureRequest, host: Keeper, things: list[Any]) -> Client:
    if request.param == "a stranger":
        return host.browser()
    if request.param == "a known browser":
        browser = host.browser()
        for product in things[:2]:
            tell(browser, "view", host.key(product))
        return browser
    browser = host.customer("ann")
    owner = Identity(IdentityKind.USER, browser.session["_auth_user_id"])
    Shop([]).does(Kind.PURCHASE, [host.key(product) for product in things[:2]], identity=owner)
    host.put(browser, things[2])
    return browser


def ours(page: Any) -> list[str]:
    """Statements that touch our tables while a page is made."""
    with CaptureQueriesContext(connection) as captured:
        page()
    return [query["sql"] for query in captured if is_ours(query["sql"])]


def is_ours(sql: str) -> bool:
    """Not the shop's cards, whose statement has a column that is named after us."""
    return any(table in sql for table in TABLES)


def test_pages(host: Keeper, browser: Client, things: list[Any]) -> None:
    for name, address in host.pages(things[0]).items():
        browser.get(address)  # a worker reads tables once
        statements = ours(lambda address=address: browser.get(address))
        most = MOST + MOST_OFFERS if (host.name, name) in WITH_OFFERS else MOST
        most += MOST_REVIEWS if (host.name, name) in WITH_REVIEWS else 0
        assert len(statements) <= most, f"{name}: {statements}"


def test_the_blocks_that_the_script_fetches(host: Keeper, browser: Client, things: list[Any]) -> None:
    for name, address in host.pages(things[0]).items():
        page = browser.get(address)
        blocks(browser, page)
        statements = ours(lambda page=page: blocks(browser, page))
        assert len(statements) <= MOST, f"{name}: {statements}"


def test_steps_between_pages_cost_nothing(host: Keeper, browser: Client, things: list[Any]) -> None:
    assert ours(lambda: host.put(browser, things[3])) == []


def test_an_order_costs_nothing_before_it_is_committed(host: Keeper, things: list[Any]) -> None:
    """What is written is written afterwards: the host's rows are not held for it."""
    browser = host.customer("ann")
    host.put(browser, things[3])
    within: list[bool] = []

    def watch(execute: Any, sql: str, *arguments: Any) -> Any:
        written = sql.lstrip("( ").upper().startswith(("INSERT", "UPDATE", "DELETE"))
        if is_ours(sql) and written:
            within.append(len(host.orders()) == 1)
        return execute(sql, *arguments)

    with connection.execute_wrapper(watch):
        response: HttpResponse = host.check_out(browser)
    assert response.status_code == 302
    assert all(within)


@pytest.mark.parametrize("name", ["home"])
def test_a_cached_page_costs_nothing_at_all(host: Keeper, things: list[Any], name: str) -> None:
    if name not in host.cached_pages:
        pytest.skip(f"{host.name} caches no page")
    address = host.pages(things[0])[name]
    host.browser().get(address)
    browser = host.customer("ann")
    with CaptureQueriesContext(connection) as captured:
        page = browser.get(address)
    assert {query["sql"] for query in captured} <= {
        "BEGIN",
        "BEGIN IMMEDIATE",
        "COMMIT",
    }  # of ATOMIC_REQUESTS
    assert "Cookie" not in page.get("Vary", "")
    assert "thing 1" in page.content.decode()
