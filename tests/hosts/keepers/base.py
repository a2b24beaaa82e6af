from __future__ import annotations

from abc import ABC, abstractmethod
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from django.test import Client

from tests.people import login_name, make_person

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse
    from selenium.webdriver import Chrome

PASSWORD = "correct horse"
ROOT = Path(__file__).resolve().parent.parent.parent.parent


class Keeper(ABC):
    """What the tests of hosts ask of every shop."""

    name: ClassVar[str]
    urls: ClassVar[str]
    product_model: ClassVar[str]
    folder: ClassVar[Path]  #: of the host's own code and templates
    asks_consent: ClassVar[bool] = False  #: whether the shop must ask before it knows anybody
    orders_by_account: ClassVar[bool] = True  #: whether orders of people with an account are known as theirs
    tells_cancellations: ClassVar[bool] = True  #: whether its orders say that they were cancelled
    cached_pages: ClassVar[tuple[str, ...]] = ()  #: pages that come out of the host's page cache

    # The shelves.

    @abstractmethod
    def product(self, name: str) -> Any:
        """A product that is for sale."""

    @abstractmethod
    def ways_off_the_shelf(self) -> dict[str, Callable[[Any], object]]:
        """What keeps a product from being shown to customers of the usual store → how it is done to a product."""

    def key(self, product: Any) -> str:
        return str(product.pk)

    # Customers.

    def browser(self, *, agrees: bool = True) -> Client:
        """A browser that was never here; where the shop asks, the answer was given already."""
        return Client()

    def agree(self, chromium: Chrome, address: str) -> None:  # noqa: B027 - most shops do not ask
        """Say yes, in a real browser, where the shop asks."""

    def person(self, name: str) -> Any:
        return make_person(name, password=PASSWORD)

    @abstractmethod
    def log_in(self, browser: Client, name: str) -> HttpResponse: ...

    @abstractmethod
    def log_out(self, browser: Client) -> HttpResponse: ...

    @abstractmethod
    def put(self, browser: Client, product: Any) -> HttpResponse:
        """Put one piece into the cart."""

    @abstractmethod
    def check_out(self, browser: Client, name: str = "guest") -> HttpResponse:
        """Order what lies in the cart, under somebody's e-mail address where nobody is signed in; the answer is not
        followed."""

    @abstractmethod
    def thanks(self, browser: Client) -> HttpResponse:
        """The page after the order."""

    def pay(self, browser: Client) -> None:  # noqa: B027 - most shops count orders at once
        """Whatever makes the newest order count."""

    def order(self, browser: Client, *products: Any, name: str = "guest") -> HttpResponse:
        """The whole way, from the cart to the money."""
        for product in products:
            self.put(browser, product)
        response = self.check_out(browser, name)
        assert response.status_code == 302, response.content
        self.pay(browser)
        return response

    @abstractmethod
    def open_order(self, customer: Any, product: Any) -> Any:
        """An order row and its first line, as the shop's own code writes them."""

    @abstractmethod
    def add_line(self, order: Any, product: Any) -> None:
        """One more line, and whatever the shop does when the order is complete."""

    @abstractmethod
    def orders(self, *, after: int = 0) -> list[dict[str, Decimal]]:
        """What the shop's own tables hold: product key → quantity of every order, the oldest first; the first
        ``after`` of them are left out."""

    @abstractmethod
    def cancel(self) -> None:
        """The newest order is taken back, by somebody in the shop's office."""

    def customer(self, name: str, *, agrees: bool = True) -> Client:
        """The browser of somebody who has an account and is signed in."""
        self.person(name)
        browser = self.browser(agrees=agrees)
        self.log_in(browser, name)
        return browser

    @abstractmethod
    def grow_old(self, days: int) -> None:
        """Every order was placed so many days earlier."""

    def give_back(self) -> Decimal | None:
        """Some of the newest order is given back, and how much; None in shops that keep no account of it."""
        return None

    # Pages.

    @abstractmethod
    def pages(self, product: Any) -> dict[str, str]:
        """Every page that a shopper sees on the way to the cart, by name: ``home``, ``product``, ``cart``."""


def sign_in(browser: Client, address: str, name: str) -> HttpResponse:
    """Through the shop's own form."""
    response = browser.post(address, {"username": login_name(name), "password": PASSWORD})
    assert response.status_code == 302, response.content
    return response
