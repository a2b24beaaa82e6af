"""What the scripts tell and fill in a real browser, and that it arrives once, whatever happens on the way."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db.utils import OperationalError
from django.http import HttpResponse
from django.urls import include, path
from django.views.decorators.cache import cache_page
from django.views.decorators.csrf import csrf_exempt
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from personalization.api.events import EventsView
from personalization.engine.types import Kind
from personalization.models import Answer, Event, Visitor
from personalization.store.catalog import forget_cards
from shop_demo.listing import ProductList
from shop_demo.models import Category, Product
from shop_demo.urls import urlpatterns as shop_urls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpRequest
    from pytest_django.live_server_helper import LiveServer
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EVENTS = "/personalization/v1/events/"
SECONDS = 20


class Weather:
    """What the events endpoint answers instead of itself, and how often it was asked."""

    refuse: int | None = None
    asked = 0


def events(request: HttpRequest) -> HttpResponse:
    Weather.asked += 1
    return HttpResponse(status=Weather.refuse) if Weather.refuse else EventsView.as_view()(request)


#: The demo shop, whose lists a page cache keeps for everybody.
urlpatterns = [
    path("kept/", cache_page(300)(ProductList.as_view())),
    path(EVENTS[1:], csrf_exempt(events)),
    path("", include(shop_urls)),
]


@pytest.fixture
def shop(live_server: LiveServer, transactional_db: None, settings: Any, tmp_path: Any) -> Iterator[str]:
    """The address of a shop with twelve products."""
    settings.ROOT_URLCONF = __name__
    Weather.refuse, Weather.asked = None, 0
    cache.clear()
    category = Category.objects.create(name="Tents", slug="tents")
    for number in range(12):
        Product.objects.create(
            sku=f"T-{number:02}", name=f"Tent {number}", category=category, price=10, stock=5, shape="tent"
        )
    for name in ("maya", "tom"):
        User.objects.create_user(name, password="demo")
    yield live_server.url
    cache.clear()
    forget_cards()


def told(kind: Kind, **which: Any) -> list[str]:
    """The keys of the items that events of a kind are about."""
    found = Event.objects.filter(kind=kind, flags=0, **which).order_by("item__key")
    return [key or "" for key in found.values_list("item__key", flat=True)]


def of(slot: str) -> list[str]:
    """Which answers a slot has given."""
    return list(Answer.objects.filter(slot=slot).values_list("key", flat=True))


def wait_for(condition: Callable[[], Any], *, seconds: float = SECONDS) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OperationalError):  # SQLite in memory: the server's thread is writing
            found = condition()
            if found:
                return found
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")


def complaints(browser: Chrome) -> list[str]:
    return [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


def hide(browser: Chrome) -> None:
    """What happens when the window is left: everything is told at once."""
    browser.execute_script("dispatchEvent(new Event('pagehide'))")


def log_in(browser: Chrome, shop: str, name: str) -> None:
    browser.get(f"{shop}/login/")
    browser.find_element(By.ID, "id_username").send_keys(name)
    browser.find_element(By.NAME, "password").send_keys("demo")
    browser.find_element(By.CSS_SELECTOR, ".fields button").click()
    WebDriverWait(browser, SECONDS).until(lambda page: page.find_elements(By.CSS_SELECTOR, ".who"))


def block(browser: Chrome, slot: str) -> WebElement:
    return WebDriverWait(browser, SECONDS).until(
        lambda page: page.find_element(By.CSS_SELECTOR, f'[data-slot="{slot}"]')
    )


def items(found: WebElement) -> list[str]:
    return [
        str(one.get_attribute("data-item")) for one in found.find_elements(By.CSS_SELECTOR, "[data-item]")
    ]


def test_views_impressions_clicks_carts_and_searches_arrive(shop: str, browser: Chrome) -> None:
    browser.get(f"{shop}/products/T-03/")
    shown = items(block(browser, "similar"))
    browser.execute_script("document.querySelector('[data-slot=similar]').scrollIntoView()")
    assert wait_for(lambda: told(Kind.VIEW)) == ["T-03"]
    assert set(wait_for(lambda: told(Kind.IMPRESSION))) <= {*shown, *items(block(browser, "for_you"))}
    assert wait_for(lambda: set(told(Kind.IMPRESSION)) >= set(shown))
    assert Event.objects.filter(kind=Kind.IMPRESSION).exclude(position=None).exists()
    assert Answer.objects.filter(slot="similar").count() == 1

    block(browser, "similar").find_element(By.CSS_SELECTOR, "a").click()
    assert wait_for(lambda: told(Kind.CLICK)) == shown[:1]
    assert wait_for(lambda: len(told(Kind.VIEW)) == 2)

    browser.find_element(By.CSS_SELECTOR, "[data-personal-cart] button").click()
    assert wait_for(lambda: told(Kind.CART_ADD)) == shown[:1]

    browser.get(f"{shop}/products/?q=Tent+1")
    found = wait_for(lambda: Event.objects.filter(kind=Kind.SEARCH).first())
    assert found.query == "Tent 1"
    assert len(set(Event.objects.values_list("visitor", flat=True))) == 1
    assert complaints(browser) == []


def test_an_impression_is_told_once_however_often_it_comes_into_sight(shop: str, browser: Chrome) -> None:
    browser.get(f"{shop}/products/T-03/")
    wait_for(lambda: told(Kind.IMPRESSION))
    for _ in range(2):
        browser.execute_script("scrollTo(0, 0)")
        browser.execute_script("scrollTo(0, document.body.scrollHeight)")
        time.sleep(1.2)
    hide(browser)
    time.sleep(0.5)
    shown = told(Kind.IMPRESSION)
    assert len(set(shown)) == len(shown)
    assert told(Kind.VIEW) == ["T-03"]


def test_what_is_out_of_sight_or_gone_within_a_second_is_no_impression(shop: str, browser: Chrome) -> None:
    browser.set_window_size(1000, 300)
    browser.get(f"{shop}/products/T-03/")
    browser.execute_script("document.querySelector('[data-slot=similar]').scrollIntoView()")
    time.sleep(0.3)
    browser.execute_script("scrollTo(0, 0)")
    assert wait_for(lambda: told(Kind.VIEW)) == ["T-03"]
    time.sleep(2.5)
    assert told(Kind.IMPRESSION) == []


@pytest.mark.parametrize("weather", [503, 429])
def test_what_could_not_be_told_is_told_later_and_once(
    shop: str, browser: Chrome, weather: int, expected: list[str]
) -> None:
    expected.append(EVENTS)
    Weather.refuse = weather
    browser.get(f"{shop}/products/T-03/")
    wait_for(lambda: Weather.asked)
    time.sleep(0.3)
    Weather.refuse = None
    browser.get(f"{shop}/login/")
    assert wait_for(lambda: told(Kind.VIEW)) == ["T-03"]
    for _ in range(2):
        hide(browser)
        browser.get(f"{shop}/login/")
    time.sleep(1.5)
    assert told(Kind.VIEW) == ["T-03"]


def test_a_server_that_is_gone_is_asked_again(shop: str, browser: Chrome) -> None:
    """In the same page, without anybody doing anything; the ids of the second time are those of the first."""
    browser.execute_cdp_cmd("Network.enable", {})
    browser.get(f"{shop}/login/")
    browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": [f"*{EVENTS}*"]})
    browser.get(f"{shop}/products/T-03/")
    kept = wait_for(lambda: browser.execute_script("return sessionStorage.personal"))
    time.sleep(1.5)
    assert told(Kind.VIEW) == []
    browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    assert wait_for(lambda: told(Kind.VIEW), seconds=25) == ["T-03"]
    assert "T-03" in kept
    assert wait_for(lambda: browser.execute_script("return sessionStorage.personal") == "[]")


def test_what_is_refused_is_not_told_again(shop: str, browser: Chrome, expected: list[str]) -> None:
    expected.append(EVENTS)
    Weather.refuse = 403
    browser.get(f"{shop}/products/T-03/")
    wait_for(lambda: Weather.asked)
    wait_for(lambda: browser.execute_script("return sessionStorage.personal") == "[]", seconds=25)


def test_where_consent_is_required_the_browser_keeps_nothing_without_it(
    shop: str, browser: Chrome, settings: Any
) -> None:
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "CONSENT_REQUIRED": True}
    browser.get(f"{shop}/products/T-03/")
    wait_for(lambda: Weather.asked)
    time.sleep(0.5)
    assert browser.execute_script("return sessionStorage.length") == 0
    assert browser.get_cookie("personalization") is None
    assert (Event.objects.count(), Visitor.objects.count()) == (0, 0)


def test_a_page_that_is_cached_for_everybody_shows_each_their_own(shop: str, browser: Chrome) -> None:
    viewed = {"maya": ["T-05", "T-02"], "tom": ["T-07"]}
    for name, keys in viewed.items():
        browser.delete_all_cookies()
        log_in(browser, shop, name)
        for key in keys:
            browser.get(f"{shop}/products/{key}/")
            wait_for(lambda key=key: key in told(Kind.VIEW))
        browser.get(f"{shop}/kept/?q=Tent")
        assert items(block(browser, "recently_viewed")) == keys[::-1]
        assert not browser.find_elements(By.CSS_SELECTOR, "[data-personal-lazy]")
    browser.execute_script("document.querySelector('[data-slot=recently_viewed]').scrollIntoView()")
    assert "T-07" in wait_for(lambda: told(Kind.IMPRESSION, recommendation__in=of("recently_viewed")))
    browser.delete_all_cookies()
    browser.get(f"{shop}/kept/?q=Tent")
    WebDriverWait(browser, SECONDS).until(
        lambda page: not page.find_elements(By.CSS_SELECTOR, "[data-personal-lazy]")
    )
    assert not browser.find_elements(By.CSS_SELECTOR, "[data-slot]")
    assert complaints(browser) == []


def test_a_place_that_cannot_be_filled_leaves_no_trace(shop: str, browser: Chrome) -> None:
    browser.execute_cdp_cmd("Network.enable", {})
    browser.get(f"{shop}/login/")
    browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/v1/blocks/*"]})
    browser.get(f"{shop}/products/")
    WebDriverWait(browser, SECONDS).until(
        lambda page: not page.find_elements(By.CSS_SELECTOR, ".personal-slot-lazy")
    )
    assert len(browser.find_elements(By.CSS_SELECTOR, ".grid .card")) == 12


def test_blocks_put_in_later_are_filled_and_seen(shop: str, browser: Chrome) -> None:
    """As htmx and its like do."""
    browser.get(f"{shop}/products/T-03/")
    wait_for(lambda: told(Kind.VIEW))
    browser.execute_script(
        "document.querySelector('main').insertAdjacentHTML('afterbegin',"
        " '<data hidden data-personal-view=\"T-04\"></data>'"
        ' + \'<button data-personal-event="wish" data-item="T-06">Wish</button>\')'
    )
    browser.find_element(By.CSS_SELECTOR, "[data-personal-event]").click()
    assert wait_for(lambda: told(Kind.WISH)) == ["T-06"]
    assert wait_for(lambda: len(told(Kind.VIEW)) == 2)
    assert told(Kind.VIEW) == ["T-03", "T-04"]
