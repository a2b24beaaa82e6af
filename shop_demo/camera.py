"""Pictures of pages: headless Chromium, in which somebody is signed in already."""

from __future__ import annotations

import base64
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium.webdriver import Chrome

    from shop_demo.screenshots import Shot

#: Headless Chromium names itself, and what machines see is not counted.
_BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
_ARGUMENTS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-agent={_BROWSER}")
HEIGHT = 860  #: of a window


@dataclass(frozen=True, slots=True)
class View:
    """How wide a window is, and its reader's language."""

    width: int
    language: str


@contextmanager
def open_browser() -> Iterator[Chrome]:
    """Raises ImportError without selenium, FileNotFoundError without Chromium and its driver."""
    from selenium import webdriver  # noqa: PLC0415 - only for who takes pictures

    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and driver):
        raise FileNotFoundError("Chromium and its driver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in _ARGUMENTS:
        options.add_argument(argument)
    window = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        yield window
    finally:
        window.quit()


#: Until nothing is fetched any more: pictures, and blocks that come after the page.
_WAIT = """
const done = arguments[arguments.length - 1], until = Date.now() + 4000;
(function look() {
  const waiting = [...document.images].some(image => !image.complete) || document.querySelector('.personal-slot-lazy');
  waiting && Date.now() < until ? setTimeout(look, 50) : setTimeout(done, 150);
})();
"""


class NoPageError(Exception):
    """The page is not there, not for them, or not for reading."""


@dataclass(frozen=True, slots=True)
class Camera:
    window: Chrome
    address: str

    def take(self, shot: Shot, view: View, *, whole: bool, picture: str) -> bytes:
        """``whole``: the page as long as it is. ``picture``: png or webp."""
        window = self.window
        window.get(f"{self.address}/static/shop_demo/icon.svg")  # a page, before there can be cookies
        window.delete_all_cookies()
        for name, value in _cookies(shot, view.language).items():
            window.add_cookie({"name": name, "value": value})
        self._resize(view.width, HEIGHT)
        window.get(self.address + shot.path)
        status = window.execute_script("return performance.getEntriesByType('navigation')[0].responseStatus")
        if status != 200:
            raise NoPageError(f"{shot.path} answered {status}")
        if whole:  # once more as high as it is, for pictures that load when they come into view
            self._resize(view.width, window.execute_script("return document.documentElement.scrollHeight"))
        elif shot.top:
            window.execute_script("document.querySelector(arguments[0]).scrollIntoView()", shot.top)
        window.execute_async_script(_WAIT)
        options: dict[str, Any] = {"format": picture} | ({"quality": 80} if picture == "webp" else {})
        return base64.b64decode(window.execute_cdp_cmd("Page.captureScreenshot", options)["data"])

    def _resize(self, width: int, height: int) -> None:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.window.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def _cookies(shot: Shot, language: str) -> dict[str, str]:
    """A session of their own, in the language."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session.update({"cart": dict(shot.cart), "store": shot.store})
    if shot.who:
        user = User.objects.get(username=shot.who)
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return {settings.SESSION_COOKIE_NAME: session.session_key, settings.LANGUAGE_COOKIE_NAME: language}
