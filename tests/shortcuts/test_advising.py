"""Items by requirements, asked by the shop's own code."""

import pytest
from django.http import HttpRequest

from personalization.exceptions import InvalidInputError
from personalization.shortcuts import advise
from personalization.store.sync import sync_items
from tests import goods as shelf
from tests.served import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("goods")]


@pytest.fixture
def products():
    made = [shelf.put(f"p{n}", price=f"{n}.00") for n in range(4)]
    sync_items(tenant="", now=NOW)
    return made


def test_products_are_given_themselves(products):
    advice = advise(None, like=products[3], critiques=[{"field": "price", "change": "less"}], count=2)
    assert [item.key for item in advice.items] == ["p2", "p1"]


def test_a_page_may_ask(products):
    advice = advise(
        HttpRequest(),
        must=[{"field": "price", "at_most": 1}],
        utility=[{"field": "price", "better": "more"}],
    )
    assert [item.key for item in advice.items] == ["p1", "p0"]


def test_of_another_tenant_nothing_is_found(products):
    assert advise(None, tenant="north").items == ()


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"must": "price"}, "must"), ({"like": ["p1", "p2"]}, "like"), ({"count": 0}, "count")],
)
def test_what_is_wrong_is_named(products, asked, field):
    with pytest.raises(InvalidInputError) as refused:
        advise(None, **asked)
    assert refused.value.field == field
