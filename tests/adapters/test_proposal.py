"""The lines that the doctor prints for a shop where nothing is called as elsewhere, and what they read."""

from __future__ import annotations

from typing import Any

import pytest

from personalization.adapters import Page
from personalization.engine.types import Identity, IdentityKind
from personalization.management.doctor import candidates
from personalization.management.doctor.proposal import Proposal, propose
from tests.adapters.kiosk.models import Article, ArticlePrice, ArticleVariant, Sale, SaleEntry
from tests.people import make_person

pytestmark = pytest.mark.usefixtures("bazaar")


def proposed() -> Proposal:
    found = candidates.find(Article)
    assert found is not None
    return propose(found)


def pasted() -> Any:
    written: dict[str, Any] = {}
    exec(proposed().code, written)
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
