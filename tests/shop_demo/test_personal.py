from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command

from personalization.adapters import Page
from shop_demo.models import Category, Product
from shop_demo.personal import ShopAdapter

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db


@pytest.fixture
def imported(tmp_path: Path) -> None:
    """An item that only the imported catalog knows, and one that the shop knows too, by another title."""
    file = tmp_path / "items.csv"
    file.write_text("sku,title\nX-1,Imported lantern\nTEN-1,Imported tent\n")
    call_command("import_items", str(file), "--key-column=sku", "--title-column=title", "--json")


@pytest.fixture
def tent() -> Product:
    category = Category.objects.create(name="Tents", slug="tents")
    return Product.objects.create(
        sku="TEN-1", name="Our tent", category=category, price=10, stock=1, shape="tent"
    )


def test_the_shop_comes_before_the_catalog(imported: None, tent: Product) -> None:
    cards = ShopAdapter().cards(["TEN-1", "X-1", "nobody"], Page())
    assert {key: card.title for key, card in cards.items()} == {
        "TEN-1": "Our tent",
        "X-1": "Imported lantern",
    }
    assert cards["TEN-1"].image == "/pictures/TEN-1.svg"


def test_what_the_shop_hides_is_not_shown_from_the_catalog(imported: None, tent: Product) -> None:
    Product.objects.update(available=False)
    assert not ShopAdapter().cards(["TEN-1"], Page())["TEN-1"].eligible


def test_imported_items_may_be_shown(imported: None, tent: Product) -> None:
    assert ShopAdapter().eligible_keys(["TEN-1", "X-1", "nobody"], Page()) == {"TEN-1", "X-1"}
    Product.objects.update(available=False)
    assert ShopAdapter().eligible_keys(["TEN-1", "X-1"], Page()) == {"X-1"}


def test_imported_items_are_found(imported: None, tent: Product) -> None:
    found = ShopAdapter().find_items(["X-1", "TEN-1", "nobody"])
    assert {record.key: record.title for record in found} == {"TEN-1": "Our tent", "X-1": "Imported lantern"}


def test_an_empty_shop_shows_the_newest_of_the_catalog(imported: None) -> None:
    assert set(ShopAdapter().newest_keys(5, Page())) == {"X-1", "TEN-1"}


def test_a_shop_with_products_shows_its_own(imported: None, tent: Product) -> None:
    assert ShopAdapter().newest_keys(5, Page()) == ["TEN-1"]
