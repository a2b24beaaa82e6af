"""What the shop has is offered while somebody types."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from personalization.admin.rule_builder.suggestions import OFFERED
from personalization.engine.types import ItemRecord
from personalization.models import Event, Item, Segment
from personalization.store.items import upsert_items
from tests.admin.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "/admin/personalization/segment/suggestions/"


@pytest.fixture
def shop(db: None) -> None:
    records = [
        ItemRecord("mug-1", "Blue mug", category="Kitchen", tags=("tea", "gift")),
        ItemRecord("jug-1", "Jug", category="kitchen garden", tags=("Tea",)),
    ]
    upsert_items(records, tenant="", origin=Item.Origin.IMPORT, now=NOW)
    upsert_items(
        [ItemRecord("far", "Far mug", category="Far")], tenant="far", origin=Item.Origin.IMPORT, now=NOW
    )
    Item.objects.filter(key="mug-1").update(brand="North")


def values(client: Client, what: str, text: str = "") -> list[str]:
    return [one["value"] for one in client.get(URL, {"what": what, "q": text}).json()["suggestions"]]


@pytest.mark.parametrize(
    ("what", "text", "found"),
    [
        ("item", "MUG", ["mug-1"]),
        ("item", "jug-", ["jug-1"]),
        ("category", "kit", ["Kitchen", "kitchen garden"]),
        ("brand", "", ["North"]),
        ("tag", "tea", ["Tea", "tea"]),
        ("segment", "a", []),
        ("store", "", []),
        ("password", "", []),
        ("category", "%", []),
        ("item", "\0' OR 1=1", []),
    ],
)
def test_it_offers_what_holds_the_text(
    chief: Client, shop: None, what: str, text: str, found: list[str]
) -> None:
    assert values(chief, what, text) == found


def test_segments_are_offered_by_name_and_title(chief: Client) -> None:
    Segment.objects.create(
        name="vip", digest=b"v" * 16, title="Best <b>buyers</b>", created_at=NOW, updated_at=NOW
    )
    found = chief.get(URL, {"what": "segment", "q": "buyers"}).json()["suggestions"]
    assert found == [{"value": "vip", "label": "Best <b>buyers</b> (vip)", "title": "Best <b>buyers</b>"}]


def test_stores_come_from_events(chief: Client, rows: SimpleNamespace) -> None:
    Event.objects.update(store="Berlin")
    assert values(chief, "store", "ber") == ["Berlin"]


def test_many_are_not_offered_at_once(chief: Client) -> None:
    records = [ItemRecord(f"k{n}", f"Item {n}", category=f"C{n}") for n in range(60)]
    upsert_items(records, tenant="", origin=Item.Origin.IMPORT, now=NOW)
    assert len(values(chief, "item")) == len(values(chief, "category")) == OFFERED


def test_only_who_may_build_rules_asks(staff: Callable[..., Client], shop: None) -> None:
    assert staff("view_segment").get(URL, {"what": "item"}).status_code == 403
    assert values(staff("add_segment"), "item") == ["mug-1", "jug-1"]
    anonymous: Any = Client().get(URL)
    assert anonymous.status_code == 302
