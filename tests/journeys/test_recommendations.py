"""What a shopper sees, in a real browser, from the shop's own data."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.db.models import Q
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from shop_demo.models import OrderLine, Product

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def shop(live_server: LiveServer, transactional_db: None, settings, tmp_path) -> str:
    """The address of a shop that has learned from its past."""
    settings.DEBUG = True
    settings.VAR_DIR = tmp_path
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "MAP_DIR": str(tmp_path / "maps")}
    call_command("seed_shop", customers=300, verbosity=0)
    call_command("rebuild_recommendations", "--json")
    return live_server.url


def slot(browser: Chrome, name: str) -> WebElement:
    return browser.find_element(By.CSS_SELECTOR, f'[data-slot="{name}"]')


def names(block: WebElement) -> list[str]:
    return [element.text for element in block.find_elements(By.CSS_SELECTOR, ".personal-slot-name")]


def reasons(block: WebElement) -> list[str]:
    return [element.text for element in block.find_elements(By.CSS_SELECTOR, ".personal-slot-reason")]


def shop_as(browser: Chrome, shop: str, first_name: str) -> None:
    browser.get(f"{shop}/login/")
    browser.find_element(By.XPATH, f"//button[contains(., '{first_name}')]").click()
    WebDriverWait(browser, 10).until(
        lambda page: page.find_elements(By.CSS_SELECTOR, '[data-slot="for_you"]')
    )


def has_told(browser: Chrome) -> bool:
    """Whether everything that this page had to tell has arrived."""
    return bool(browser.execute_script("return sessionStorage.personal") == "[]")


def complaints(browser: Chrome) -> list[str]:
    return [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


def test_a_shoppers_day(shop: str, browser: Chrome) -> None:
    """Popular for a stranger; personal with reasons after signing in; the next page already knows the last one."""
    browser.get(shop)
    assert len(names(slot(browser, "popular"))) == 8
    assert not browser.find_elements(By.CSS_SELECTOR, '[data-slot="for_you"]')

    shop_as(browser, shop, "Maya")
    mine = slot(browser, "for_you")
    assert len(names(mine)) == 8
    assert all(reasons(mine))
    assert sum(reason.startswith("Because you") for reason in reasons(mine)) >= 6
    shown = [*names(mine), *names(slot(browser, "popular"))]
    assert len(shown) == len(set(shown))

    product = Product.objects.filter(available=True, stock__gt=0, category__slug__contains="tent").first()
    assert product is not None
    browser.get(f"{shop}{product.get_absolute_url()}")
    similar = slot(browser, "similar")
    assert product.name not in names(similar)
    WebDriverWait(browser, 20).until(has_told)
    browser.get(shop)
    assert names(slot(browser, "recently_viewed"))[0] == product.name

    first = names(slot(browser, "for_you"))
    browser.delete_all_cookies()
    shop_as(browser, shop, "Tom")
    assert names(slot(browser, "for_you")) != first
    assert complaints(browser) == []


def look_at(browser: Chrome, shop: str, product: Product) -> None:
    browser.get(f"{shop}{product.get_absolute_url()}")
    WebDriverWait(browser, 20).until(has_told)


def test_who_looks_at_tents_is_shown_what_is_about_tents(shop: str, browser: Chrome) -> None:
    """A stranger, and the very next page. Signing in later joins what was seen to the person."""
    tents = list(Product.objects.filter(category__slug="tents", available=True, stock__gt=0)[:3])
    browser.get(shop)
    assert not browser.find_elements(By.CSS_SELECTOR, '[data-slot="for_you"]')
    for tent in tents:
        look_at(browser, shop, tent)
    browser.get(shop)
    mine = slot(browser, "for_you")
    seen = {f"Because you viewed {tent.name}" for tent in tents}
    assert sum(reason in seen for reason in reasons(mine)) >= 6
    about = Q(tags__icontains="camping") | Q(category__slug="tents")
    assert Product.objects.filter(about, name__in=names(mine)).count() >= 4

    shop_as(browser, shop, "Tom")
    viewed = names(slot(browser, "recently_viewed"))
    assert {tent.name for tent in tents} <= set(viewed)


def test_what_is_bought_brings_its_companions(shop: str, browser: Chrome) -> None:
    """Whoever buys a tent needs something to sleep in: so it was planted, and so it stands beside the cart."""
    tents = OrderLine.objects.filter(
        product__category__slug="tents", product__stock__gt=0, product__available=True
    )
    (best, _), *_others = Counter(tents.values_list("product", flat=True)).most_common()
    tent = Product.objects.get(pk=best)
    shop_as(browser, shop, "Maya")
    browser.get(f"{shop}{tent.get_absolute_url()}")
    browser.find_element(By.CSS_SELECTOR, "form.buy button").click()
    WebDriverWait(browser, 10).until(lambda page: page.current_url.endswith("/cart/"))
    beside = Product.objects.filter(name__in=names(slot(browser, "similar")))
    assert beside.filter(category__slug="sleeping-bags-mats").exists()
