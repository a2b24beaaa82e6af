"""A shop with one product, a customer, and a client that behaves as a browser does."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from shop_demo.models import Category, Product


@pytest.fixture
def mug(db: None) -> Product:
    category = Category.objects.create(name="Cups", slug="cups")
    Product.objects.create(sku="gone", name="Gone", category=category, price=1, stock=1, available=False)
    return Product.objects.create(sku="mug", name="Mug", category=category, price="4.50", stock=1)


@pytest.fixture
def ann(db: None) -> User:
    return User.objects.create_user("ann")


@pytest.fixture
def browser(ann: User) -> Client:
    """Ann, signed in."""
    client = Client()
    client.force_login(ann)
    return client
