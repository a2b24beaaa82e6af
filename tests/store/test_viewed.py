import pytest

from personalization.engine.instants import to_micros
from personalization.engine.types import IdentityKind
from personalization.models import Item, ViewedItem
from personalization.store.items import item_ids, upsert_items
from personalization.store.viewed import View, record_views
from personalization.store.visitors import ensure_visitors
from tests.store.test_items import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    upsert_items([record("a")], tenant="", origin=Item.Origin.IMPORT, now=0)
    visitor = ensure_visitors(IdentityKind.USER, ["v"], tenant="", now=0)["v"]
    return visitor, item_ids(["a"], tenant="")["a"]


def history():
    return [
        (row.views, to_micros(row.first_viewed_at), to_micros(row.last_viewed_at))
        for row in ViewedItem.objects.all()
    ]


def test_a_first_view_makes_the_row(pair):
    record_views([View(*pair, 5)], tenant="")
    assert history() == [(1, 5, 5)]


def test_views_add_up_within_one_call_and_across_calls_in_any_order(pair):
    record_views([View(*pair, 50), View(*pair, 20)], tenant="")
    record_views([View(*pair, 10), View(*pair, 30)], tenant="")
    assert history() == [(4, 10, 50)]


def test_no_views_change_nothing(pair):
    record_views([], tenant="")
    assert history() == []
