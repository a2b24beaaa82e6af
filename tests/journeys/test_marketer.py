"""A marketer who builds a promotion in the admin, and a shopper who gets it on the next page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from personalization.models import Promotion
from shop_demo.models import Category, Product
from tests.people import make_chief

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer
    from selenium.webdriver import Chrome

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ADMIN = "/admin/personalization/promotion/"
TITLE = "A tenth off tents"
SECONDS = 20


@pytest.fixture
def marketer(transactional_db: None, client: Any) -> str:
    """The session of somebody who may do everything."""
    client.force_login(make_chief())
    session: str = client.cookies["sessionid"].value
    return session


@pytest.fixture
def shop(live_server: LiveServer, marketer: str) -> str:
    tents = Category.objects.create(name="Tents", slug="tents")
    Product.objects.create(sku="TENT", name="Tarn", category=tents, price="200.00", stock=5)
    return live_server.url


def be(browser: Chrome, session: str) -> None:
    browser.add_cookie({"name": "sessionid", "value": session})


def press(browser: Chrome, selector: str) -> None:
    """Press it, and wait for the page that comes."""
    old = browser.find_element(By.TAG_NAME, "html")
    browser.find_element(By.CSS_SELECTOR, selector).click()
    WebDriverWait(browser, SECONDS).until(lambda page: page.find_element(By.TAG_NAME, "html") != old)


def write_promotion(browser: Chrome, shop: str) -> None:
    """A tenth off, for carts from 150 EUR on."""
    browser.get(f"{shop}{ADMIN}add/")
    for field, text in (("title", TITLE), ("percent", "10"), ("currency", "EUR")):
        browser.find_element(By.ID, f"id_{field}").send_keys(text)
    browser.find_element(By.CSS_SELECTOR, "button[name='rule-act'][value='add:0']").click()
    wait = WebDriverWait(browser, SECONDS)
    kind = wait.until(lambda page: page.find_element(By.NAME, "rule-1-kind"))
    Select(kind).select_by_value("cart.subtotal")
    amount = wait.until(lambda page: page.find_element(By.NAME, "rule-1-f-value"))
    amount.send_keys("150")
    browser.find_element(By.NAME, "rule-1-f-currency").send_keys("EUR")
    wait.until(lambda page: "150" in page.find_elements(By.CSS_SELECTOR, "[data-rule-said]")[-1].text)
    press(browser, "input[name='_save']:not([tabindex='-1'])")


def turn(browser: Chrome, shop: str, promotion: Promotion, verb: str) -> None:
    browser.get(f"{shop}{ADMIN}{promotion.pk}/change/")
    press(browser, f"form[action$='/turn/{verb}/'] [type=submit]")
    if browser.find_elements(By.NAME, "asked"):  # it has no cap, no limit and no end: is that meant?
        for box in browser.find_elements(By.CSS_SELECTOR, "#content [type=checkbox]"):
            box.click()
        press(browser, "#content .submit-row [type=submit]")


def cart(browser: Chrome, shop: str) -> str:
    browser.get(f"{shop}/cart/")
    return browser.find_element(By.TAG_NAME, "main").text


def test_what_a_marketer_starts_is_in_the_next_cart(shop: str, browser: Chrome, marketer: str) -> None:
    browser.get(f"{shop}/products/TENT/")
    press(browser, "form.buy button")
    shopper = browser.get_cookie("sessionid")["value"]

    be(browser, marketer)
    write_promotion(browser, shop)
    promotion = Promotion.objects.get()
    be(browser, shopper)
    assert TITLE not in cart(browser, shop)  # a draft is nobody's business

    be(browser, marketer)
    turn(browser, shop, promotion, "start")
    be(browser, shopper)
    seen = cart(browser, shop)
    assert TITLE in seen
    assert "€180.00" in seen

    be(browser, marketer)
    turn(browser, shop, promotion, "pause")
    be(browser, shopper)
    assert TITLE not in cart(browser, shop)
