"""A real browser in every host: what it tells arrives when that is allowed, and nothing is kept when it is not."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from personalization.engine.types import Kind
from personalization.models import Answer, Event, Identity, Visitor
from tests.hosts.asgi import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.live_server_helper import LiveServer
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

    from tests.hosts.keepers.base import Keeper

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SECONDS = 20
NAMES = ".personal-slot-name"


@pytest.fixture(params=["threads", "event loop"])
def address(
    request: pytest.FixtureRequest, host: Keeper, live_server: LiveServer, transactional_db: None
) -> Iterator[str]:
    """Where the host is served: by Django's threads over WSGI, or by a server of event loops over ASGI."""
    if request.param == "threads":
        yield live_server.url
    else:
        request.getfixturevalue("threads_db")
        with served() as url:
            yield url


@pytest.fixture
def things(address: str, host: Keeper) -> list[Any]:
    return [host.product(f"thing {n}") for n in range(6)]


def until(chromium: Chrome, condition: Any) -> Any:
    return WebDriverWait(chromium, SECONDS, poll_frequency=0.1).until(lambda _: condition())


def slot(chromium: Chrome, name: str) -> WebElement:
    """The filled block of a slot, waited for: it may be fetched."""
    css = f'[data-slot="{name}"]'
    found: WebElement = until(
        chromium, lambda: next(iter(chromium.find_elements(By.CSS_SELECTOR, css)), None)
    )
    return found


def told(kind: Kind) -> list[str]:
    return [event.item.key for event in Event.objects.filter(kind=kind).select_related("item")]


def complaints(chromium: Chrome) -> list[str]:
    """Errors, and whatever the content security policy refused."""
    entries = chromium.get_log("browser")
    return [
        entry["message"]
        for entry in entries
        if entry["level"] == "SEVERE" or "Content Security Policy" in entry["message"]
    ]


def ours(chromium: Chrome) -> list[str]:
    """The names of our cookies, and what is kept in the browser beside cookies."""
    names = [cookie["name"] for cookie in chromium.get_cookies() if "personal" in cookie["name"]]
    kept = chromium.execute_script("return [...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
    return [*names, *kept]


def test_what_is_looked_at_arrives(host: Keeper, address: str, things: list[Any], chromium: Chrome) -> None:
    """View, impression and click; the product page shows a filled block; nothing is refused by the browser."""
    host.agree(chromium, address)
    chromium.get(address + host.pages(things[0])["product"])
    block = slot(chromium, "similar")
    names = [name.text for name in block.find_elements(By.CSS_SELECTOR, NAMES)]
    assert names
    assert "thing 0" not in names
    until(chromium, lambda: told(Kind.VIEW) == [host.key(things[0])])
    until(chromium, lambda: told(Kind.IMPRESSION))
    assert complaints(chromium) == []

    block.find_element(By.CSS_SELECTOR, f"a:has({NAMES})").click()
    (clicked,) = until(chromium, lambda: told(Kind.CLICK))
    assert clicked in told(Kind.IMPRESSION)
    until(chromium, lambda: clicked in told(Kind.VIEW))  # of the page that it leads to
    assert clicked in chromium.current_url or host.name != "boutique"
    assert Answer.objects.filter(slot="similar").exists()
    assert Visitor.objects.count() == 1
    assert complaints(chromium) == []


def test_every_page_is_without_complaints(
    host: Keeper, address: str, things: list[Any], chromium: Chrome
) -> None:
    for path in host.pages(things[0]).values():
        chromium.get(address + path)
        until(chromium, lambda: not chromium.find_elements(By.CSS_SELECTOR, "[data-personal-lazy]"))
    assert complaints(chromium) == []


def test_without_consent_nothing_is_kept(
    host: Keeper, address: str, things: list[Any], chromium: Chrome
) -> None:
    if not host.asks_consent:
        pytest.skip(f"{host.name} has no banner")
    for path in host.pages(things[0]).values():
        chromium.get(address + path)
        until(chromium, lambda: not chromium.find_elements(By.CSS_SELECTOR, "[data-personal-lazy]"))
    chromium.get(address + host.pages(things[0])["product"])
    assert slot(chromium, "similar").find_elements(
        By.CSS_SELECTOR, NAMES
    )  # what is on the page is about the page
    time.sleep(3)  # longer than the script waits before it tells
    chromium.get(address + host.pages(things[1])["product"])
    assert ours(chromium) == []
    assert not any(model.objects.exists() for model in (Event, Visitor, Identity, Answer))
    assert complaints(chromium) == []
