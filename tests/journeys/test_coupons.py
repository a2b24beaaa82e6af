"""A coupon, in a real browser: refused with its reason, used, and given back by a cancellation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from personalization.models import Coupon
from personalization.promotions.issue import issue
from personalization.store.coupons import NewCoupons
from shop_demo.models import Category, Product
from shop_demo.seed.people import DEMO_PASSWORD
from tests.promotions.ledger import NOW
from tests.promotions.shop import FROM_50, promotion

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer
    from selenium.webdriver import Chrome

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def shop(live_server: LiveServer, transactional_db: None) -> str:
    """A shop with mugs at 30.00, Maya, and a code that gives 10 % from 50.00 on, once."""
    call_command("migrate", verbosity=0)
    User.objects.create_user("maya", password=DEMO_PASSWORD)
    category = Category.objects.create(name="Cups", slug="cups")
    Product.objects.create(sku="MUG-1", name="Mug", category=category, price="30.00", stock=5)
    issue("SAVE10", NewCoupons(promotion(title="Ten off", rule=FROM_50, needs_code=True)), now=NOW)
    return live_server.url


def press(browser: Chrome, text: str) -> None:
    """Press a button, and wait for the page that comes."""
    old = browser.find_element(By.TAG_NAME, "html")
    browser.find_element(By.XPATH, f"//main//button[contains(., '{text}')]").click()
    WebDriverWait(browser, 10).until(lambda page: page.find_element(By.TAG_NAME, "html") != old)


def said(browser: Chrome) -> str:
    return browser.find_element(By.TAG_NAME, "main").text


def try_code(browser: Chrome, code: str) -> None:
    browser.find_element(By.ID, "code").send_keys(code)
    press(browser, "Use")


def test_a_coupon_from_the_code_to_the_cancellation(shop: str, browser: Chrome) -> None:
    browser.get(f"{shop}/login/")
    for name, text in (("username", "maya"), ("password", DEMO_PASSWORD)):
        browser.find_element(
            By.CSS_SELECTOR, f"main form.fields [name={name}], main form [name={name}]"
        ).send_keys(text)
    press(browser, "Sign in")

    browser.get(f"{shop}/products/MUG-1/")
    press(browser, "Put into the cart")
    try_code(browser, "save 10")
    assert "20.00 EUR more, and it applies." in said(browser)
    try_code(browser, "GUESS")
    assert "This code cannot be used." in said(browser)
    press(browser, "GUESS")
    assert "This code cannot be used." not in said(browser)

    browser.get(f"{shop}/products/MUG-1/")
    press(browser, "Put into the cart")
    assert "−6.00 EUR" in said(browser)
    assert "€54.00" in said(browser)
    browser.find_element(By.LINK_TEXT, "Check out").click()
    press(browser, "Place the order")
    assert "Thank you" in said(browser)
    assert said(browser).count("−€6.00") == 2
    assert Coupon.objects.get().taken == 1

    press(browser, "Cancel this order")
    assert "can be used again" in said(browser)
    assert Coupon.objects.get().taken == 0
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
