"""The whole way to an order, and back from it, in a browser that runs no script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from shop_demo.models import Category, Order, Product, Variant
from shop_demo.seed.people import DEMO_PASSWORD

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer
    from selenium.webdriver import Chrome

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def shop(live_server: LiveServer, transactional_db: None) -> str:
    """A shop that sells shirts in two sizes and a hat, to Maya."""
    call_command("migrate", verbosity=0)
    User.objects.create_user("maya", first_name="Maya", password=DEMO_PASSWORD)
    clothing = Category.objects.create(name="Clothing", slug="clothing")
    shirt = Product.objects.create(sku="SHIRT", name="Shirt", category=clothing, price="30.00", stock=5)
    Product.objects.create(sku="HAT", name="Hat", category=clothing, price="12.00", stock=5)
    for size in ("M", "L"):
        Variant.objects.create(product=shirt, sku=f"SHIRT-{size}", size=size, stock=2)
    return live_server.url


@pytest.fixture
def plain(browser: Chrome) -> Chrome:
    """The browser, its scripts switched off."""
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    return browser


def press(browser: Chrome, path: str) -> None:
    """Press what is found there, and wait for the page that comes."""
    old = browser.find_element(By.TAG_NAME, "html")
    browser.find_element(By.XPATH, path).click()
    WebDriverWait(browser, 10).until(lambda page: page.find_element(By.TAG_NAME, "html") != old)


def button(browser: Chrome, text: str) -> None:
    press(browser, f"//main//button[contains(., '{text}')]")


def said(browser: Chrome) -> str:
    return browser.find_element(By.TAG_NAME, "main").text


def find_the_shirt(browser: Chrome) -> None:
    """By the department, narrowed to what costs enough."""
    press(browser, "//nav[@aria-label='Departments']//a[. = 'Clothing']")
    assert "2 products" in said(browser)
    browser.find_element(By.ID, "from").send_keys("20")
    button(browser, "Show")
    assert "1 product" in said(browser)
    press(browser, "//main//a[contains(., 'Shirt')]")


def test_an_order_is_placed_and_cancelled(shop: str, plain: Chrome) -> None:
    plain.get(f"{shop}/")
    find_the_shirt(plain)
    plain.find_element(By.XPATH, "//label[@for='size-2']").click()
    button(plain, "Put into the cart")
    assert "Shirt (L) lies in your cart." in said(plain)

    press(plain, "//aside//button[contains(., 'Maya')]")
    assert "Shirt" in said(plain)  # on the same page, with the same cart
    press(plain, "//main//a[contains(., 'Check out')]")
    button(plain, "Place the order")
    assert "Thank you, Maya" in said(plain)
    placed = Order.objects.get()
    assert [line.variant.sku for line in placed.lines.all()] == ["SHIRT-L"]
    assert Variant.objects.get(sku="SHIRT-L").stock == 1

    button(plain, "Cancel this order")
    assert "This order was cancelled." in said(plain)
    assert Variant.objects.get(sku="SHIRT-L").stock == 2


def test_nothing_waits_for_what_only_a_script_would_fetch(shop: str, plain: Chrome) -> None:
    """This proves as well that no script runs here: one would fill the place, or take it away."""
    plain.get(f"{shop}/products/")
    (place,) = plain.find_elements(By.CSS_SELECTOR, ".personal-slot-lazy")
    assert not place.is_displayed()
    assert "Recently viewed" not in said(plain)
