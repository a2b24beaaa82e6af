"""The ``rating`` part of the catalog of bad inputs, sent to the API as a signed-in customer.

``stars`` is our ``value``, ``comment`` our ``text``, ``product`` our ``item``; ``misc`` cases have a test each.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.utils.html import escape

from personalization.models import Event, Item, Rating, Visitor
from tests import goods as shelf
from tests.bad_inputs.cases import cases
from tests.goods import Goods, GoodsAdapter
from tests.people import make_chief, make_person

if TYPE_CHECKING:
    from django.http import HttpResponse

    from personalization.adapters import Page
    from personalization.engine.types import Identity

URL = "/personalization/v1/ratings/"
FIELDS = {"stars": "value", "comment": "text", "product": "item"}

#: What `misc` asks for → the test that does it.
MISC = {
    "no CSRF token": "test_no_csrf_token",
    "rate other user's order line": "test_an_order_line_of_another_user_is_no_item",
    "rate twice at once x50": "test_fifty_at_once_are_one_row",
    "rate product never bought when setting requires it": "test_a_product_that_was_never_bought",
    "rate hidden/deleted product": "test_hidden_and_deleted_products",
    "user_id of other user in body": "test_the_id_of_another_user_in_the_body",
    "delete then re-rate loop 1000x": "test_deleting_and_rating_a_thousand_times_is_one_row",
}
#: Cases about things that do not exist here, with the reason. There are none.
NOT_OURS: dict[str, str] = {}


class BuyersOnly(GoodsAdapter):
    """A shop that lets only buyers rate."""

    bought: ClassVar[set[tuple[str, str]]] = set()

    def may_rate(self, identity: Identity, key: str, page: Page) -> bool:
        return (identity.key, key) in self.bought


def shop() -> Goods:
    shelf.put("hidden", available=False)
    return shelf.put("mug")


def signed_in(user: Any, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(user)
    return client


@pytest.fixture
def mug(db: None, goods: None) -> Goods:
    return shop()


@pytest.fixture
def ann(db: None) -> Any:
    return make_person("ann")


@pytest.fixture
def browser(ann: Any) -> Client:
    return signed_in(ann)


def post(client: Client, **body: Any) -> HttpResponse:
    return client.post(URL, json.dumps(body), content_type="application/json")


def of(field: str) -> list[Any]:
    return [pytest.param(c["value"], id=f"{n}") for n, c in enumerate(cases("rating")) if c["field"] == field]


def refused(response: Any, field: str, value: Any) -> None:
    """A clear problem that names the field, echoes nothing unescaped, and leaves nothing behind."""
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert not (isinstance(value, str) and "<" in value and value in response.content.decode())
    assert not any(model.objects.exists() for model in (Rating, Event, Visitor, Item))


def test_every_case_is_mapped() -> None:
    known = Counter(case["field"] for case in cases("rating"))
    assert known == {"stars": 39, "comment": 47, "product": 22, "misc": 7}
    assert {
        case["value"] for case in cases("rating") if case["field"] == "misc"
    } == MISC.keys() | NOT_OURS.keys()
    assert all(callable(globals()[name]) for name in MISC.values())


@pytest.mark.parametrize("value", of("stars"))
def test_bad_stars_are_refused(browser: Client, mug: Goods, value: Any) -> None:
    begun = time.monotonic()
    refused(post(browser, item="mug", value=value), "value", value)
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize("value", of("product"))
def test_bad_products_are_refused(browser: Client, mug: Goods, value: Any) -> None:
    refused(post(browser, item=value, value=4), "item", value)


@pytest.mark.parametrize("value", of("comment"))
def test_odd_comments_are_stored_and_inert(browser: Client, mug: Goods, value: str) -> None:
    response = post(browser, item="mug", value=4, text=value)
    assert response.status_code == 200
    kept = value.replace("\0", "\ufffd").replace("\ud800", "\ufffd")
    assert Rating.objects.get().text == kept == response.json()["text"]
    staff = signed_in(make_chief())
    for path in ("", f"{Rating.objects.get().pk}/change/"):
        response = staff.get(f"/admin/personalization/rating/{path}")
        page = response.content.decode()
        assert response.status_code == 200
        assert escape(kept) == kept or kept not in page


def test_no_csrf_token(ann: Any, mug: Goods) -> None:
    response = post(signed_in(ann, enforce_csrf_checks=True), item="mug", value=4)
    assert response.status_code == 403
    assert not Rating.objects.exists()


def test_an_order_line_of_another_user_is_no_item(browser: Client, mug: Goods) -> None:
    refused(post(browser, item="7", value=4), "item", "")
    assert post(browser, item="mug", order_line=7, value=4).status_code == 400
    assert not Rating.objects.exists()


def test_a_product_that_was_never_bought(browser: Client, ann: Any, mug: Goods) -> None:
    with override_settings(PERSONALIZATION={"ADAPTER": f"{__name__}.BuyersOnly"}):
        refused(post(browser, item="mug", value=4), "item", "")
        BuyersOnly.bought = {(str(ann.pk), "mug")}
        assert post(browser, item="mug", value=4).status_code == 200


def test_hidden_and_deleted_products(browser: Client, mug: Goods) -> None:
    refused(post(browser, item="hidden", value=4), "item", "")
    mug.delete()
    refused(post(browser, item="mug", value=4), "item", "")


def test_the_id_of_another_user_in_the_body(browser: Client, mug: Goods) -> None:
    bob = make_person("bob")
    refused(post(browser, item="mug", value=4, user_id=str(bob.pk)), "user_id", str(bob.pk))


def test_fifty_at_once_are_one_row(threads_db: None, goods: None) -> None:
    shop()
    client = signed_in(make_person("ann"))
    session = client.cookies["sessionid"].value

    def attempt(value: int) -> int:
        browser = Client()
        browser.cookies["sessionid"] = session
        try:
            return post(browser, item="mug", value=value).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as pool:
        assert set(pool.map(attempt, [1 + n % 5 for n in range(50)])) == {200}
    assert (Rating.objects.count(), Visitor.objects.count(), Item.objects.count()) == (1, 1, 1)


@pytest.mark.slow
def test_deleting_and_rating_a_thousand_times_is_one_row(browser: Client, mug: Goods, settings: Any) -> None:
    settings.PERSONALIZATION = shelf.GOODS | {"THROTTLES": {"ratings": None}}
    for _ in range(1000):
        assert post(browser, item="mug", value=4).status_code == 200
        assert browser.delete(f"{URL}mug/").status_code == 204
    assert post(browser, item="mug", value=5).status_code == 200
    assert Rating.objects.get().value == 5
    assert Event.objects.count() <= 2  # one a day, and the test may run at midnight
