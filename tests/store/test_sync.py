import pytest

from personalization.adapters import Adapter
from personalization.engine.types import ItemRecord
from personalization.models import Item
from personalization.store import sync
from personalization.store.sync import sync_items

pytestmark = pytest.mark.django_db

NOW = 1_700_000_000_000_000


class Mugs(Adapter):
    """A shop with three mugs, and one product whose key no database could hold."""

    def iter_items(self, tenant=""):
        yield from (ItemRecord(key=f"m{number}", category="Mugs") for number in range(3))
        yield ItemRecord(key="", title="No key")

    def find_items(self, keys, tenant=""):
        return []

    def cards(self, keys, page):
        return {}

    def newest_keys(self, count, page):
        return []


class OurCatalog(Mugs):
    """Stands for the built-in catalog, whose items are our rows already."""


def test_the_shops_products_become_items(settings):
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.Mugs"}
    done = sync_items(tenant="b", now=NOW)
    assert (done.stored, done.updated) == (3, 0)
    rows = Item.objects.values_list("tenant", "key", "category", "origin")
    assert set(rows) == {("b", f"m{number}", "Mugs", Item.Origin.ADAPTER) for number in range(3)}
    assert sync_items(tenant="b", now=NOW).updated == 3


def test_our_own_catalog_is_not_copied_onto_itself(settings, monkeypatch):
    monkeypatch.setattr(sync, "CATALOG", f"{__name__}.OurCatalog")
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.OurCatalog"}
    assert sync_items(tenant="", now=NOW).stored == 0
    assert not Item.objects.exists()


def test_there_is_a_sign_of_life_after_each_batch(settings, monkeypatch):
    monkeypatch.setattr(sync, "_BATCH", 2)
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.Mugs"}
    beats = []
    sync_items(tenant="", now=NOW, beat=lambda: beats.append(1))
    assert len(beats) == 2


def test_what_the_shop_no_longer_has_is_retired_and_comes_back(settings, monkeypatch):
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.Mugs"}
    all_of_them = list(Mugs().iter_items())
    sync_items(tenant="", now=NOW)
    monkeypatch.setattr(Mugs, "iter_items", lambda self, tenant="": iter(all_of_them[1:]))
    assert sync_items(tenant="", now=NOW).retired == 1
    assert list(Item.objects.filter(active=False).values_list("key", flat=True)) == ["m0"]
    monkeypatch.setattr(Mugs, "iter_items", lambda self, tenant="": iter(all_of_them))
    sync_items(tenant="", now=NOW)
    assert not Item.objects.filter(active=False).exists()


def test_an_adapter_that_tells_nothing_retires_nothing(settings, monkeypatch):
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.Mugs"}
    sync_items(tenant="", now=NOW)
    monkeypatch.setattr(Mugs, "iter_items", lambda self, tenant="": iter(()))
    assert sync_items(tenant="", now=NOW).retired == 0
    assert Item.objects.filter(active=True).count() == 3
