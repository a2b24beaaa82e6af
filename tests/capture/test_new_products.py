"""Products that the shop makes are known at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import transaction

from personalization.adapters import DeclarativeAdapter
from personalization.capture import new_products
from personalization.models import Item, Run
from personalization.store.new_items import CONTENT

pytestmark = pytest.mark.django_db(transaction=True)


class GroupAdapter(DeclarativeAdapter):
    """A shop that sells groups."""

    product_model = "auth.Group"
    title_field = "name"


class Broken(GroupAdapter):
    product_model = "auth.Nothing"


@pytest.fixture(autouse=True)
def _shop(settings: Any) -> None:
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.GroupAdapter"}


@pytest.fixture
def lamp() -> Group:
    return Group.objects.create(name="Lamp")


def titles() -> list[str]:
    return list(Item.objects.order_by("title").values_list("title", flat=True))


def test_a_product_that_is_made_is_stored_and_compared(lamp: Group) -> None:
    assert titles() == ["Lamp"]
    assert Item.objects.get().key == str(lamp.pk)
    assert Run.objects.get().kind == CONTENT


def test_one_that_is_saved_again_is_not_asked_about(lamp: Group) -> None:
    Run.objects.all().delete()
    lamp.name = "Torch"
    lamp.save()
    assert titles() == ["Lamp"]  # until the next rebuild
    assert not Run.objects.exists()


def test_nothing_is_stored_before_the_commit_nor_without_it() -> None:
    with transaction.atomic():
        group = Group.objects.create(name="Draft")
        group.name = "Lamp"
        group.save()
        assert titles() == []
    assert titles() == ["Lamp"]
    with transaction.atomic():
        Group.objects.create(name="Never")
        transaction.set_rollback(True)
    assert titles() == ["Lamp"]


def test_a_shop_that_cannot_be_read_makes_its_products_all_the_same(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(GroupAdapter, "find_items", fail)
    assert Group.objects.create(name="Lamp").pk
    assert titles() == []
    assert "a new product" in caplog.text


def test_wrong_settings_stop_nobody(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.Broken"}
    assert Group.objects.create(name="Lamp").pk
    assert "products are not listened to" in caplog.text
    assert new_products._listening == []


def test_imported_catalogs_have_no_model_to_listen_to(settings: Any) -> None:
    settings.PERSONALIZATION = {"ADAPTER": "personalization.store.catalog.CatalogAdapter"}
    Group.objects.create(name="Lamp")
    assert not Item.objects.exists()
