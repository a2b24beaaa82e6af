import pytest
from django.db import IntegrityError, connection, transaction

from personalization.models import Stamp
from personalization.store.bulk import batches, insert_columns, insert_rows

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[0, 20], autouse=True)
def _few(request, monkeypatch):
    """Few rows and many take different ways on PostgreSQL."""
    monkeypatch.setattr("personalization.store.bulk.FEW", request.param)


COLUMNS = ("tenant", "name", "version")


def stamps():
    return list(Stamp.objects.order_by("version").values_list(*COLUMNS))


def test_stores_rows_and_counts_them():
    assert insert_rows(Stamp, COLUMNS, iter([("t", "a", 1), ("t", "b", 2)])) == 2
    assert stamps() == [("t", "a", 1), ("t", "b", 2)]


@pytest.mark.parametrize(
    "name", ["back\\slash", "tab\there", "line\nfeed", "cr\rhere", "\\N", "猫", "'\"%s", ""]
)
def test_stores_texts_as_they_are(name):
    insert_rows(Stamp, COLUMNS, [("", name, 1)])
    assert stamps() == [("", name, 1)]


def test_a_conflict_is_refused_and_leaves_nothing_of_the_batch():
    insert_rows(Stamp, COLUMNS, [("", "a", 1)])
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(Stamp, COLUMNS, [("", "b", 2), ("", "a", 3)])
    assert stamps() == [("", "a", 1)]


def test_conflicts_are_left_out_on_request_in_the_table_and_in_the_batch():
    insert_rows(Stamp, COLUMNS, [("", "a", 1)])
    rows = [("", "b", 2), ("", "a", 3), ("", "b", 4), ("", "c", 5)]
    assert insert_rows(Stamp, COLUMNS, rows, ignore_conflicts=True) == 2
    assert stamps() == [("", "a", 1), ("", "b", 2), ("", "c", 5)]
    assert insert_rows(Stamp, COLUMNS, rows, ignore_conflicts=True) == 0


def test_the_transaction_around_stays_usable_after_conflicts():
    with transaction.atomic():
        for _ in range(2):
            insert_rows(Stamp, COLUMNS, [("", "a", 1)], ignore_conflicts=True)
        assert Stamp.objects.count() == 1


def test_a_constant_stands_in_every_row():
    columns = {"name": ["a", "b"], "version": [1, 2]}
    assert insert_columns(Stamp, columns, constants={"tenant": "t\\"}) == 2
    assert stamps() == [("t\\", "a", 1), ("t\\", "b", 2)]


def test_more_rows_than_one_batch(monkeypatch):
    monkeypatch.setattr("personalization.store.bulk.BATCH", 2)
    assert insert_rows(Stamp, COLUMNS, [("", str(n), n) for n in range(5)]) == 5
    assert len(stamps()) == 5


def test_nothing_to_store_asks_the_database_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert insert_rows(Stamp, COLUMNS, []) == 0


def test_batches_keep_the_order():
    assert list(batches(range(5), 2)) == [[0, 1], [2, 3], [4]]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="there is a COPY only on PostgreSQL")
def test_the_staging_table_is_gone_afterwards():
    for _ in range(2):
        insert_rows(Stamp, COLUMNS, [("", "a", 1)], ignore_conflicts=True)
    assert "personalization_staging" not in connection.introspection.table_names()
