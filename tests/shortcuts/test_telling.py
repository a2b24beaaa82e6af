"""What a shop tells never fails it, is told after its commit, and is in the log when it was refused."""

from __future__ import annotations

import logging

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from rest_framework.request import Request

from personalization import shortcuts
from personalization.engine.types import Flag, Identity, IdentityKind, Kind
from personalization.identity.cookie import new_key, write_cookie
from personalization.models import Event, Visitor
from personalization.store.visitors import ensure_visitors, find_visitor
from tests.capture.ordering import ANN, ORDERING, OrderingAdapter, change, left, line, open_shop, place
from tests.people import make_person

pytestmark = pytest.mark.django_db
committing = pytest.mark.django_db(transaction=True)

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
KEY = "k" * 40


class Order:
    """A host's order: only its key matters."""

    def __init__(self, pk):
        self.pk = pk


class Broken(OrderingAdapter):
    """Fails wherever it is asked."""

    def _fail(self, *args, **options):
        raise RuntimeError("the adapter has a bug")

    find_order = key_of = order_key = tenant = canonical_keys = _fail


class Faulty(OrderingAdapter):
    """Runs a statement that fails, in whatever transaction is open."""

    def tenant(self, request):
        with connection.cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere")
        raise AssertionError


@pytest.fixture(autouse=True)
def _shop(settings):
    settings.PERSONALIZATION = ORDERING
    open_shop()


@pytest.fixture(autouse=True)
def _at_once(request, monkeypatch):
    """The transaction around a test is not the shop's; tests about the shop's transactions have none around them."""
    if not request.node.get_closest_marker("django_db").kwargs:
        monkeypatch.setattr("personalization.store.after_commit._open_transaction", lambda: None)


def request_of(user=None, browser="", **headers):
    request = RequestFactory().get("/", headers={"user-agent": AGENT, **headers})
    request.user = user or AnonymousUser()
    if browser:
        response = HttpResponse()
        write_cookie(response, request, browser)
        request.COOKIES = {name: morsel.value for name, morsel in response.cookies.items()}
    return request


TELL = {
    "track": lambda: shortcuts.track(ANN, "view", "cup"),
    "record_order": lambda: shortcuts.record_order(Order("o-1")),
    "record_order with a request": lambda: shortcuts.record_order(Order("o-1"), request_of(browser="b")),
    "cancel_order": lambda: shortcuts.cancel_order("o-1"),
}
every_way = pytest.mark.parametrize("tell", TELL.values(), ids=TELL)


# Before the host's commit.


@every_way
def test_outside_a_transaction_it_is_stored_at_once(tell):
    place(line())
    assert tell() is True
    assert Event.objects.exists()


@committing
@every_way
def test_inside_a_transaction_nothing_of_ours_is_read_or_written(tell, django_assert_num_queries):
    place(line())
    with transaction.atomic():
        savepoints = 0 if connection.vendor == "sqlite" else 2
        with django_assert_num_queries(savepoints):
            assert tell() is True
        assert not Event.objects.exists()
    assert Event.objects.exists()


@committing
@every_way
def test_what_the_host_rolls_back_did_not_happen(tell):
    place(line())
    with pytest.raises(RuntimeError), transaction.atomic():
        tell()
        raise RuntimeError
    assert not Event.objects.exists()
    assert not Visitor.objects.exists()


@committing
def test_an_order_is_read_as_it_is_after_the_commit():
    place()
    with transaction.atomic():
        shortcuts.record_order(Order("o-1"))
        change(lines=(line("cup"), line("plate")))
    assert left() == {"cup": 1, "plate": 1}


@committing
@every_way
@pytest.mark.parametrize("in_transaction", [False, True])
def test_a_failure_is_in_the_log_once_and_not_the_hosts(tell, in_transaction, settings, caplog):
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.Broken"}
    place(line())
    if in_transaction:
        with transaction.atomic():
            tell()
            mine = ensure_visitors(IdentityKind.USER, ["host"], tenant="", now=1)
    else:
        assert tell() is False
        mine = {}
    assert Visitor.objects.count() == len(mine)
    assert not Event.objects.exists()
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "the adapter has a bug" in caplog.text


@committing
@pytest.mark.parametrize("name", ["track", "record_order"])
def test_a_statement_that_fails_does_not_spoil_the_hosts_transaction(name, settings, caplog):
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.Faulty"}
    request = request_of(browser="b")
    with transaction.atomic():
        told = (
            shortcuts.track(request, "view", "cup")
            if name == "track"
            else shortcuts.record_order(Order("o-1"), request)
        )
        assert told is False
        ensure_visitors(IdentityKind.USER, ["host"], tenant="", now=1)
    assert Visitor.objects.count() == 1
    assert caplog.text.count("failed") == 1


@committing
@every_way
def test_a_transaction_that_is_lost_already_is_the_hosts_to_roll_back(tell):
    place(line())
    with transaction.atomic():
        transaction.set_rollback(True)
        tell()
    assert not Event.objects.exists()


@committing
@pytest.mark.usefixtures("threads_db")
def test_without_our_tables_the_host_goes_on(caplog):
    place(line())
    call_command("migrate", "personalization", "zero", verbosity=0)
    try:
        for number, tell in enumerate(TELL.values()):
            caplog.clear()
            assert tell() is False
            assert caplog.text.count(" failed") == 1
            with transaction.atomic():
                tell()
                make_person(f"customer{number}")
            assert caplog.text.count(" failed") == 2
    finally:
        call_command("migrate", verbosity=0)
    assert get_user_model().objects.count() == len(TELL)


# What is refused.


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (lambda: shortcuts.track(ANN, "view", "unknown"), "item: There is no such item."),
        (lambda: shortcuts.track(ANN, "view"), "item: "),
        (lambda: shortcuts.track(ANN, "rate", "cup"), "kind: "),
        (lambda: shortcuts.track(ANN, "purchase", "cup", quantity="x"), "quantity: "),
        (lambda: shortcuts.track(ANN, "view", "cup", tenant="x" * 65), "tenant: "),
        (lambda: shortcuts.track(Identity(IdentityKind.USER, ""), "view", "cup"), "identity: "),
        (lambda: shortcuts.record_order("x" * 65), "order: "),
        (lambda: shortcuts.record_order(Order(None)), "order: "),
        (lambda: shortcuts.cancel_order(""), "order: "),
    ],
)
def test_what_is_refused_is_one_line_in_the_log(said, fault, caplog):
    assert said() is False
    (entry,) = caplog.records
    assert (entry.levelno, entry.exc_info) == (logging.ERROR, None)
    assert fault in entry.getMessage()
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    "call",
    [
        lambda: shortcuts.track(ANN),
        lambda: shortcuts.track(ANN, "view", "cup", color="red"),
        shortcuts.record_order,
        lambda: shortcuts.cancel_order("o-1", None),
    ],
)
def test_calls_that_python_refuses_are_the_programmers(call):
    with pytest.raises(TypeError):
        call()


def test_lines_that_are_left_out_are_in_the_log(caplog):
    place(line(), line("unknown"), line("unknown"))
    assert shortcuts.record_order("o-1") is True
    assert "lines of order o-1 are not stored: 2 × unknown_item" in caplog.text


def test_an_order_that_does_not_count_was_not_taken(caplog):
    assert shortcuts.record_order("unpaid") is False
    assert caplog.text == ""


# Who acts.


def visitors():
    return set(Event.objects.values_list("visitor_id", flat=True))


def test_track_takes_users_browsers_and_identities():
    user = make_person("u")
    assert shortcuts.track(request_of(user), "view", "cup")
    assert shortcuts.track(request_of(browser="b"), "view", "cup")
    assert shortcuts.track(ANN, "view", "cup")
    assert visitors() == {
        find_visitor(identity, tenant="")
        for identity in (
            ANN,
            Identity(IdentityKind.VISITOR, "b"),
            Identity(IdentityKind.USER, str(user.pk)),
        )
    }


def test_nobody_and_who_refuses_is_not_stored():
    assert not shortcuts.track(request_of(), "view", "cup")
    assert not shortcuts.track(request_of(browser=new_key(), sec_gpc="1"), "view", "cup")
    assert not Visitor.objects.exists()


def test_machines_staff_and_pages_loaded_ahead_are_marked():
    ahead = request_of(browser="b", sec_purpose="prefetch")
    staff = request_of(make_person("s", is_staff=True))
    bot = request_of(browser="b", user_agent="x")
    bot.META["HTTP_USER_AGENT"] = "Googlebot/2.1"
    for request in (ahead, staff, bot):
        assert shortcuts.track(request, "view", "cup")
    assert sorted(Event.objects.values_list("flags", flat=True)) == [Flag.BOT, Flag.STAFF, Flag.PREFETCH]


def test_a_search_is_told_by_its_text():
    assert shortcuts.track(ANN, "search", query="red shoes")
    assert Event.objects.get().query == "red shoes"


def test_an_order_of_nobody_is_the_browsers_that_told_of_it():
    place(line(), identity=None)
    assert shortcuts.record_order(Order("o-1"), request_of(browser="b"))
    assert visitors() == {find_visitor(Identity(IdentityKind.VISITOR, "b"), tenant="")}


def test_an_order_that_staff_tells_of_is_not_theirs():
    staff = make_person("s", is_staff=True)
    place(line(), identity=None)
    place(line(), key="o-2")
    assert shortcuts.record_order("o-1", request_of(staff, browser="b", sec_gpc="1"))
    assert shortcuts.record_order("o-2", request_of(staff, browser="b", sec_gpc="1"))
    assert find_visitor(Identity(IdentityKind.USER, str(staff.pk)), tenant="") is None
    assert find_visitor(ANN, tenant="") in visitors()


def test_a_request_that_refuses_leaves_its_order_without_a_name():
    place(line())
    assert shortcuts.record_order("o-1", request_of(browser="b", sec_gpc="1"))
    assert find_visitor(ANN, tenant="") is None
    assert Event.objects.get().order == ""


def test_a_webhook_says_nothing_of_consent(settings):
    """Whoever calls, it is not the customer: what the person chose before holds."""
    settings.PERSONALIZATION = {**ORDERING, "CONSENT_REQUIRED": True}
    known = ensure_visitors(ANN.kind, [ANN.key], tenant="", now=1)[ANN.key]
    Visitor.objects.filter(pk=known).update(choice=Visitor.Choice.AGREED)
    place(line())
    assert shortcuts.record_order("o-1", request_of())
    assert visitors() == {known}


def test_a_shops_server_speaks_for_its_customer(settings):
    settings.PERSONALIZATION = {**ORDERING, "SERVER_KEYS": [KEY]}
    headers = {"authorization": f"Bearer {KEY}", "personalization-visitor": "phone"}
    place(line(), identity=None)
    place(line(), key="o-2")
    assert shortcuts.record_order("o-1", request_of(**headers))
    assert shortcuts.record_order("o-2", request_of(**headers, **{"personalization-consent": "0"}))
    owners = dict(Event.objects.values_list("order", "visitor_id"))
    assert owners["o-1"] == find_visitor(Identity(IdentityKind.VISITOR, "phone"), tenant="")
    assert find_visitor(ANN, tenant="") is None
    assert "" in owners


def test_a_request_of_the_rest_framework_is_djangos():
    place(line(), identity=None)
    assert shortcuts.record_order("o-1", Request(request_of(browser="b")))
    assert find_visitor(Identity(IdentityKind.VISITOR, "b"), tenant="") in visitors()


def test_cancelling_gives_back():
    place(line("cup", "3"))
    shortcuts.record_order("o-1")
    assert shortcuts.cancel_order(Order("o-1")) is shortcuts.cancel_order("o-1") is True
    assert left() == {"cup": 0}
    assert Event.objects.filter(kind=Kind.REFUND).count() == 1
