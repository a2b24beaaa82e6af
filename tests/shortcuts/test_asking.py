import logging

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest
from django.test import override_settings

from personalization import serving, shortcuts
from personalization.engine.types import Identity, IdentityKind, Kind
from personalization.exceptions import InvalidInputError
from personalization.models import Event, Rating
from personalization.store.catalog import CatalogAdapter
from tests.people import login_name, make_person
from tests.served import ANNA, CATALOG, Shop, keys, reasons


class Broken(CatalogAdapter):
    """A host's adapter with a bug."""

    def cards(self, keys, page):
        raise RuntimeError("bug")


class Picky(CatalogAdapter):
    """Fails for everything but the last rung."""

    def cards(self, keys, page):
        if page.catalog_version:
            raise RuntimeError("bug")
        return super().cards(keys, page)


class Faulty(CatalogAdapter):
    """Runs a statement that fails."""

    def cards(self, keys, page):
        with connection.cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere")
        raise AssertionError


class Tenants(CatalogAdapter):
    def tenant(self, request):
        return "second"

    def store(self, request):
        return "north"


@pytest.fixture
def shop(db, settings):
    settings.PERSONALIZATION = CATALOG
    shop = Shop()
    shop.publish("auto", weights={"a": {"b": 0.5}})
    shop.publish("item-cosine", neighbors={"a": {"c": 0.5}})
    shop.publish("popularity", ranking="hg")
    return shop


def adapter(settings, name):
    settings.PERSONALIZATION = {"ADAPTER": f"tests.shortcuts.test_asking.{name}"}


def request_of(user):
    request = HttpRequest()
    request.user = user
    return request


def test_recommend_takes_an_identity(shop):
    shop.buys("a")
    assert reasons(shortcuts.recommend(ANNA, count=1)) == {"b": ("because_bought", "a")}


def test_recommend_takes_a_request(shop):
    user = make_person("u")
    shop.buys("a", identity=Identity(IdentityKind.USER, str(user.pk)))
    assert keys(shortcuts.recommend(request_of(user), count=1)) == "b"
    assert keys(shortcuts.recommend(request_of(AnonymousUser()), count=1)) == "h"


def test_recommend_takes_nobody_products_and_exclusions(shop):
    assert keys(shortcuts.recommend(None, slot="similar", item=["a"], count=1)) == "c"
    assert keys(shortcuts.recommend(None, count=2, exclude=["h"])) == "gf"


def test_recommend_raises_what_is_wrong(shop):
    with pytest.raises(InvalidInputError, match="slot"):
        shortcuts.recommend(ANNA, slot="nonsense")


def test_the_adapter_says_tenant_and_store(shop, settings):
    adapter(settings, "Tenants")
    Shop("xy", tenant="second")
    assert set(keys(shortcuts.recommend(request_of(AnonymousUser())))) == set("xy")
    assert set(keys(shortcuts.recommend(request_of(AnonymousUser()), tenant="none"))) == set()


def test_a_slot_answers_like_recommend(shop):
    shop.buys("a")
    assert keys(shortcuts.slot(ANNA, "for_you", count=2)) == "bh"


def errors(caplog):
    return [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_an_unknown_slot_is_logged_and_empty(shop, caplog):
    answer = shortcuts.slot(None, "nonsense")
    assert (answer.items, answer.slot, answer.token) == ((), "nonsense", "")
    assert len(errors(caplog)) == 1


def test_a_bug_in_the_adapter_is_logged_once_and_the_block_is_empty(shop, settings, caplog):
    adapter(settings, "Broken")
    assert shortcuts.slot(None, "for_you").items == ()
    (record,) = errors(caplog)
    assert "bug" in str(record.exc_info[1])


def test_what_still_works_is_shown(shop, settings, caplog):
    adapter(settings, "Picky")
    assert keys(shortcuts.slot(None, "for_you", count=2, exclude=["h"])) == "gf"
    shop.does(Kind.VIEW, "a")
    assert shortcuts.slot(ANNA, "recently_viewed").items == ()
    assert len(errors(caplog)) == 2


def test_missing_tables_do_not_break_the_page(shop, caplog, monkeypatch):
    monkeypatch.setattr("personalization.store.page._COMMON", "SELECT x FROM missing WHERE a = %s OR a = %s")
    assert keys(shortcuts.slot(None, "for_you", count=2)) == "hg"
    assert len(errors(caplog)) == 1


def test_a_failed_statement_does_not_poison_the_hosts_transaction(shop, settings):
    adapter(settings, "Faulty")
    with transaction.atomic():
        make_person("before")
        assert shortcuts.slot(None, "for_you").items == ()
        make_person("after")
    assert {person.get_username() for person in get_user_model().objects.all()} == {
        login_name("before"),
        login_name("after"),
    }


def ruin(*args, **kwargs):
    """What a deadlock does on MariaDB: the whole transaction is gone, savepoints included."""
    with connection.cursor() as cursor:
        cursor.execute("ROLLBACK")
    connection.needs_rollback = True
    raise DatabaseError("deadlock")


def broken(*args, **kwargs):
    raise RuntimeError("bug")


def test_an_error_that_ruins_the_hosts_transaction_is_raised(transactional_db, monkeypatch):
    monkeypatch.setattr(serving, "recommend", ruin)
    with pytest.raises(DatabaseError), transaction.atomic():
        shortcuts.slot(None, "for_you")


def test_even_the_fallback_raises_what_ruins_the_hosts_transaction(transactional_db, monkeypatch):
    monkeypatch.setattr(serving, "recommend", broken)
    monkeypatch.setattr(serving, "recommend_newest", ruin)
    with pytest.raises(DatabaseError), transaction.atomic():
        shortcuts.slot(None, "for_you")


def test_slot_runs_outside_of_transactions_too(transactional_db):
    with override_settings(PERSONALIZATION=CATALOG):
        Shop("ab")
        assert keys(shortcuts.slot(None, "for_you")) == "ba"


def test_rate_takes_a_request_or_an_identity_and_what_forms_send(shop):
    user = make_person("u")
    shortcuts.rate(request_of(user), "a", "4", text="good")
    shortcuts.rate(ANNA, "a", 2)
    assert sorted(int(rating.value) for rating in Rating.objects.all()) == [2, 4]


@pytest.mark.parametrize(
    ("value", "field"), [("", "value"), ("9", "value"), ("4.5", "value"), (True, "value")]
)
def test_rate_refuses_what_is_no_rating(shop, value, field):
    with pytest.raises(InvalidInputError) as refusal:
        shortcuts.rate(ANNA, "a", value)
    assert refusal.value.field == field


def test_track_takes_a_request_or_an_identity(shop, django_capture_on_commit_callbacks):
    user = make_person("u")
    with django_capture_on_commit_callbacks(execute=True):
        shortcuts.track(request_of(user), "view", "a")
        shortcuts.track(ANNA, "purchase", "a", quantity=2)
        shortcuts.track(request_of(AnonymousUser()), "view", "a")
    assert sorted(Event.objects.values_list("kind", flat=True)) == [Kind.VIEW, Kind.PURCHASE]
    assert reasons(shortcuts.recommend(ANNA, count=1)) == {"b": ("because_bought", "a")}


def test_rate_needs_somebody(shop):
    with pytest.raises(InvalidInputError, match="identity"):
        shortcuts.rate(request_of(AnonymousUser()), "a", 3)
