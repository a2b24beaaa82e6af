"""A real browser: headless Chromium, driven by its own driver."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from selenium import webdriver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1280,1600",
    # Headless Chromium says so, and machines are not learned from.
    "--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
]


#: Where the live servers of tests are; what a page asks of others is a fault.
OURS = {"localhost", "127.0.0.1"}


@pytest.fixture
def expected() -> list[str]:
    """Parts of complaints of the browser that a journey provokes on purpose: it appends them."""
    return []


@pytest.fixture
def browser(tmp_path: Path, expected: list[str]) -> Iterator[webdriver.Chrome]:
    """Chromium with an empty profile. An error in its console, a breach of the policy and a request to elsewhere fail
    the journey at its end. Its absence is a failure where services are required, else a skip."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and driver):
        message = "Chromium and its driver are not installed"
        pytest.fail(message) if os.environ.get("REQUIRE_SERVICES") else pytest.skip(message)
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in [*ARGUMENTS, f"--user-data-dir={tmp_path / 'profile'}"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    window = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        yield window
        found = [*complaints(window), *foreign_requests(window)]
    finally:
        window.quit()
    assert [one for one in found if not any(part in one for part in expected)] == []


def complaints(window: webdriver.Chrome) -> list[str]:
    """Errors in the console, the breaches of the page's policy among them."""
    return [entry["message"] for entry in window.get_log("browser") if entry["level"] == "SEVERE"]


def foreign_requests(window: webdriver.Chrome) -> list[str]:
    """The addresses elsewhere that pages asked for."""
    events = [json.loads(entry["message"])["message"] for entry in window.get_log("performance")]
    asked = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    return [
        url
        for url in asked
        if urlsplit(url).scheme in ("http", "https", "ws", "wss") and urlsplit(url).hostname not in OURS
    ]
