"""The lines that the doctor prints for a shop where nothing is called as elsewhere, and what they read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from personalization.adapters import Page
from personalization.engine.types import Identity, IdentityKind
from personalization.management.doctor import candidates, examine
from personalization.management.doctor.proposal import Proposal, propose
from tests.adapters.kiosk.models import (
    Article,
    ArticlePrice,
    ArticleVariant,
    Ebook,
    EbookSale,
    Sale,
    SaleEntry,
)
from tests.people import make_person

if TYPE_CHECKING:
    from django.db.models import Model

pytestmark = pytest.mark.usefixtures("bazaar")


def proposed(product: type[Model] = Article) -> Proposal:
    found = candidates.find(product)
    assert found is not None
    return propose(found)


def pasted(product: type[Model] = Article) -> Any:
    written: dict[str, Any] = {}
    exec(proposed(product).code, written)
    return written["ShopAdapter"]()


def test_what_is_called_otherwise_is_declared() -> None:
    assert proposed().file == "tests/adapters/kiosk/personal.py"
    assert [line.strip() for line in proposed().code.splitlines() if " = " in line] == [
        'product_model = "kiosk.Article"',
        'title_field = "article_name"',
        'category_field = "genre"',
        'price_field = "tag__cost"',
        'currency = "EUR"  # the currency of your prices',
        "available = Q(active=True, in_stock__gt=0)",
        'order_model = "kiosk.Sale"',
        'order_date_field = "made_on"',
        'order_user_field = "reader"',
        'order_email_field = "contact"',
        "order_counts = Q(is_paid=True)",
        'order_cancelled = Q(status="X")',
        'lines_name = "entries"',
        'line_quantity_field = "pieces"',
        'line_price_field = "unit_cost"',
    ]


def test_the_lines_read_the_shop(django_assert_num_queries: Any) -> None:
    daily, weekly = (
        Article.objects.create(article_name=name, genre="news", in_stock=stock)
        for name, stock in (("Daily", 2), ("Weekly", 0))
    )
    ArticlePrice.objects.create(article=daily, cost="1.20")
    user = make_person("ann")
    guest = Sale.objects.create(contact="bob@example.com", status="X")
    known = Sale.objects.create(reader=user)
    Sale.objects.create(reader=user, is_paid=False)
    paper = ArticleVariant.objects.create(article=daily, form="paper")
    for sale in (guest, known):
        SaleEntry.objects.create(sale=sale, variant=paper, pieces=2, unit_cost="1.10")
    adapter = pasted()
    cards = adapter.cards([str(daily.pk), str(weekly.pk)], Page())
    assert [(card.title, card.category, card.price, card.eligible) for card in cards.values()] == [
        ("Daily", "news", "1.20", True),
        ("Weekly", "news", "", False),
    ]
    with django_assert_num_queries(2):  # sales with their readers, entries with their variants and articles
        first, second = adapter.iter_orders(0)
    assert (first.identity, first.cancelled) == (Identity(IdentityKind.EMAIL, "bob@example.com"), True)
    assert (second.identity, second.cancelled) == (Identity(IdentityKind.USER, str(user.pk)), False)
    (line,) = second.lines
    assert (line.item, line.quantity, line.unit_price) == (str(daily.pk), "2", "1.10")


def test_orders_about_one_product_and_prices_in_cents_are_found() -> None:
    assert [line.strip() for line in proposed(Ebook).code.splitlines() if " = " in line] == [
        'product_model = "kiosk.Ebook"',
        'price_field = "price_cents"',
        "prices_in_cents = True",
        'currency = "EUR"  # the currency of your prices',
        'order_model = "kiosk.EbookSale"',
        'order_date_field = "made_on"',
        'order_user_field = "reader"',
        'line_quantity_field = "copies"',
        'line_price_field = "cents"',
    ]


def test_cents_are_told_in_major_units() -> None:
    ebook = Ebook.objects.create(name="Atlas", price_cents=1205)
    sale = EbookSale.objects.create(ebook=ebook, reader=make_person("ann"), copies=2, cents=999)
    adapter, key = pasted(Ebook), str(ebook.pk)
    assert adapter.cards([key], Page())[key].price == "12.05"
    assert [record.price for record in adapter.iter_items()] == ["12.05"]
    (line,) = adapter.find_order(str(sale.pk)).lines
    assert (line.item, line.quantity, line.unit_price) == (key, "2", "9.99")


def test_the_doctor_names_the_column_that_nothing_reads_yet(settings: Any) -> None:
    Ebook.objects.create(name="Atlas", price_cents=1205)
    settings.PERSONALIZATION = {"PRODUCT_MODEL": "kiosk.Ebook"}
    (finding,) = (one for one in examine(tenant="", now=2 * 10**15) if "has any price" in one.text)
    assert finding.add == 'price_field = "price_cents"\nprices_in_cents = True'
