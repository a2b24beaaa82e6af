from decimal import Decimal

import pytest
from django.db import transaction

from personalization.capture.track import track
from personalization.engine.types import Identity, IdentityKind, Kind
from personalization.exceptions import InvalidInputError
from personalization.models import Event, Item, ViewedItem, Visitor
from personalization.store.items import upsert_items
from tests.store.test_items import record

pytestmark = pytest.mark.django_db(transaction=True)

ANN = Identity(IdentityKind.USER, "ann")
NOON = 1_700_000_000_000_000


@pytest.fixture(autouse=True)
def _catalog(settings, transactional_db):
    settings.PERSONALIZATION = {"ADAPTER": "tests.store.test_items.Shop"}  # it sells x and y
    upsert_items([record("cup")], tenant="", origin=Item.Origin.IMPORT, now=1)


def tell(kind="purchase", item="cup", **values):
    track(values.pop("identity", ANN), kind, item, **{"now": NOON, **values})


def test_an_event_is_stored_at_once_with_all_it_says():
    tell(quantity=2, unit_price=Decimal("9.99"), currency="EUR", order="o-1", store="shop")
    event = Event.objects.get()
    assert (event.kind, event.item.key, event.quantity, event.unit_price) == (
        Kind.PURCHASE,
        "cup",
        2,
        Decimal("9.99"),
    )
    assert (event.currency, event.order, event.store, event.source) == ("EUR", "o-1", "shop", 1)
    assert not ViewedItem.objects.exists()


def test_a_view_enters_the_view_history_once_per_event():
    tell(Kind.VIEW, client_id="1")
    tell(Kind.VIEW, client_id="1")
    tell(Kind.VIEW, client_id="2", now=NOON + 5)
    assert ViewedItem.objects.get().views == 2
    assert Event.objects.count() == 2


def test_without_a_client_id_the_instant_tells_events_apart():
    tell()
    tell()
    tell(now=NOON + 1)
    assert Event.objects.count() == 2


def test_a_product_of_the_shop_is_interned_on_its_first_event():
    tell(item="x")
    assert Event.objects.get().item.key == "x"


def test_inside_a_transaction_nothing_is_written_before_the_commit():
    with transaction.atomic():
        tell("view")
        assert not Event.objects.exists()
    assert ViewedItem.objects.get().views == 1


def test_what_the_host_rolls_back_did_not_happen():
    with pytest.raises(RuntimeError), transaction.atomic():
        tell()
        raise RuntimeError
    assert not Visitor.objects.exists()


def test_a_failure_after_the_commit_is_the_logs_and_not_the_hosts(monkeypatch, caplog):
    def fail(*args, **options):
        raise OSError("disk full")

    monkeypatch.setattr("personalization.capture.track.append_events", fail)
    with transaction.atomic():
        tell()
    assert "disk full" in caplog.text
    assert not Visitor.objects.exists()


def test_an_item_that_vanishes_before_the_commit_stores_nothing(caplog):
    with transaction.atomic():
        tell()
        Item.objects.all().delete()
    assert not Event.objects.exists()
    assert "There is no such item" in caplog.text


def test_an_address_is_not_kept():
    tell(identity=Identity(IdentityKind.EMAIL, "Ann@example.com"))
    tell(identity=Identity(IdentityKind.EMAIL, "ann@example.com"), now=NOON + 1)
    assert len(set(Event.objects.values_list("visitor_id", flat=True))) == 1


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("kind", {"kind": "rate"}),
        ("kind", {"kind": "nonsense"}),
        ("kind", {"kind": None}),
        ("item", {"item": "unknown"}),
        ("item", {"item": ""}),
        ("item", {"item": "a\0b"}),
        ("identity", {"identity": Identity(IdentityKind.USER, "")}),
        ("identity", {"identity": Identity(IdentityKind.USER, " ")}),
        ("quantity", {"quantity": 0}),
        ("quantity", {"quantity": "-1"}),
        ("quantity", {"quantity": True}),
        ("quantity", {"quantity": "1e3"}),
        ("unit_price", {"unit_price": "NaN"}),
        ("unit_price", {"unit_price": "-1"}),
        ("currency", {"currency": "euro"}),
        ("order", {"order": "x" * 65}),
        ("client_id", {"client_id": "\ud800"}),
        ("store", {"store": "x" * 33}),
        ("tenant", {"tenant": "x" * 65}),
    ],
)
def test_bad_input_is_refused_by_name_and_stores_nothing(field, values):
    with pytest.raises(InvalidInputError) as refusal:
        tell(**values)
    assert refusal.value.field == field
    assert not Event.objects.exists()
    assert not Visitor.objects.exists()


def test_an_unknown_item_has_a_code_of_its_own():
    with pytest.raises(InvalidInputError) as refusal:
        tell(item="unknown")
    assert refusal.value.code == "unknown"
