"""The account: orders, ratings, recommendations, coupons, details, and how one gets one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from personalization.engine.types import IdentityKind
from personalization.models import Rating
from personalization.promotions.issue import issue
from personalization.shortcuts import my_ratings
from personalization.store.coupons import NewCoupons
from personalization.store.visitors import ensure_visitors
from shop_demo.models import Category, Order, OrderLine, Product
from shop_demo.seed.coupons import COUPONS, write_coupons
from shop_demo.seed.people import PERSONAS
from tests.promotions.ledger import NOW
from tests.promotions.shop import promotion

#: A browser that may be learned from.
PERSON = {"User-Agent": "Mozilla/5.0"}
PAGES = [
    "/account/",
    "/orders/",
    "/account/recommendations/",
    "/account/coupons/",
    "/account/ratings/",
    "/account/details/",
]
CHANGES = [
    "/orders/X/cancel/",
    "/orders/X/return/",
    "/orders/X/again/",
    "/account/ratings/MUG-1/",
    "/account/ratings/MUG-1/delete/",
    "/account/recommendations/MUG-1/hide/",
]


@pytest.fixture
def mug(db: None) -> Product:
    category = Category.objects.create(name="Cups", slug="cups")
    return Product.objects.create(sku="MUG-1", name="Mug", category=category, price="9.50", stock=3)


@pytest.fixture
def ann(client: Client, db: None) -> User:
    user = User.objects.create_user("ann", email="ann@example.com")
    client.force_login(user)
    return user


def main(client: Client, address: str) -> str:
    return client.get(address).content.decode().split("<main")[1].split("</main>")[0]


def order_of(user: User, product: Product, number: str, *, days: int = 1) -> Order:
    placed = Order.objects.create(
        customer=user, number=number, placed_at=timezone.now() - timedelta(days=days)
    )
    OrderLine.objects.create(order=placed, product=product, quantity=2, unit_price="9.50")
    return placed


@pytest.mark.parametrize("path", PAGES)
def test_an_account_is_for_people_who_are_signed_in(client: Client, db: None, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={path}")


@pytest.mark.parametrize("path", [*PAGES, "/personalization/privacy/"])
def test_every_page_has_the_frame_and_says_where_one_is(client: Client, ann: User, path: str) -> None:
    text = main(client, path)
    assert text.count("aria-current=") == 1 + (path == "/account/details/")  # and its choice of languages
    assert f'href="{path}" aria-current="page"' in text
    assert text.count("<h1") == 1


def test_strangers_see_the_privacy_page_without_the_frame(client: Client, db: None) -> None:
    text = main(client, "/personalization/privacy/")
    assert "Your data and personalization" in text
    assert "account-nav" not in text


@pytest.mark.parametrize("path", CHANGES)
def test_changes_are_posted_by_people_who_are_signed_in(client: Client, mug: Product, path: str) -> None:
    assert client.post(path)["Location"].startswith("/login/")
    client.force_login(User.objects.create_user("bob"))
    assert client.get(path).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(username="bob"))
    assert strict.post(path).status_code == 403


@pytest.mark.parametrize("path", ["", "thanks/", "cancel/", "return/", "again/"])
def test_orders_of_others_are_not_there(client: Client, ann: User, mug: Product, path: str) -> None:
    order_of(User.objects.create_user("bob"), mug, "B1")
    ask = client.get if path in {"", "thanks/"} else client.post
    assert ask(f"/orders/B1/{path}").status_code == 404
    assert "/orders/B1/" not in main(client, "/orders/") + main(client, "/account/")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/account/", "You have not ordered anything yet."),
        ("/account/", "You have no coupon that can be used now."),
        ("/orders/", "You have not ordered anything yet."),
        ("/account/coupons/", "You have no coupons yet."),
        ("/account/ratings/", "You have not rated anything yet."),
        ("/account/recommendations/", "These are not about you"),
    ],
)
def test_a_new_account_says_what_to_do(client: Client, ann: User, path: str, says: str) -> None:
    assert says in main(client, path)


def test_orders_come_newest_first_ten_on_a_page(client: Client, ann: User, mug: Product) -> None:
    for n in range(12):
        order_of(ann, mug, f"N{n:02}", days=n + 1)
    first = main(client, "/orders/")
    assert first.index("N00") < first.index("N01")
    assert "N10" not in first
    assert "N11" in main(client, "/orders/?page=2")
    assert "Page 2 of 2" in main(client, "/orders/?page=999")


def statements(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return len(captured)


def test_a_longer_list_costs_no_more_statements(client: Client, ann: User, mug: Product) -> None:
    order_of(ann, mug, "N0")
    few = statements(client, "/orders/")
    for n in range(1, 10):
        order_of(ann, mug, f"N{n}")
    assert statements(client, "/orders/") == few


def test_amounts_are_those_of_the_orders_own_store(client: Client, ann: User, mug: Product) -> None:
    order_of(ann, mug, "C1")
    Order.objects.update(store="cn", currency="CNY")
    assert "¥19.00" in main(client, "/orders/")
    assert "¥19.00" in main(client, "/orders/C1/")


def test_thanks_name_the_order_and_what_was_saved(client: Client, ann: User, mug: Product) -> None:
    issue("SAVE10", NewCoupons(promotion(title="Ten off", needs_code=True)), now=NOW)
    client.post("/cart/MUG-1/")
    client.post("/cart/codes/", {"code": "SAVE10"})
    text = client.post("/checkout/", {"discount": "0.95"}, follow=True).content.decode()
    assert ann.orders.get().number in text
    assert "The code SAVE10 saved you €0.95." in text


def test_an_order_is_bought_again_as_far_as_it_is_for_sale(client: Client, ann: User, mug: Product) -> None:
    placed = order_of(ann, mug, "N1")
    gone = Product.objects.create(sku="JUG-1", name="Jug", category=mug.category, price="5.00", stock=0)
    OrderLine.objects.create(order=placed, product=gone, quantity=1, unit_price="5.00")
    answer = client.post("/orders/N1/again/", follow=True)
    assert client.session["cart"] == {"MUG-1": 2}
    assert "1 product is not for sale now." in answer.content.decode()


def test_ratings_are_shown_changed_and_deleted(client: Client, ann: User, mug: Product) -> None:
    client.post("/account/ratings/MUG-1/", {"stars": "2", "text": "Leaks <b>"})
    text = main(client, "/account/ratings/")
    assert "Leaks &lt;b&gt;" in text
    assert "2 stars" in text
    client.post("/account/ratings/MUG-1/", {"stars": "5", "text": "It was the lid"})
    assert [(int(one.value), one.text) for one in Rating.objects.all()] == [(5, "It was the lid")]
    for _ in range(2):
        answer = client.post("/account/ratings/MUG-1/delete/", follow=True)
    assert "You have not rated anything yet." in answer.content.decode()
    assert not Rating.objects.exists()


@pytest.mark.parametrize("stars", ["", "0", "6", "x"])
def test_other_stars_are_refused(client: Client, ann: User, mug: Product, stars: str) -> None:
    answer = client.post("/account/ratings/MUG-1/", {"stars": stars}, follow=True)
    assert 'class="error"' in answer.content.decode()
    assert not Rating.objects.exists()


def test_ratings_of_what_is_gone_can_be_deleted_only(client: Client, ann: User, mug: Product) -> None:
    client.post("/account/ratings/MUG-1/", {"stars": "4"})
    Product.objects.update(available=False)
    text = main(client, "/account/ratings/")
    assert "Mug" in text
    assert "<details" not in text
    client.post("/account/ratings/MUG-1/delete/")
    assert not Rating.objects.exists()


def test_more_ratings_cost_no_more_statements(client: Client, ann: User, mug: Product) -> None:
    client.post("/account/ratings/MUG-1/", {"stars": "4"})
    client.get("/account/ratings/")  # the message of the first one
    few = statements(client, "/account/ratings/")
    for n in range(12):
        Product.objects.create(sku=f"P-{n}", name=f"P{n}", category=mug.category, price="1.00", stock=1)
        client.post(f"/account/ratings/P-{n}/", {"stars": "4"})
    assert "Page 1 of 2" in main(client, "/account/ratings/")
    assert statements(client, "/account/ratings/") == few


def test_coupons_say_what_they_give_and_what_is_in_the_way(client: Client, ann: User) -> None:
    owner = ensure_visitors(IdentityKind.USER, [str(ann.pk)], tenant="", now=NOW)[str(ann.pk)]
    offer = promotion(title="Ten off", needs_code=True)
    issue("GOOD", NewCoupons(offer, owner=owner), now=NOW)
    issue("OVER", NewCoupons(offer, owner=owner, expires_at=NOW + 1), now=NOW)
    usable, over = main(client, "/account/coupons/").split('<li class="coupon')[1:]
    assert "GOOD" in usable
    assert "Valid without end" in usable
    assert "OVER" in over
    assert "It is over." in over
    assert "GOOD" in main(client, "/account/")
    assert "OVER" not in main(client, "/account/")


def test_the_demos_people_have_coupons_of_their_own(client: Client, db: None) -> None:
    for persona in PERSONAS:
        User.objects.create_user(persona.shopper.username)
    now = timezone.now()
    expected = sum(len(COUPONS[persona.shopper.store]) for persona in PERSONAS)
    assert (write_coupons(at=now), write_coupons(at=now)) == (expected, 0)
    client.force_login(User.objects.get(username="maya"))
    text = main(client, "/account/coupons/")
    assert text.count('class="coupon"') == 1
    assert text.count("coupon-unusable") == 2


def test_details_are_changed(client: Client, ann: User) -> None:
    form = {"first_name": "Ann", "last_name": "Lee", "email": "lee@example.com"}
    assert "Your details are saved." in client.post("/account/details/", form, follow=True).content.decode()
    ann.refresh_from_db()
    assert (ann.first_name, ann.last_name, ann.email) == ("Ann", "Lee", "lee@example.com")


def test_details_that_are_none_change_nothing(client: Client, ann: User) -> None:
    text = client.post("/account/details/", {"first_name": "Ann", "email": "x"}).content.decode()
    assert "errorlist" in text
    ann.refresh_from_db()
    assert (ann.first_name, ann.email) == ("", "ann@example.com")
    assert "<strong>ann</strong>" in text  # the page still greets who is stored


def sign_up(client: Client, **fields: Any) -> Any:
    form = {"username": "new", "email": "new@example.com", "password": "secret-123"} | fields
    return client.post("/sign-up/", form)


def test_signing_up_makes_an_account_and_signs_in(client: Client, db: None) -> None:
    assert sign_up(client)["Location"] == "/account/"
    user = User.objects.get(username="new")
    assert user.check_password("secret-123")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.get("/sign-up/")["Location"] == "/account/"


@pytest.mark.parametrize(
    ("target", "expected"), [("/cart/", "/cart/"), ("https://evil.example/", "/account/"), ("", "/account/")]
)
def test_signing_up_leads_back_within_the_shop(client: Client, db: None, target: str, expected: str) -> None:
    assert sign_up(client, next=target)["Location"] == expected


@pytest.mark.parametrize("fields", [{"username": "ann"}, {"email": ""}, {"email": "x"}, {"password": ""}])
def test_what_is_missing_or_taken_is_said(client: Client, db: None, fields: dict[str, str]) -> None:
    User.objects.create_user("ann")
    assert "errorlist" in sign_up(client, **fields).content.decode()
    assert User.objects.count() == 1


def test_the_cart_and_what_was_looked_at_outlive_signing_up(
    client: Client, mug: Product, django_capture_on_commit_callbacks: Any
) -> None:
    client.post("/cart/MUG-1/")
    page = client.get("/products/MUG-1/", headers=PERSON).content.decode()
    address = page.split('beacon.js" defer data-url="')[1].split('"')[0]
    told = {"events": [{"id": "0123456789abcdefghij", "kind": "view", "item": "MUG-1"}]}
    assert client.post(address, told, content_type="application/json", headers=PERSON).status_code == 202
    with django_capture_on_commit_callbacks(execute=True):
        sign_up(client)
    assert client.session["cart"] == {"MUG-1": 1}
    recent = main(client, "/account/recommendations/").split('data-slot="recently_viewed"')[1]
    assert 'data-item="MUG-1"' in recent


def test_my_ratings_are_mine(rf: Any, ann: User, mug: Product, client: Client) -> None:
    client.post("/account/ratings/MUG-1/", {"stars": "4"})
    client.force_login(User.objects.create_user("bob"))
    assert "You have not rated anything yet." in main(client, "/account/ratings/")
    client.post("/account/ratings/MUG-1/delete/")
    request = rf.get("/")
    request.user = ann
    assert [one.value for one in my_ratings(request)] == [4]


def test_what_was_bought_and_kept_can_be_rated(client: Client, ann: User, mug: Product) -> None:
    asked = "What do you say of these?"
    assert asked not in main(client, "/account/ratings/")
    line = order_of(ann, mug, "N1").lines.get()
    assert asked in main(client, "/account/ratings/")
    Order.objects.update(cancelled_at=timezone.now())
    assert asked not in main(client, "/account/ratings/")
    Order.objects.update(cancelled_at=None)
    line.returns.create(quantity=1, amount="9.50", returned_at=timezone.now())
    assert asked not in main(client, "/account/ratings/")
    line.returns.all().delete()
    client.post("/account/ratings/MUG-1/", {"stars": "4"})
    text = main(client, "/account/ratings/")
    assert asked not in text
    assert "4 stars" in text


def test_a_coupon_is_used_with_one_click(client: Client, ann: User) -> None:
    owner = ensure_visitors(IdentityKind.USER, [str(ann.pk)], tenant="", now=NOW)[str(ann.pk)]
    issue("GOOD", NewCoupons(promotion(title="Ten off", needs_code=True), owner=owner), now=NOW)
    assert 'name="code" value="GOOD"' in main(client, "/account/coupons/")
    assert client.post("/cart/codes/", {"code": "GOOD"})["Location"] == "/cart/"
    assert client.session["codes"] == ["GOOD"]
