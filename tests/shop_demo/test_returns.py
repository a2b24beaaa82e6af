"""What comes back of an order: once, exactly, and never more than was bought."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from personalization.engine.types import Kind
from personalization.models import Coupon, Event
from personalization.promotions.issue import issue
from personalization.store.coupons import NewCoupons
from shop_demo import returns
from shop_demo.models import Category, Order, OrderLine, Product, Return
from shop_demo.returns import State
from tests.promotions.ledger import NOW, counts_agree
from tests.promotions.shop import promotion

HOUR = timedelta(hours=1)


@pytest.fixture
def ann(client: Client, db: None) -> User:
    user = User.objects.create_user("ann")
    client.force_login(user)
    return user


@pytest.fixture
def mug(db: None) -> Product:
    category = Category.objects.create(name="Cups", slug="cups")
    return Product.objects.create(sku="MUG-1", name="Mug", category=category, price="10.00", stock=8)


@pytest.fixture
def sent(client: Client, ann: User, mug: Product) -> Order:
    """Three mugs, bought yesterday; five are left."""
    return buy(client, ann, mug, pieces=3)


def buy(client: Client, ann: User, product: Product, *, pieces: int, discount: str = "") -> Order:
    client.post(f"/cart/{product.sku}/", {"quantity": str(pieces)})
    client.post("/checkout/", {"discount": discount})
    ann.orders.update(placed_at=timezone.now() - timedelta(days=1))
    return ann.orders.get()


def send_back(client: Client, order: Order, pieces: object, *, seen: object = 0) -> str:
    line = order.lines.get()
    form = {f"pieces-{line.pk}": str(pieces), "seen": str(seen)}
    answer = client.post(f"/orders/{order.number}/return/", form, follow=True)
    assert answer.status_code == 200
    return answer.content.decode().split("<main")[1]


def state(order: Order) -> State:
    return returns.state_of(Order.objects.get(pk=order.pk), now=timezone.now())


def stock(product: Product) -> int:
    product.refresh_from_db()
    return product.stock


def test_pieces_come_back_and_are_paid_back(client: Client, sent: Order, mug: Product) -> None:
    assert "You get €20.00 back" in send_back(client, sent, 2)
    sent.refresh_from_db()
    assert (sent.refunded, stock(mug), state(sent)) == (Decimal("20.00"), 7, State.PARTLY_RETURNED)
    assert "You get €10.00 back" in send_back(client, sent, 1, seen=2)
    assert (stock(mug), state(sent)) == (8, State.RETURNED)


def test_the_same_form_sent_twice_counts_once(client: Client, sent: Order, mug: Product) -> None:
    for _ in range(2):
        send_back(client, sent, 1)
    assert (Return.objects.get().quantity, stock(mug)) == (1, 6)


@pytest.mark.parametrize("pieces", [4, 999, "9" * 18])
def test_never_more_than_was_bought(client: Client, sent: Order, mug: Product, pieces: object) -> None:
    assert "more than you can return" in send_back(client, sent, pieces)
    assert (Return.objects.count(), stock(mug), state(sent)) == (0, 5, State.SENT)


def test_never_more_than_is_left(client: Client, sent: Order, mug: Product) -> None:
    send_back(client, sent, 2)
    assert "more than you can return" in send_back(client, sent, 2, seen=2)
    assert (Return.objects.get().quantity, stock(mug)) == (2, 7)


@pytest.mark.parametrize("pieces", ["-1", "1.5", "x", "٣", "", "0", "9" * 40])
def test_what_is_no_number_of_pieces_changes_nothing(client: Client, sent: Order, pieces: str) -> None:
    assert "how many pieces you return" in send_back(client, sent, pieces)
    assert not Return.objects.exists()


def test_lines_of_other_orders_do_not_come_back(client: Client, sent: Order, mug: Product) -> None:
    other = Order.objects.create(
        customer=User.objects.create_user("bob"), number="B1", placed_at=sent.placed_at
    )
    line = OrderLine.objects.create(order=other, product=mug, quantity=1, unit_price="10.00")
    form = {f"pieces-{line.pk}": "1", "seen": "0"}
    assert client.post(f"/orders/{sent.number}/return/", form).status_code == 302
    assert client.post("/orders/B1/return/", form).status_code == 404
    assert not Return.objects.exists()


def test_an_order_is_cancelled_within_an_hour_and_returned_after_it(
    client: Client, ann: User, mug: Product
) -> None:
    order = buy(client, ann, mug, pieces=1)
    ann.orders.update(placed_at=timezone.now() - HOUR / 2)
    page = client.get(f"/orders/{order.number}/").content.decode()
    assert "Cancel this order" in page
    assert "Return something" not in page
    assert "cannot be returned" in send_back(client, order, 1)
    ann.orders.update(placed_at=timezone.now() - HOUR)
    page = client.get(f"/orders/{order.number}/").content.decode()
    assert "Cancel this order" not in page
    assert "Return something" in page
    answer = client.post(f"/orders/{order.number}/cancel/", follow=True)
    assert "on its way already" in answer.content.decode()
    assert state(order) == State.SENT


def test_after_sixty_days_nothing_comes_back(client: Client, ann: User, sent: Order) -> None:
    ann.orders.update(placed_at=timezone.now() - timedelta(days=60))
    assert "It could be returned until" in client.get(f"/orders/{sent.number}/").content.decode()
    assert "cannot be returned" in send_back(client, sent, 1)


def test_a_cancelled_order_does_not_come_back_as_well(client: Client, ann: User, mug: Product) -> None:
    order = buy(client, ann, mug, pieces=1)
    ann.orders.update(placed_at=timezone.now())
    client.post(f"/orders/{order.number}/cancel/")
    ann.orders.update(placed_at=timezone.now() - timedelta(days=1))
    assert "cannot be returned" in send_back(client, order, 1)
    assert (stock(mug), state(order)) == (8, State.CANCELLED)


def test_a_coupon_is_free_again_when_nothing_is_left_of_the_order(
    client: Client, ann: User, mug: Product
) -> None:
    issue("SAVE10", NewCoupons(promotion(title="Ten off", needs_code=True)), now=NOW)
    client.post("/cart/codes/", {"code": "SAVE10"})
    order = buy(client, ann, mug, pieces=3, discount="3.00")
    assert (order.discount, order.code) == (Decimal("3.00"), "SAVE10")
    assert "You get €9.00 back" in send_back(client, order, 1)
    assert Coupon.objects.get().taken == 1
    text = send_back(client, order, 2, seen=1)
    assert "You get €18.00 back" in text
    assert "can be used again" in text
    assert (Coupon.objects.get().taken, ann.orders.get().refunded) == (0, Decimal("27.00"))
    assert counts_agree()


def test_personalization_hears_of_what_came_back(
    client: Client, ann: User, mug: Product, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        order = buy(client, ann, mug, pieces=3)
    for seen in (0, 1):
        with django_capture_on_commit_callbacks(execute=True):
            send_back(client, order, 1, seen=seen)
    back = Event.objects.filter(kind=Kind.REFUND)
    assert [(one.item.key, one.quantity, one.order) for one in back] == [("MUG-1", 1, order.number)] * 2


@given(
    st.integers(1, 20),
    st.decimals("0.01", "999.99", places=2),
    st.data(),
)
def test_all_pieces_in_whatever_steps_get_exactly_what_the_line_cost(
    quantity: int, price: Decimal, data: st.DataObject
) -> None:
    discount = data.draw(st.decimals("0", price * quantity, places=2))
    line = OrderLine(quantity=quantity, unit_price=price, discount=discount)
    paid, left = Decimal(0), quantity
    while left:
        pieces = data.draw(st.integers(1, left))
        amount = returns.refund_of(line, pieces, before=quantity - left)
        assert 0 <= amount <= price * pieces
        assert amount == amount.quantize(returns.CENT)
        paid, left = paid + amount, left - pieces
    assert paid == line.total - discount


@pytest.mark.parametrize("act", ["return", "cancel"])
def test_of_many_at_once_one_counts(threads_db: None, client: Client, act: str) -> None:
    customer = User.objects.create_user("ann")
    category = Category.objects.create(name="Cups", slug="cups")
    mug = Product.objects.create(sku="MUG-1", name="Mug", category=category, price="10.00", stock=5)
    age = timedelta(days=1) if act == "return" else timedelta(0)
    order = Order.objects.create(customer=customer, number="W1", placed_at=timezone.now() - age)
    line = OrderLine.objects.create(order=order, product=mug, quantity=3, unit_price="10.00")
    client.force_login(customer)
    cookies, form = client.cookies, {f"pieces-{line.pk}": "2", "seen": "0"}

    def work() -> int:
        browser = Client()
        browser.cookies = cookies
        try:
            return browser.post(f"/orders/W1/{act}/", form).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert {done.result() for done in [pool.submit(work) for _ in range(12)]} == {302}
    assert stock(mug) == (7 if act == "return" else 8)
    order.refresh_from_db()
    assert order.refunded == (Decimal(20) if act == "return" else 0)
    assert Return.objects.count() == (act == "return")
