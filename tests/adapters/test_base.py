"""What every adapter can do without a line of its own, and which one is used."""

from collections.abc import Iterable, Iterator, Mapping
from types import SimpleNamespace

import pytest
from django.http import HttpRequest
from django.test import override_settings

from personalization.adapters import Adapter, DeclarativeAdapter, Page, get_adapter
from personalization.engine.types import Card, Identity, IdentityKind, ItemRecord
from personalization.store.catalog import CatalogAdapter

ANN = Identity(IdentityKind.USER, "ann")


class TwoItems(Adapter):
    """The least that can be implemented."""

    def iter_items(self, tenant: str = "") -> Iterator[ItemRecord]:
        yield ItemRecord("mug")

    def find_items(self, keys: Iterable[str], tenant: str = "") -> list[ItemRecord]:
        return []

    def cards(self, keys: Iterable[str], page: Page) -> Mapping[str, Card]:
        known = {"mug": Card("mug", "Mug"), "gone": Card("gone", "Gone", eligible=False)}
        return {key: known[key] for key in keys if key in known}

    def newest_keys(self, count: int, page: Page) -> list[str]:
        return ["mug"]


@pytest.mark.parametrize(("product", "key"), [("mug", "mug"), (SimpleNamespace(pk=7), "7"), (7, "7")])
def test_a_key_is_the_primary_key_as_text(product: object, key: str) -> None:
    assert TwoItems().key_of(product) == key


@pytest.mark.parametrize(("user", "key"), [(SimpleNamespace(pk=7), "7"), ("ann", "ann")])
def test_a_user_is_known_by_the_primary_key(user: object, key: str) -> None:
    assert TwoItems().user_key(user) == key


def test_there_is_one_tenant_and_one_store() -> None:
    assert (TwoItems().tenant(HttpRequest()), TwoItems().store(HttpRequest())) == ("", "")


@pytest.mark.parametrize(("key", "allowed"), [("mug", True), ("gone", False), ("nothing", False)])
def test_what_may_be_shown_may_be_rated(key: str, allowed: bool) -> None:
    assert TwoItems().may_rate(ANN, key, Page()) is allowed


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, CatalogAdapter),
        ({"PRODUCT_MODEL": "personalization.Item"}, DeclarativeAdapter),
        ({"ADAPTER": f"{__name__}.TwoItems", "PRODUCT_MODEL": "personalization.Item"}, TwoItems),
    ],
)
def test_the_settings_choose_the_adapter(settings: dict[str, str], expected: type[Adapter]) -> None:
    with override_settings(PERSONALIZATION=settings):
        assert type(get_adapter()) is expected
        assert get_adapter() is get_adapter()
    with override_settings(DEBUG=True):  # another setting does not matter
        assert type(get_adapter()) is not TwoItems
