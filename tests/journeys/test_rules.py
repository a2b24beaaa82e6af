"""The rule builder with its script, in a real browser, by keyboard alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from personalization.engine.types import ItemRecord
from personalization.models import Item, Segment
from personalization.store.items import upsert_items
from tests.people import make_chief

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django.live_server_helper import LiveServer
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SECONDS = 20
ADD = "/admin/personalization/segment/add/"


def until(browser: Chrome, what: Callable[[], Any]) -> Any:
    """What it says once it says something; the rows may be replaced while it looks."""
    ignored = [StaleElementReferenceException]
    return WebDriverWait(browser, SECONDS, ignored_exceptions=ignored).until(lambda _: what())


def focused(browser: Chrome, name: str) -> WebElement:
    """The input that has the focus, once it is the one with this in its name or id."""

    def find() -> WebElement | None:
        here = browser.switch_to.active_element
        return here if name in f"{here.get_attribute('name')} {here.get_attribute('id')}" else None

    found: WebElement = until(browser, find)
    return found


@pytest.fixture
def page(browser: Chrome, live_server: LiveServer, client: Any) -> Chrome:
    records = [ItemRecord("bag", category="Sleeping bags"), ItemRecord("tent", category="Tents")]
    upsert_items(records, tenant="", origin=Item.Origin.IMPORT, now=1)
    client.force_login(make_chief())
    browser.get(f"{live_server.url}/admin/login/")
    browser.add_cookie({"name": "sessionid", "value": client.cookies["sessionid"].value})
    browser.get(f"{live_server.url}{ADD}")
    return browser


def test_a_rule_is_built_by_keyboard_and_read_aloud(page: Chrome) -> None:
    page.find_element(By.ID, "id_title").send_keys("Campers")
    page.find_element(By.ID, "id_name").send_keys("campers")
    page.find_element(By.CSS_SELECTOR, "button[value='add:0']").send_keys(Keys.ENTER)
    Select(focused(page, "rule-1-kind")).select_by_value("visitor.bought_category")
    box = focused(page, "rule-1-f-values-box")
    box.send_keys("sleep")
    until(page, lambda: page.find_elements(By.CSS_SELECTOR, "[role=option]"))
    box.send_keys(Keys.ARROW_DOWN, Keys.ENTER, Keys.TAB)
    focused(page, "rule-1-f-days").send_keys("365")
    sentence = "bought something of the category “Sleeping bags” in the last 365 days"
    until(page, lambda: sentence in page.find_element(By.CSS_SELECTOR, "[data-rule-said]").text)
    page.find_element(By.CSS_SELECTOR, "button[value='count']").send_keys(Keys.ENTER)
    until(
        page, lambda: "Nobody is known yet." in page.find_element(By.CSS_SELECTOR, "[data-rule-people]").text
    )
    page.find_element(By.ID, "id_title").send_keys(Keys.ENTER)
    until(page, lambda: "/change/" in page.current_url)
    rule = {"days": 365, "kind": "visitor.bought_category", "op": "any_of", "values": ["Sleeping bags"]}
    assert json.loads(Segment.objects.get().rule) == rule
    severe = [line["message"] for line in page.get_log("browser") if line["level"] == "SEVERE"]
    assert not [message for message in severe if "favicon" not in message]


def test_removing_goes_on_where_the_next_one_would_be_added(page: Chrome) -> None:
    page.find_element(By.CSS_SELECTOR, "button[value='add:0']").click()
    focused(page, "rule-1-kind")
    page.find_element(By.CSS_SELECTOR, "button[value='remove:1']").click()
    until(page, lambda: page.switch_to.active_element.get_attribute("value") == "add:0")
    assert not page.find_elements(By.CSS_SELECTOR, ".rule-condition")


def test_the_sentence_is_renewed_also_when_something_is_counted_right_after_typing(page: Chrome) -> None:
    page.find_element(By.CSS_SELECTOR, "button[value='add:0']").click()
    Select(focused(page, "rule-1-kind")).select_by_value("visitor.orders")
    value = focused(page, "rule-1-f-value")
    page.execute_script(
        "arguments[0].value = 7; arguments[0].dispatchEvent(new Event('input', {bubbles: true}));"
        "document.querySelector('button[value=count]').click();",
        value,
    )
    until(page, lambda: "Nobody" in page.find_element(By.CSS_SELECTOR, "[data-rule-people]").text)
    until(page, lambda: "at least 7" in page.find_element(By.CSS_SELECTOR, "[data-rule-said]").text)


def test_suggestions_are_seen_also_where_they_are_longer_than_the_row(page: Chrome) -> None:
    records = [ItemRecord(f"item-{number}", category=f"Category {number}") for number in range(12)]
    upsert_items(records, tenant="", origin=Item.Origin.IMPORT, now=2)
    page.find_element(By.CSS_SELECTOR, "button[value='add:0']").click()
    Select(focused(page, "rule-1-kind")).select_by_value("visitor.viewed_category")
    focused(page, "rule-1-f-values-box")
    lists = "[role=listbox]:not([hidden])"
    until(page, lambda: len(page.find_elements(By.CSS_SELECTOR, f"{lists} [role=option]")) > 10)
    seen = page.execute_script(
        "const list = arguments[0], box = list.getBoundingClientRect();"
        "return list.contains(document.elementFromPoint(box.x + box.width / 2, box.bottom - 5));",
        page.find_element(By.CSS_SELECTOR, lists),
    )
    assert seen
