"""Orders that the shop's own signals tell of. They are sent with `Signal.send`, as shops do: an error would be theirs."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.core.management import call_command
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import Signal
from django.http import HttpResponse
from django.test import RequestFactory

from personalization.adapters import DeclarativeAdapter
from personalization.capture import receivers
from personalization.engine.types import Identity, IdentityKind
from personalization.identity.cookie import write_cookie
from personalization.models import Event
from personalization.store.visitors import find_visitor
from tests.capture.ordering import ORDERING, OrderingAdapter, left, line, open_shop, place

pytestmark = pytest.mark.django_db
committing = pytest.mark.django_db(transaction=True)

paid = Signal()
no_signal = object()


class Telling(OrderingAdapter):
    order_signals = {f"{__name__}.paid": "order"}


class Declared(OrderingAdapter, DeclarativeAdapter):
    """A shop that takes groups for orders."""

    order_model = "auth.Group"


class Named(Declared):
    """It names the signal that is listened to anyway."""

    order_signals = {"django.db.models.signals.post_save": "instance"}


class Wrong(OrderingAdapter):
    order_signals = {f"{__name__}.paid": "order", f"{__name__}.no_signal": "order"}


class Nowhere(OrderingAdapter):
    order_signals = {"nowhere.signal": "order"}


@pytest.fixture(autouse=True)
def _shop():
    open_shop()


@pytest.fixture(autouse=True)
def _at_once(request, monkeypatch):
    """The transaction around a test is not the shop's; tests about the shop's transactions have none around them."""
    if not request.node.get_closest_marker("django_db").kwargs:
        monkeypatch.setattr("personalization.store.after_commit._open_transaction", lambda: None)


@pytest.fixture
def use(settings):
    """Let the shop have another adapter of this module."""

    def use(adapter):
        settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.{adapter}"}

    return use


class Order:
    def __init__(self, pk):
        self.pk = pk


def test_a_signal_that_the_adapter_names_tells_of_its_order(use):
    use("Telling")
    place(line())
    assert [answer for _, answer in paid.send(sender=Order, order=Order("o-1"))] == [None]
    paid.send(sender=Order, order="o-1", path="x", argument="y", model="z")
    assert left() == {"cup": 1}


@committing
def test_inside_a_transaction_the_order_is_read_after_the_commit(use):
    use("Telling")
    with transaction.atomic():
        paid.send(sender=Order, order=Order("o-1"))
        place(line("cup"), line("plate"))
        assert not Event.objects.exists()
    assert left() == {"cup": 1, "plate": 1}


def test_the_request_that_comes_with_a_signal_is_the_browser_of_an_order_of_nobody(use):
    use("Telling")
    place(line(), identity=None)
    request, response = RequestFactory().get("/"), HttpResponse()
    request.user = AnonymousUser()
    write_cookie(response, request, "b")
    request.COOKIES = {name: morsel.value for name, morsel in response.cookies.items()}
    paid.send(sender=Order, order=Order("o-1"), request=request)
    assert find_visitor(Identity(IdentityKind.VISITOR, "b"), tenant="") == Event.objects.get().visitor_id


@pytest.mark.parametrize("adapter", ["Declared", "Named"])
def test_each_saved_order_is_told_once_and_nothing_else_is(use, adapter, monkeypatch):
    use(adapter)
    told = []
    monkeypatch.setattr(receivers, "tell_order", lambda order, *args, **options: told.append(order))
    order = Group.objects.create(name="an order")
    Permission.objects.first().save()
    assert told == [order]


def test_a_saved_order_is_stored_under_its_key(use):
    use("Declared")
    place(line(), key="7")
    Group.objects.create(pk=7, name="an order")
    assert left() == {"cup": 1}


def test_fixtures_tell_nothing(use):
    use("Declared")
    place(line(), key="7")
    post_save.send(sender=Group, instance=Group(pk=7), created=True, raw=True, using="default")
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    "said", [{}, {"order": None}, {"order": Order(None)}, {"order": object()}, {"order": 5}]
)
def test_a_signal_that_tells_of_no_order_is_not_the_hosts_problem(use, said):
    use("Telling")
    paid.send(sender=Order, **said)
    assert not Event.objects.exists()


def test_an_order_that_cannot_be_read_is_in_the_log(use, monkeypatch, caplog):
    use("Telling")

    def fail(*args, **options):
        raise RuntimeError("the adapter has a bug")

    monkeypatch.setattr(OrderingAdapter, "find_order", fail)
    paid.send(sender=Order, order="o-1")
    (entry,) = caplog.records
    assert entry.getMessage() == f"recording an order after {__name__}.paid failed"


@committing
@pytest.mark.usefixtures("threads_db")
def test_without_our_tables_orders_are_placed(use, caplog):
    use("Declared")
    place(line(), key="7")
    place(line(), key="8")
    call_command("migrate", "personalization", "zero", verbosity=0)
    try:
        Group.objects.create(pk=7, name="an order")
        with transaction.atomic():
            Group.objects.create(pk=8, name="another order")
    finally:
        call_command("migrate", verbosity=0)
    assert Group.objects.filter(pk__in=(7, 8)).count() == 2
    assert caplog.text.count(" failed") == 2


# What the settings say, and whether they can be followed.


def listeners():
    return len(receivers._listening)


def test_another_adapter_is_listened_to_in_place_of_the_first(use, settings):
    use("Telling")
    assert listeners() == 1
    use("Declared")
    place(line())
    paid.send(sender=Order, order="o-1")
    assert not Event.objects.exists()
    settings.PERSONALIZATION = ORDERING
    assert listeners() == 0
    settings.PERSONALIZATION = {}


@pytest.mark.parametrize("adapter", ["Wrong", "Nowhere", "Unwritten"])
def test_wrong_settings_do_not_keep_a_shop_from_starting(use, adapter, caplog):
    use(adapter)
    receivers.connect()
    assert listeners() == 0
    assert "orders are not listened to: " in caplog.text


def test_a_model_that_is_not_there_does_not_either(use, monkeypatch, caplog):
    monkeypatch.setattr(Declared, "order_model", "auth.Nothing")
    use("Declared")
    assert listeners() == 0
    assert "orders are not listened to: " in caplog.text
