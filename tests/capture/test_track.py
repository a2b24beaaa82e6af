from decimal import Decimal

import pytest

from personalization.capture.track import happening, store_happening
from personalization.engine.types import Flag, Identity, IdentityKind, Kind
from personalization.exceptions import InvalidInputError
from personalization.models import Event, Item, ViewedItem, Visitor
from personalization.privacy.standing import Choice
from personalization.store.erasures import note_erasures, tombstones_of
from personalization.store.items import upsert_items
from personalization.store.visitors import ensure_visitors
from tests.store.test_items import Shop, record

pytestmark = pytest.mark.django_db

ANN = Identity(IdentityKind.USER, "ann")
NOON = 1_700_000_000_000_000


@pytest.fixture(autouse=True)
def _catalog(settings, db):
    settings.PERSONALIZATION = {"ADAPTER": "tests.store.test_items.Shop"}  # it sells x and y
    upsert_items([record("cup")], tenant="", origin=Item.Origin.IMPORT, now=1)


def tell(kind="purchase", item="cup", *, tenant="", flags=0, asked=False, **values):
    event = happening(values.pop("identity", ANN), kind, item, **{"now": NOON, **values})
    return store_happening(event, tenant=tenant, flags=flags, asked=asked)


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


class Variants(Shop):
    def canonical_keys(self, keys, tenant=""):
        return {key: key.split("/")[0] for key in keys if "/" in key}


def test_a_variant_is_the_product_that_is_recommended(settings):
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.Variants"}
    tell(item="x/red")
    tell(item="x/blue")
    assert set(Event.objects.values_list("item__key", flat=True)) == {"x"}
    assert not Item.objects.filter(key__startswith="x/").exists()


def test_a_search_is_about_a_text():
    assert tell("search", None, query="  red \n shoes ")
    assert tell("search", None, query="blue shoes")
    event = Event.objects.earliest("pk")
    assert (event.kind, event.item, event.query) == (Kind.SEARCH, None, "red shoes")
    assert Event.objects.count() == 2
    tell("search", None, query="x" * 999, now=NOON + 1)
    assert len(Event.objects.latest("pk").query) == 200


def test_what_machines_do_is_marked_and_is_no_view_of_the_visitor():
    assert tell("view", flags=Flag.BOT)
    assert Event.objects.get().flags == Flag.BOT
    assert not ViewedItem.objects.exists()


def visitor(identity):
    found = ensure_visitors(identity.kind, [identity.key], tenant="", now=1)[identity.key]
    return Visitor.objects.filter(pk=found)


def test_nothing_is_written_of_who_refused():
    visitor(ANN).update(choice=Choice.REFUSED)
    assert not tell()
    assert not Event.objects.exists()


def test_who_was_erased_is_not_brought_back_by_what_comes_late():
    note_erasures(tombstones_of([ANN], tenant="", now=NOON))
    assert not tell()
    assert not Visitor.objects.exists()
    assert tell(now=NOON + 1)


def test_where_consent_is_required_a_request_has_agreed_or_the_person_has(settings):
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "CONSENT_REQUIRED": True}
    assert not tell()
    assert not Visitor.objects.exists()
    assert tell(asked=True)
    visitor(ANN).update(choice=Choice.AGREED)
    assert tell(now=NOON + 1)


def test_a_browser_whose_owner_signed_out_or_was_erased_says_nothing():
    browser = Identity(IdentityKind.VISITOR, "browser")
    assert tell(identity=browser, asked=True)
    visitor(browser).update(person=visitor(ANN).get())
    assert not tell(identity=browser, asked=True, now=NOON + 1)
    erased = Identity(IdentityKind.VISITOR, "erased")
    note_erasures(tombstones_of([erased], tenant="", now=NOON - 1))
    assert not tell(identity=erased, asked=True)
    assert Event.objects.count() == 1


def test_what_shops_hand_over_instead_of_text():
    class Order:
        pk = 7

    tell(quantity=Decimal("1.5"), unit_price=None, currency=None, order=Order(), client_id=5)
    event = Event.objects.get()
    assert (event.quantity, event.unit_price, event.currency, event.order) == (Decimal("1.5"), None, "", "7")


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
        ("item", {"item": None}),
        ("query", {"kind": "search", "query": " "}),
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
