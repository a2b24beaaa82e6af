"""A shop with one product, a customer, and a client that behaves as a browser does."""

from typing import Any

import pytest
from django.test import Client

from tests import goods as shelf
from tests.api.beacons import SERVER_KEY, a_browser
from tests.goods import Goods
from tests.people import make_person


@pytest.fixture
def mug(db: None, goods: None) -> Goods:
    shelf.put("gone", available=False)
    return shelf.put("mug", price="4.50")


@pytest.fixture
def ann(db: None) -> Any:
    return make_person("ann")


@pytest.fixture
def browser(ann: Any) -> Client:
    """Ann, signed in."""
    client = Client()
    client.force_login(ann)
    return client


@pytest.fixture
def told_shop(settings: Any, mug: Goods) -> None:
    """A mug, a jug, and a server with a key."""
    shelf.put("jug")
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "SERVER_KEYS": [SERVER_KEY]}


@pytest.fixture
def page(told_shop: None) -> Client:
    """A page of the shop, in the browser of somebody unknown."""
    return a_browser()
