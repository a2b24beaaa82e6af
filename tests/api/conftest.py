"""A shop with one product, a customer, and a client that behaves as a browser does."""

from typing import Any

import pytest
from django.test import Client

from tests import goods as shelf
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
