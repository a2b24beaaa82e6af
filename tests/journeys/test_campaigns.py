"""A campaign in a real browser: seen, clicked, counted, capped; and the holdout, which sees nothing and is counted."""

from __future__ import annotations

import time
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db.utils import OperationalError
from django.http import HttpResponse
from django.template import engines
from django.urls import include, path
from selenium.webdriver.common.by import By

from personalization.engine.types import Kind
from personalization.models import Answer, CampaignView, Event
from shop_demo.models import Category, Product
from shop_demo.urls import urlpatterns as shop_urls
from tests.campaigns.running import SLOTS, save

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpRequest
    from pytest_django.live_server_helper import LiveServer
    from selenium.webdriver import Chrome

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGE = """{% load personalization %}<!doctype html><html lang="en"><head><title>Shop</title>{% personal_script %}</head>
<body><h1>Shop</h1>{% personal_slot "home_banner" %}{% personal_slot "lazy_banner" %}</body></html>"""


def page(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(engines["django"].from_string(PAGE).render({}, request))
    response["Content-Security-Policy"] = "default-src 'self'"
    return response


urlpatterns = [path("banner/", page), path("sale/", page), path("", include(shop_urls))]


@pytest.fixture
def shop(live_server: LiveServer, transactional_db: None, settings: Any) -> Iterator[str]:
    settings.ROOT_URLCONF = __name__
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "SLOTS": {**SLOTS, "popular": {"COUNT": 1}}}
    category = Category.objects.create(name="Tents", slug="tents")
    for number in range(3):
        Product.objects.create(
            sku=f"T-{number}", name=f"Tent {number}", category=category, price=10, stock=5, shape="tent"
        )
    yield live_server.url


def wait_for(condition: Callable[[], Any]) -> Any:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with suppress(OperationalError):  # SQLite in memory: the server's thread is writing
            found = condition()
            if found:
                return found
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")


def counted(campaign: int) -> tuple[int, int]:
    found = CampaignView.objects.filter(campaign=campaign).values_list("impressions", "clicks")
    return found[0] if found else (0, 0)


def test_seen_clicked_counted_and_capped(shop: str, browser: Chrome) -> None:
    banner = save(items_slot="popular").id
    lazy = save(slot="lazy_banner", headline="Later", cap_count=1, cap_days=1).id
    browser.get(f"{shop}/banner/")
    assert wait_for(lambda: counted(banner) == (1, 0))
    browser.execute_script("scrollTo(0, document.body.scrollHeight)")
    assert wait_for(lambda: counted(lazy) == (1, 0))
    items = Event.objects.filter(kind=Kind.IMPRESSION, item__isnull=False)
    assert wait_for(lambda: items.count() == 1)
    browser.find_element(By.CSS_SELECTOR, "[data-slot=home_banner] .personal-campaign-link").click()
    assert wait_for(lambda: counted(banner) == (2, 1))  # the page it leads to shows it again
    assert "Later" not in browser.page_source
    assert counted(lazy) == (1, 0)
    severe = [one["message"] for one in browser.get_log("browser") if one["level"] == "SEVERE"]
    assert [message for message in severe if "favicon" not in message] == []


def test_the_holdout_sees_nothing_and_is_counted(shop: str, browser: Chrome) -> None:
    browser.get(f"{shop}/products/T-1/")
    wait_for(lambda: Event.objects.filter(kind=Kind.VIEW).exists())  # now the browser has its cookie
    banner = save(holdout_share=Decimal(1)).id
    browser.get(f"{shop}/banner/")
    assert wait_for(lambda: counted(banner) == (1, 0))
    assert Answer.objects.get(campaign=banner).arm == "holdout"
    (place,) = browser.find_elements(By.CSS_SELECTOR, "[data-slot=home_banner]")
    assert place.text == ""
    assert place.size["height"] == 0
    assert "Winter" not in browser.page_source
