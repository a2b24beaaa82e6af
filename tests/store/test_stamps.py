import pytest

from personalization.store.bulk import insert_rows
from personalization.store.stamps import bump_stamp, read_stamp

pytestmark = pytest.mark.django_db


def test_a_stamp_is_zero_until_something_changes():
    assert read_stamp("catalog", tenant="") == 0


def test_each_change_makes_it_larger_for_its_tenant_alone():
    bump_stamp("catalog", tenant="a")
    bump_stamp("catalog", tenant="a")
    bump_stamp("catalog", tenant="b")
    assert (read_stamp("catalog", tenant="a"), read_stamp("catalog", tenant="b")) == (2, 1)
    assert read_stamp("rules", tenant="a") == 0


def test_whoever_loses_the_race_for_the_first_version_makes_the_second(monkeypatch):
    def somebody_is_first(model, columns, rows, **options):
        insert_rows(model, columns, rows)
        return insert_rows(model, columns, rows, **options)

    monkeypatch.setattr("personalization.store.stamps.insert_rows", somebody_is_first)
    bump_stamp("catalog", tenant="")
    assert read_stamp("catalog", tenant="") == 2


def test_a_version_is_not_less_than_the_instant_of_the_change(db):
    versions = []
    for at in (500, 400, 900):
        bump_stamp("rules", tenant="", at=at)
        versions.append(read_stamp("rules", tenant=""))
    assert versions == [500, 501, 900]
