import pytest

from personalization.engine.ids import digest
from personalization.engine.types import ItemRecord
from personalization.models import Item
from personalization.store import lookup
from personalization.store.items import IMPORTED, item_ids, upsert_items
from personalization.store.lookup import look_up

pytestmark = pytest.mark.django_db

SQL = f"SELECT digest, tenant FROM {Item._meta.db_table} WHERE tenant = %s AND digest IN"
KEYS = [f"sku-{n}" for n in range(40)]


@pytest.fixture
def items():
    upsert_items([ItemRecord(key) for key in KEYS], tenant="", origin=IMPORTED, now=1)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 33])
def test_each_row_is_found_once(items, count):
    rows = look_up(Item, SQL, [""], [digest(key) for key in KEYS[:count]])
    assert sorted(bytes(found) for found, _ in rows) == sorted(map(digest, KEYS[:count]))


def test_other_parameters_hold_in_every_statement(items, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(lookup, "LOOKUP", 16)
    with django_assert_num_queries(3):
        assert look_up(Item, SQL, ["other"], [digest(key) for key in KEYS]) == []
    assert len(look_up(Item, SQL, [""], [digest(key) for key in KEYS])) == 40


def test_many_lengths_are_few_statements(items, django_assert_num_queries):
    with django_assert_num_queries(20) as asked:
        for count in range(20):
            item_ids(KEYS[: count + 1], tenant="")
    assert len({query["sql"].count(",") for query in asked}) <= 7
