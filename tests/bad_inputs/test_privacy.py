"""The ``privacy`` part of the catalog of bad inputs.

The first thirty are stories, each with a test of its own here; the others are texts that stand where a person's key
stands. Whatever is erased is looked for afterwards in every row of every table of ours, in the cache, in the file of
refused lines and in the log.
"""

from __future__ import annotations

import csv
import inspect
import io
import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from celery import Task
from django.core.cache import caches
from django.core.management import CommandError, call_command
from django.core.signing import Signer
from django.db import connections
from django.test import Client, override_settings
from django.test.client import RequestFactory

from personalization import tasks
from personalization.adapters import get_adapter
from personalization.capture.event_columns import EventColumnNames
from personalization.capture.event_import import import_events
from personalization.capture.orders import record_order
from personalization.capture.track import happening, store_happening
from personalization.conf import settings as ours
from personalization.engine.ids import KEY_LENGTH, is_key
from personalization.engine.types import Identity, IdentityKind, Kind, Mode, OrderLine, OrderRecord
from personalization.identity.merge import merge_login
from personalization.learning import rebuild as learning
from personalization.models import Erasure, Event, Rating, Run, ViewedItem, Visitor
from personalization.models import Identity as IdentityRow
from personalization.privacy.choice import choose
from personalization.privacy.erasure import erase
from personalization.privacy.export import export
from personalization.privacy.standing import Choice, standing_of
from personalization.shortcuts import recommend
from personalization.store.personal_rows import OF_VISITORS
from tests import goods as shelf
from tests.bad_inputs.cases import cases
from tests.goods import GoodsAdapter
from tests.people import make_chief, make_person
from tests.privacy.people import DAY, busy, hits, joined, known

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.http import HttpRequest

USER, EMAIL, BROWSER = IdentityKind.USER, IdentityKind.EMAIL, IdentityKind.VISITOR
API = "/personalization/v1/privacy/"
PAGE = "/personalization/privacy/"
NOW = time.time_ns() // 1000
MARK = "sentinel7f3a"

#: The stories → the test of each.
STORIES = {
    "export other user's id": "test_nobody_exports_another_user",
    "export unauthenticated": "test_nobody_exports_or_erases_without_being_known",
    "erase unauthenticated": "test_nobody_exports_or_erases_without_being_known",
    "erase twice": "test_erasing_twice",
    "erase during rebuild": "test_erasing_during_a_rebuild",
    "erase then late event arrives": "test_late_events_are_not_stored",
    "erase then CSV re-import with same email": "test_a_file_read_again_brings_nobody_back",
    "erase of user with shared device visitor id": "test_a_shared_device",
    "erase while mail in queue": "test_no_message_carries_a_person",
    "erase with orders kept for tax": "test_the_shop_keeps_its_orders_and_we_do_not",
    "export 1e6 events": "test_an_export_flows",
    "export filename with user name ../": "test_the_file_has_one_name",
    "export cell =1+1": "test_cells_that_look_like_formulas_are_json",
    "export link reused after 24 h": "test_there_is_no_link_that_could_be_passed_on",
    "export link of other user": "test_there_is_no_link_that_could_be_passed_on",
    "opt out then event": "test_after_opting_out_nothing_is_stored",
    "opt out then login merge": "test_after_opting_out_a_login_joins_nothing",
    "opt out in browser A applies in B after login": "test_opting_out_holds_in_the_other_browser",
    "consent withdrawn -> rec becomes non personalised at once": "test_the_next_answer_is_not_personal",
    "consent record editing by staff": "test_staff_cannot_edit_a_choice",
    "GPC header": "test_the_browsers_signal_is_honored",
    "child account flag": "test_the_shop_says_no_for_a_child",
    "age unknown": "test_an_unknown_age_is_no_consent",
    "retention job twice at once": "test_two_retention_jobs_at_once",
    "retention -1": "test_retention_needs_days",
    "retention 0": "test_retention_needs_days",
    "retention with clock 1 year ahead": "test_a_clock_a_year_ahead_destroys_nothing",
    "backup restore re-applies erasure list": "test_a_restored_backup_is_erased_again",
    "merge two accounts then erase one": "test_two_accounts_of_one_person",
    "rename email then erase": "test_an_address_that_was_renamed",
}
TEXTS = [case["value"] for case in cases("privacy") if case["value"] not in STORIES]


class ShopWithOrders(GoodsAdapter):
    """Its orders name a customer by the user's key, or by an address; a child's account agrees to nothing."""

    orders: dict[str, OrderRecord] = {}

    def find_order(self, key: str, tenant: str = "") -> OrderRecord | None:
        return self.orders.get(key)

    def consent(self, request: HttpRequest) -> bool | None:
        return {"child": False}.get(request.META.get("HTTP_X_AGE", ""))


@pytest.fixture(autouse=True)
def _shop(goods: None, settings: Any) -> None:
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.ShopWithOrders"}
    for key in ("mug", "jug", "cup"):
        shelf.put(key)
    ShopWithOrders.orders = {}
    caches[ours.CACHE].clear()


@pytest.fixture
def ann(db: None) -> AbstractBaseUser:
    return make_person("ann")


def key_of(user: AbstractBaseUser) -> str:
    return get_adapter().user_key(user)


def browser_of(user: AbstractBaseUser | None = None, *, cookie: str | None = None, **options: Any) -> Client:
    client = Client(**options)
    if user is not None:
        client.force_login(user)
    if cookie is not None:
        client.cookies[ours.cookie["NAME"]] = Signer(salt="personalization.visitor").sign(cookie)
    return client


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(f"{API}{path}", json.dumps(body), content_type="application/json")


def run(*args: Any, **options: Any) -> dict[str, Any]:
    out = io.StringIO()
    call_command(*args, "--json", stdout=out, **options)
    return json.loads(out.getvalue())  # type: ignore[no-any-return]


def nothing_left(mark: str = MARK) -> bool:
    cached = getattr(caches[ours.CACHE], "_cache", {})  # the rows of the memory cache, pickled
    return hits(mark) == [] and not any(mark.encode() in bytes(value) for value in cached.values())


def test_every_case_is_mapped() -> None:
    values = [case["value"] for case in cases("privacy")]
    assert len(values) == 64
    assert {case["field"] for case in cases("privacy")} == {"request"}
    assert values[: len(STORIES)] == list(STORIES)
    assert values[len(STORIES) :] == TEXTS
    assert all(callable(globals()[name]) for name in STORIES.values())


# The sweep itself must be able to find something.


def test_a_marker_in_every_text_is_found_and_gone_after_erasing(db: None) -> None:
    person = known(USER, f"{MARK}-user")
    for kind, key in ((BROWSER, f"{MARK}-browser"), (EMAIL, f"{MARK}@example.com")):
        joined(known(kind, key), person)
    for visitor in Visitor.objects.values_list("pk", flat=True):
        busy(visitor, MARK, at=NOW - DAY)
    texts = {
        (model, field.name)
        for model in (*OF_VISITORS.values(), IdentityRow)
        for field in model._meta.concrete_fields
        if field.get_internal_type() in {"CharField", "TextField"}
        and field.name not in {"tenant", "currency"}
    }
    for model, name in texts:
        assert model._default_manager.filter(**{f"{name}__contains": MARK}).exists(), (model, name)
    erase([Identity(USER, f"{MARK}-user")], now=NOW)
    assert nothing_left()


# Who may ask.


def test_nobody_exports_another_user(ann: AbstractBaseUser) -> None:
    bob = make_person("bob")
    busy(known(USER, key_of(bob)), MARK)
    for name in ("user", "id", "visitor", "identity", "email"):
        response: Any = browser_of(ann).get(f"{API}export/", {name: key_of(bob)})
        assert MARK not in b"".join(response.streaming_content).decode()
    assert browser_of(ann).get(f"{API}export/{key_of(bob)}/").status_code == 404


def test_nobody_exports_or_erases_without_being_known(db: None) -> None:
    busy(known(BROWSER, "desk"), MARK)
    forged = browser_of()
    forged.cookies[ours.cookie["NAME"]] = "desk"
    for client in (browser_of(), forged, browser_of(cookie="x" * KEY_LENGTH)):
        exported: Any = client.get(f"{API}export/")
        if exported.status_code == 200:  # a key that we signed and know nothing of
            assert json.loads(b"".join(exported.streaming_content))["events"] == []
        assert post(client, "erase/", {"confirmed": True}).status_code in {200, 403}
    assert Event.objects.count() == 3


def test_there_is_no_link_that_could_be_passed_on(ann: AbstractBaseUser) -> None:
    """The address holds no key: it answers whoever asks with their own, now and after any time."""
    busy(known(USER, key_of(ann)), MARK)
    address = f"{API}export/"
    own: Any = browser_of(ann).get(address)
    assert MARK in b"".join(own.streaming_content).decode()
    assert "no-store" in own["Cache-Control"]
    assert browser_of().get(address).status_code == 403
    other: Any = browser_of(make_person("bob")).get(address)
    assert MARK not in b"".join(other.streaming_content).decode()


# Erasing.


def test_erasing_twice(ann: AbstractBaseUser) -> None:
    busy(known(USER, key_of(ann)), MARK)
    client = browser_of(ann)
    assert [post(client, "erase/", {"confirmed": True}).json()["people"] for _ in range(2)] == [1, 0]
    assert nothing_left()


def test_erasing_during_a_rebuild(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rebuild has read the events already; its tables know items alone, and the next one knows nothing of it."""
    for number in range(4):
        busy(known(USER, f"user-{number}"), f"of-{number}", at=NOW - DAY)
    Event.objects.update(flags=0)
    busy(known(USER, MARK), MARK, at=NOW - DAY)
    Event.objects.update(flags=0)
    read = learning.extract_events

    def interrupted(*args: Any) -> Any:
        events = read(*args)
        assert erase([Identity(USER, MARK)], now=NOW).people == 1
        return events

    monkeypatch.setattr(learning, "extract_events", interrupted)
    learning.rebuild(tenant="", aliases=["popularity"])
    assert Run.objects.get(kind="rebuild").state == Run.State.SUCCEEDED
    assert nothing_left()


def test_late_events_are_not_stored(ann: AbstractBaseUser) -> None:
    busy(known(USER, key_of(ann)), MARK)
    erase([Identity(USER, key_of(ann)), Identity(BROWSER, "phone")], now=NOW)
    for identity in (Identity(USER, key_of(ann)), Identity(BROWSER, "phone")):
        assert not store_happening(happening(identity, "view", "mug", now=NOW - 1), asked=True)
    assert not Visitor.objects.exists()
    assert store_happening(happening(Identity(USER, key_of(ann)), "view", "mug", now=NOW + 1), asked=True)
    assert nothing_left()


@pytest.mark.parametrize("address", [f"{MARK}@Example.com", f" {MARK}@example.com"])
def test_a_file_read_again_brings_nobody_back(
    db: None, tmp_path: Path, caplog: pytest.LogCaptureFixture, address: str
) -> None:
    path = tmp_path / "orders.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = [
            ["1", address, "mug", "2025-01-01T10:00Z"],
            ["2", "bob@example.com", "mug", "2025-01-01T10:00Z"],
        ]
        csv.writer(file).writerows([["order", "who", "what", "when"], *rows])
    names = EventColumnNames("who", "what", "when", order="order")
    read = {"kind": Kind.PURCHASE, "identity": EMAIL, "now": NOW}
    assert import_events(str(path), names, **read).stored == 2
    assert run("erase_person", "--email", f"{MARK}@example.com", "--yes")["people"] == 1
    with caplog.at_level(logging.DEBUG):
        again = import_events(str(path), names, **read)
    assert (again.stored, again.duplicates, dict(again.quarantined)) == (0, 1, {"erased": 1})
    refused = Path(again.quarantine_file or "").read_text(encoding="utf-8")
    assert MARK not in refused + caplog.text
    assert nothing_left()


def test_a_shared_device(ann: AbstractBaseUser) -> None:
    """The browser was joined to Bob, who came first. Ann signs in there, and has herself erased."""
    bob = make_person("bob")
    bobs = known(USER, key_of(bob))
    device = joined(known(BROWSER, "device"), bobs)
    for visitor in (bobs, device):
        busy(visitor, "bobs")
    busy(known(USER, key_of(ann)), MARK)
    client = browser_of(ann, cookie="device")
    assert post(client, "erase/", {"confirmed": True}).json()["people"] == 1
    assert nothing_left()
    assert Event.objects.filter(visitor__in=[bobs, device]).count() == 6
    assert client.cookies[ours.cookie["NAME"]].value  # it is not Ann's to take away


def test_no_message_carries_a_person() -> None:
    """Nothing that waits in a queue can bring somebody back, or be sent to somebody who is gone."""
    ours_ = [task for task in vars(tasks).values() if isinstance(task, Task)]
    arguments = {name for task in ours_ for name in inspect.signature(task.run).parameters}
    assert len(ours_) >= 3
    assert arguments <= {"tenant", "recommender", "as_of", "since", "changed", "kwargs"}


def test_the_shop_keeps_its_orders_and_we_do_not(ann: AbstractBaseUser) -> None:
    placed = OrderRecord(
        key=f"{MARK}-1",
        placed_at=NOW - DAY,
        lines=(OrderLine("mug"),),
        identity=Identity(USER, key_of(ann)),
    )
    ShopWithOrders.orders = {placed.key: placed}
    record_order(placed.key, now=NOW)
    assert Event.objects.count() == 1
    post(browser_of(ann), "erase/", {"confirmed": True})
    assert nothing_left()
    assert get_adapter().find_order(placed.key) == placed
    record_order(placed.key, now=NOW + DAY)  # it changed in the shop, and is read again
    assert nothing_left()
    assert not Event.objects.exists()


def test_a_restored_backup_is_erased_again(db: None, tmp_path: Path) -> None:
    path = str(tmp_path / "erasures.jsonl")
    before = [Identity(USER, f"{MARK}-user"), Identity(EMAIL, f"{MARK}@example.com")]

    def yesterday() -> None:
        person = known(USER, before[0].key, now=NOW - 9 * DAY)
        joined(known(EMAIL, before[1].key, now=NOW - 9 * DAY), person)
        busy(person, MARK, at=NOW - 9 * DAY)

    yesterday()
    busy(known(USER, "bob"), "bobs")
    erase([before[0]], now=NOW - DAY)
    assert run("erasures", "--export", path)["listed"] == 2
    assert MARK not in Path(path).read_text(encoding="ascii")
    Erasure.objects.all().delete()  # the backup knows nothing of the list
    yesterday()
    assert len(hits(MARK)) > 3
    applied = run("erasures", "--apply", path)
    assert (applied["listed"], applied["people"], applied["rows"]["visitors"]) == (2, 1, 2)
    assert nothing_left()
    assert Event.objects.count() == 3
    assert run("erasures", "--apply", path)["people"] == 0
    assert all(standing_of(identity, tenant="").erased_at == NOW - DAY for identity in before)


def test_two_accounts_of_one_person(db: None) -> None:
    first, second = known(USER, f"{MARK}-1"), known(USER, f"{MARK}-2")
    joined(second, first)
    for visitor in (first, second):
        busy(visitor, MARK)
    assert run("erase_person", "--user", f"{MARK}-2", "--yes")["rows"]["visitors"] == 2
    assert nothing_left()


def test_an_address_that_was_renamed(ann: AbstractBaseUser) -> None:
    """The shop calls Ann by another address now; ours of her is a hash, found through her account."""
    person = known(USER, key_of(ann))
    busy(joined(known(EMAIL, f"{MARK}@old.example"), person), MARK)
    assert run("erase_person", "--email", f"{MARK}@new.example", "--yes")["people"] == 0
    assert len(hits(MARK)) > 0
    post(browser_of(ann), "erase/", {"confirmed": True})
    assert nothing_left()
    assert standing_of(Identity(EMAIL, f"{MARK}@old.example"), tenant="").erased_at is not None


# Exporting.


def test_an_export_flows(db: None) -> None:
    """It is read and sent in pieces; tests/privacy measures its memory."""
    busy(known(USER, MARK), MARK, events=2_500)
    response: Any = browser_of(make_chief()).get(
        f"/admin/personalization/visitor/{Visitor.objects.get().pk}/export/"
    )
    pieces = list(response.streaming_content)
    assert len(pieces) > 5
    assert max(map(len, pieces)) < 100_000
    assert len(json.loads(b"".join(pieces))["events"]) == 2_500


@pytest.mark.parametrize("name", ["../../etc/passwd", 'a"; x="', "..\\..\\x"])
def test_the_file_has_one_name(db: None, name: str) -> None:
    response = browser_of(cookie=name).get(f"{API}export/")
    assert response["Content-Disposition"] == 'attachment; filename="personal-data.json"'


@pytest.mark.parametrize("formula", ["=1+1", "+1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")'])
def test_cells_that_look_like_formulas_are_json(db: None, formula: str) -> None:
    """No spreadsheet opens JSON as cells, and the text comes back as it was."""
    visitor = known(USER, "ann")
    busy(visitor, "x")
    Rating.objects.update(text=formula)
    held = json.loads("".join(export(Identity(USER, "ann"), now=NOW)))
    assert held["ratings"][0]["text"] == formula


# Choosing.


def test_after_opting_out_nothing_is_stored(ann: AbstractBaseUser) -> None:
    client = browser_of(ann)
    post(client, "", {"agreed": False})
    event = {"id": "0123456789abcdef", "kind": "view", "item": "mug"}
    told = client.post(
        "/personalization/v1/events/", json.dumps({"events": [event]}), content_type="application/json"
    )
    assert told.json()["stored"] == 0
    assert not store_happening(happening(Identity(USER, key_of(ann)), "view", "mug", now=NOW), asked=True)
    rated = client.post(
        "/personalization/v1/ratings/",
        json.dumps({"item": "mug", "value": 4}),
        content_type="application/json",
    )
    assert rated.status_code in {400, 403}
    assert not any(model.objects.exists() for model in (Event, Rating, ViewedItem))


@pytest.mark.parametrize("who", ["browser", "person"])
def test_after_opting_out_a_login_joins_nothing(ann: AbstractBaseUser, who: str) -> None:
    device = known(BROWSER, "device")
    if who == "browser":
        choose(None, agreed=False, browser="device", now=NOW)
    else:
        choose(Identity(USER, key_of(ann)), agreed=False, now=NOW)
    assert not merge_login("device", key_of(ann), tenant="", now=NOW)
    assert Visitor.objects.get(pk=device).person_id is None


def test_opting_out_holds_in_the_other_browser(ann: AbstractBaseUser) -> None:
    here, there = browser_of(ann), browser_of(cookie="there")
    post(there, "", {"agreed": True})
    post(here, "", {"agreed": False})
    there.force_login(ann)
    assert there.get(API).json()["agreed"] is False
    assert not store_happening(happening(Identity(USER, key_of(ann)), "view", "mug", now=NOW), asked=True)


def test_the_next_answer_is_not_personal(ann: AbstractBaseUser) -> None:
    identity = Identity(USER, key_of(ann))
    store_happening(happening(identity, "view", "mug", now=NOW - 5), asked=True)
    request = RequestFactory().get("/")
    request.user = ann
    assert recommend(request, slot="recently_viewed").mode == Mode.PERSONALIZED
    post(browser_of(ann), "", {"agreed": False})
    request = RequestFactory().get("/")
    request.user = ann
    assert recommend(request, slot="recently_viewed").mode != Mode.PERSONALIZED


def test_staff_cannot_edit_a_choice(db: None) -> None:
    visitor = known(USER, "ann")
    choose(Identity(USER, "ann"), agreed=False, now=NOW)
    chief, row = browser_of(make_chief()), f"/admin/personalization/visitor/{visitor}/"
    assert chief.post(f"{row}change/", {"choice": Choice.AGREED}).status_code == 403
    assert chief.post(f"{row}delete/", {"post": "yes"}).status_code == 403
    assert Visitor.objects.get().choice == Choice.REFUSED


@pytest.mark.parametrize("headers", [{"Sec-GPC": "1"}, {"DNT": "1"}])
def test_the_browsers_signal_is_honored(ann: AbstractBaseUser, headers: dict[str, str]) -> None:
    client = browser_of(ann, headers=headers)
    assert client.get(API).json()["agreed"] is False
    event = {"id": "0123456789abcdef", "kind": "view", "item": "mug"}
    client.post(
        "/personalization/v1/events/", json.dumps({"events": [event]}), content_type="application/json"
    )
    assert not Event.objects.exists()
    with override_settings(PERSONALIZATION={**ours.configured(), "HONOR_GPC": False}):
        assert client.get(API).json()["agreed"] is True


def day_of(client: Client) -> None:
    event = {"id": "0123456789abcdef", "kind": "view", "item": "mug"}
    client.post(
        "/personalization/v1/events/", json.dumps({"events": [event]}), content_type="application/json"
    )


def test_the_shop_says_no_for_a_child(ann: AbstractBaseUser) -> None:
    """Who is a child the shop knows: its adapter's `consent` says so, and no click of the child's changes that."""
    client = browser_of(ann, headers={"X-Age": "child"})
    day_of(client)
    assert not any(model.objects.exists() for model in (Event, Visitor))
    assert post(client, "", {"agreed": True}).json()["agreed"] is False
    day_of(client)
    assert not Event.objects.exists()


def test_an_unknown_age_is_no_consent(ann: AbstractBaseUser) -> None:
    with override_settings(PERSONALIZATION={**ours.configured(), "CONSENT_REQUIRED": True}):
        client = browser_of(ann)
        day_of(client)
        assert not any(model.objects.exists() for model in (Event, Visitor))
        assert ours.cookie["NAME"] not in client.cookies


# Retention.


@pytest.mark.parametrize("days", ["-1", "0", "99999999", "x", ""])
def test_retention_needs_days(db: None, days: str) -> None:
    busy(known(USER, "ann"), "anns", at=NOW - 900 * DAY)
    with pytest.raises(CommandError, match="days"):
        run("forget_old", f"--days={days}")
    assert Event.objects.count() == 3


def test_two_retention_jobs_at_once(threads_db: None) -> None:
    busy(known(USER, "old"), "olds", at=NOW - 900 * DAY, events=3)
    busy(known(USER, "new"), "news", at=NOW - DAY, events=4)

    def forget(_: int) -> int:
        try:
            return run("forget_old")["removed"]["events"]  # type: ignore[no-any-return]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(forget, range(2))) == 3
    assert Event.objects.count() == 4


def test_a_clock_a_year_ahead_destroys_nothing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    busy(known(USER, "ann"), "anns", at=NOW - DAY)
    ahead = time.time_ns() + 400 * DAY * 1000
    monkeypatch.setattr(time, "time_ns", lambda: ahead)
    with pytest.raises(CommandError, match="clock"):
        run("forget_old")
    assert Event.objects.count() == 3


# Texts where a person's key stands.


def is_taken(text: str) -> bool:
    return is_key(text) and not text.isspace()


@pytest.mark.parametrize("option", ["user", "email", "visitor"])
@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_a_text_as_a_key_is_refused_by_name_or_exact(db: None, number: int, option: str) -> None:
    text, kind = TEXTS[number], IdentityKind["VISITOR" if option == "visitor" else option.upper()]
    named = f"--{option}={text}"
    if not is_taken(text):
        for command in ("erase_person", "export_person"):
            with pytest.raises(CommandError, match=option):
                run(command, named)
        return
    busy(known(kind, text), MARK)
    busy(known(kind, "somebody else"), "elses")
    out = io.StringIO()
    call_command("export_person", named, stdout=out)
    held = json.loads(out.getvalue())
    assert len(held["events"]) == 3
    assert held["known_as"][0]["key"] == ("" if kind == EMAIL else text)
    assert run("erase_person", named)["erased"] is False
    assert run("erase_person", named, "--yes")["rows"]["events"] == 3
    assert nothing_left()
    assert Event.objects.count() == 3


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_a_text_in_a_request_is_refused_or_says_nothing(ann: AbstractBaseUser, number: int) -> None:
    text = TEXTS[number]
    busy(known(USER, key_of(ann)), MARK)
    client = browser_of(ann)
    for path, field in (("", "agreed"), ("erase/", "confirmed")):
        for body in (text, {field: text}, {text: True}, {field: True, text: text}):
            assert post(client, path, body).status_code == 400, body
    sent = quote(text.encode("utf-8", "surrogatepass"))
    page = client.post(PAGE, f"act={sent}&confirmed={sent}", content_type="application/x-www-form-urlencoded")
    assert page.status_code == 400
    assert client.get(f"{PAGE}?done={sent}").status_code == 200
    assert Event.objects.count() == 3
    assert Visitor.objects.get().choice == Choice.NONE
