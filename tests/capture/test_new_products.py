"""Products that the shop makes are compared with the catalog by the next run."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import transaction

from personalization.adapters import DeclarativeAdapter
from personalization.capture import new_products
from personalization.learning.due import run_due
from personalization.models import Item, Run
from personalization.shortcuts import recommend
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


def titles() -> list[str]:
    return list(Item.objects.order_by("title").values_list("title", flat=True))


def asked() -> int:
    return Run.objects.filter(kind=CONTENT).count()


def test_a_product_that_is_made_is_compared_by_the_next_run() -> None:
    for name in ("Red lamp", "Red lamp, large", "Mug"):
        Group.objects.create(name=name)
    assert (asked(), titles()) == (1, [])
    (done,) = run_due()
    assert (done.kind, done.error) == (CONTENT, "")
    assert titles() == ["Mug", "Red lamp", "Red lamp, large"]
    first, second = Group.objects.filter(name__startswith="Red").order_by("pk")
    answer = recommend(None, slot="similar", item=first, count=1)
    assert [(item.key, item.text) for item in answer.items] == [(str(second.pk), "Similar to Red lamp")]


def test_one_that_is_saved_again_is_not_asked_about() -> None:
    lamp = Group.objects.create(name="Lamp")
    Run.objects.all().delete()
    lamp.name = "Torch"
    lamp.save()
    assert asked() == 0


def test_nothing_is_asked_before_the_commit_nor_without_it() -> None:
    with transaction.atomic():
        Group.objects.create(name="Never")
        transaction.set_rollback(True)
    assert asked() == 0
    with transaction.atomic():
        Group.objects.create(name="Lamp")
        assert asked() == 0
    assert asked() == 1


def test_what_fails_does_not_fail_the_shop(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(new_products, "ask_for_neighbors", fail)
    assert Group.objects.create(name="Lamp").pk
    assert "a new product" in caplog.text


def test_wrong_settings_stop_nobody(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.Broken"}
    assert Group.objects.create(name="Lamp").pk
    assert "products are not listened to" in caplog.text
    assert asked() == 0


def test_imported_catalogs_have_no_model_to_listen_to(settings: Any) -> None:
    settings.PERSONALIZATION = {"ADAPTER": "personalization.store.catalog.CatalogAdapter"}
    Group.objects.create(name="Lamp")
    assert asked() == 0
