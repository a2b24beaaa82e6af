"""The account in a real browser: what comes back, what a newcomer brings along, and switching personalization off."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from personalization.engine.types import Identity, IdentityKind, Kind
from shop_demo.models import Category, Order, OrderLine, Product
from shop_demo.seed.people import DEMO_PASSWORD
from tests.served import Shop

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer
    from selenium.webdriver import Chrome

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SKUS = [f"MUG-{n}" for n in range(6)]


@pytest.fixture
def maya(transactional_db: None) -> User:
    """She bought the first of six mugs yesterday, two pieces of it; the others go with it."""
    call_command("migrate", verbosity=0)
    category = Category.objects.create(name="Cups", slug="cups")
    mugs = [
        Product.objects.create(sku=sku, name=f"Mug {n}", category=category, price="30.00", stock=5)
        for n, sku in enumerate(SKUS)
    ]
    user = User.objects.create_user("maya", password=DEMO_PASSWORD)
    placed = Order.objects.create(
        customer=user, number="W1", placed_at=timezone.now() - timedelta(days=1), discount="5.01"
    )
    OrderLine.objects.create(order=placed, product=mugs[0], quantity=2, unit_price="30.00", discount="5.01")
    past = Shop(SKUS)
    past.publish("auto", keys=SKUS, weights={SKUS[0]: {sku: 1 / n for n, sku in enumerate(SKUS[1:], 1)}})
    past.publish("popularity", keys=SKUS, ranking=SKUS)
    past.does(Kind.PURCHASE, SKUS[:1], identity=Identity(IdentityKind.USER, str(user.pk)))
    return user


@pytest.fixture
def shop(live_server: LiveServer, maya: User) -> str:
    return live_server.url


def press(browser: Chrome, text: str) -> None:
    """Press a button, and wait for the page that comes."""
    old = browser.find_element(By.TAG_NAME, "html")
    browser.find_element(By.XPATH, f"//main//button[contains(., '{text}')]").click()
    WebDriverWait(browser, 10).until(lambda page: page.find_element(By.TAG_NAME, "html") != old)


def said(browser: Chrome) -> str:
    return browser.find_element(By.TAG_NAME, "main").text


def fill(browser: Chrome, **fields: str) -> None:
    for name, text in fields.items():
        field = browser.find_element(By.CSS_SELECTOR, f"main form.fields [name={name}]")
        field.clear()
        field.send_keys(text)


def sign_in(browser: Chrome, shop: str) -> None:
    browser.get(f"{shop}/login/?next=/account/")
    fill(browser, username="maya", password=DEMO_PASSWORD)
    press(browser, "Sign in")


def complaints(browser: Chrome) -> list[Any]:
    return [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


def test_pieces_come_back_one_after_the_other(shop: str, browser: Chrome) -> None:
    sign_in(browser, shop)
    assert "Order W1" in said(browser)
    browser.get(f"{shop}/orders/W1/")
    for paid in ("€27.50", "€27.49"):
        pieces = browser.find_element(By.CSS_SELECTOR, ".return-lines input")
        pieces.clear()
        pieces.send_keys("1")
        press(browser, "Return these pieces")
        assert f"You get {paid} back" in said(browser)
    assert "Return something" not in said(browser)
    assert "−€54.99" in said(browser)
    assert complaints(browser) == []


def test_who_switches_personalization_off_sees_what_everybody_sees_at_once(
    shop: str, browser: Chrome
) -> None:
    sign_in(browser, shop)
    assert "Because you bought Mug 0" in said(browser)
    browser.get(f"{shop}/account/recommendations/")
    assert said(browser).count("Not interested") == 5
    browser.find_element(By.LINK_TEXT, "Privacy").click()
    press(browser, "Switch personalization off")
    assert "Personalization is off." in said(browser)
    browser.find_element(By.LINK_TEXT, "For you").click()
    assert "These are not about you" in said(browser)
    assert "Because you" not in said(browser)
    assert "Not interested" not in said(browser)
    assert "Mug 1" in said(browser)
    assert complaints(browser) == []


def test_a_newcomer_brings_along_what_was_looked_at(shop: str, browser: Chrome) -> None:
    browser.get(f"{shop}/products/MUG-3/")
    WebDriverWait(browser, 10).until(
        lambda page: page.execute_script("return sessionStorage.personal") == "[]"
    )
    browser.find_element(By.LINK_TEXT, "Sign in to rate this product").click()
    browser.find_element(By.LINK_TEXT, "Create an account").click()
    fill(browser, username="new", email="new@example.com", password="a-long-secret")
    press(browser, "Create an account")
    assert browser.current_url == f"{shop}/products/MUG-3/"
    browser.get(f"{shop}/account/recommendations/")
    recent = browser.find_element(By.CSS_SELECTOR, '[data-slot="recently_viewed"]').text
    assert "Mug 3" in recent
    assert complaints(browser) == []
