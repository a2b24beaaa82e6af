"""The events endpoint: what is answered, each event once, and only after it is committed."""

from __future__ import annotations

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core.handlers.base import BaseHandler
from django.db import OperationalError, connection, connections, transaction
from django.test import Client
from django.urls import resolve

from personalization.engine.types import Kind
from personalization.models import Answer, Event, ViewedItem, Visitor
from tests.api.beacons import (
    COOKIE,
    URL,
    a_browser,
    errors,
    event,
    new_id,
    send,
    stored,
    tell,
    tell_as_server,
    the_key,
    token,
    verdicts,
)

pytestmark = pytest.mark.usefixtures("told_shop")

MINUTE = timedelta(minutes=1)


def change(settings: Any, **changed: Any) -> None:
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, **changed}


class TestAnswer:
    def test_an_event_is_stored_under_a_new_visitor(self, page: Client) -> None:
        response = tell(page, told := event())
        assert response.json() == {
            "stored": 1,
            "duplicates": 0,
            "rejected": 0,
            "dropped": {},
            "corrected": {},
            "verdicts": [{"id": told["id"], "verdict": "stored"}],
        }
        row = Event.objects.get()
        assert (row.kind, row.source, row.item.key, row.flags) == (Kind.VIEW, Event.Source.BEACON, "mug", 0)
        assert response.cookies[COOKIE].value.startswith(the_key() + ":")
        assert response.cookies[COOKIE]["httponly"]
        assert ViewedItem.objects.get().item.key == "mug"

    def test_no_cache_keeps_it(self, page: Client) -> None:
        for response in (
            tell(page, event()),
            tell(page),
            page.get(URL),
            tell(page, event(), origin="http://evil"),
        ):
            assert response["Cache-Control"] == "private, no-store"
            assert "Cookie" in response["Vary"]

    def test_one_bad_row_of_fifty(self, page: Client) -> None:
        events = [event() for _ in range(50)]
        events[17]["kind"] = "veiw"
        response = tell(page, *events)
        assert verdicts(response) == ["stored"] * 17 + ["kind: unknown"] + ["stored"] * 32
        assert (response.json()["stored"], response.json()["rejected"], Event.objects.count()) == (49, 1, 49)

    def test_nothing_but_bad_rows_is_a_problem_that_names_each(self, page: Client) -> None:
        response = tell(page, event(kind="veiw"), event(item="cup"), 5, event(id=None))
        assert errors(response) == {
            "events.0.kind": "unknown",
            "events.2": "not_object",
            "events.3.id": "required",
            "events.1.item": "unknown",
        }
        assert COOKIE not in response.cookies
        assert not Visitor.objects.exists()

    def test_every_event_is_counted_once(self, page: Client, settings: Any) -> None:
        told = event()
        document = tell(page, told, told, event(item="cup"), event(kind="purchase"), event("wish")).json()
        assert (document["stored"], document["duplicates"], document["rejected"]) == (2, 1, 2)
        change(settings, CONSENT_REQUIRED=True)
        document = tell(page, told, event(), event(kind="x")).json()
        assert (document["dropped"], document["rejected"], document["stored"]) == ({"no_consent": 2}, 1, 0)

    @pytest.mark.parametrize("events", [[], None, {}, "x", [[]]])
    def test_a_body_without_events(self, page: Client, events: Any) -> None:
        assert send(page, json.dumps({"events": events})).status_code == 400

    def test_messages_are_in_the_language_of_the_browser(self, page: Client, languages: None) -> None:
        english = tell(page, event(kind="x")).json()["errors"][0]["message"]
        chinese = tell(page, event(kind="x"), accept_language="zh-hans").json()["errors"][0]["message"]
        assert english.startswith("Known kinds: view, ")
        assert chinese != english


class TestOnce:
    def test_telling_again_changes_nothing(self, page: Client) -> None:
        events = [event(), event("cart_add", quantity=2)]
        assert verdicts(tell(page, *events)) == ["stored"] * 2
        assert verdicts(tell(page, *events, event("wish"))) == ["duplicate", "duplicate", "stored"]
        assert stored() == [("view", "mug"), ("cart_add", "mug"), ("wish", "mug")]
        assert ViewedItem.objects.get().views == 1

    def test_the_first_payload_is_kept(self, page: Client) -> None:
        told = event()
        tell(page, told)
        assert verdicts(tell(page, told | {"kind": "hide", "item": "jug"})) == ["duplicate"]
        other = event("share")
        assert verdicts(tell(page, other, other | {"kind": "wish"})) == ["stored", "duplicate"]
        assert stored() == [("view", "mug"), ("share", "mug")]

    def test_the_ids_of_one_browser_are_not_those_of_another(self, page: Client) -> None:
        told = event()
        tell(page, event())
        assert verdicts(tell(page, told)) == ["stored"]
        assert verdicts(tell_as_server(told, personalization_user="anna")) == ["stored"]

    def test_a_first_batch_whose_answer_was_lost_is_no_second_visitor(self) -> None:
        events = [event(), event("wish")]
        first = tell(a_browser(), *events)
        again = tell(a_browser(), *events)
        assert verdicts(again) == ["duplicate", "duplicate"]
        assert again.cookies[COOKIE].value == first.cookies[COOKIE].value
        assert Visitor.objects.count() == 1

    @pytest.mark.parametrize(
        "differs", [{"REMOTE_ADDR": "10.1.1.1"}, {"HTTP_USER_AGENT": "Mozilla/5.0 (other)"}]
    )
    def test_two_browsers_never_become_one_visitor(self, differs: dict[str, str]) -> None:
        told = event()
        tell(a_browser(), told)
        assert verdicts(send(a_browser(), json.dumps({"events": [told]}), **differs)) == ["stored"]
        assert Visitor.objects.count() == 2

    def test_ids_that_others_may_make_too_tell_nothing_of_who_it_is(self) -> None:
        for _ in range(2):
            tell(a_browser(), event(id="event-0001"))
        assert Visitor.objects.count() == 2

    def test_a_hundred_at_once_are_one_row(self, threads_db: None) -> None:
        page, told = a_browser(), event()
        tell(page, event("wish"))
        cookie = page.cookies[COOKIE].value

        def attempt(_: int) -> str:
            browser = a_browser()
            browser.cookies[COOKIE] = cookie
            try:
                return verdicts(tell(browser, told, event("share", id=f"share-{_:04}")))[0]
            finally:
                connections.close_all()

        with ThreadPoolExecutor(20) as pool:
            words = list(pool.map(attempt, range(100)))
        assert sorted(words) == ["duplicate"] * 99 + ["stored"]
        assert Event.objects.filter(kind=Kind.VIEW).count() == ViewedItem.objects.get().views == 1
        assert Event.objects.filter(kind=Kind.SHARE).count() == 100

    def test_the_same_newcomer_a_hundred_times_at_once(self, threads_db: None) -> None:
        events = [event(), event("wish")]

        def attempt(_: int) -> str:
            try:
                return tell(a_browser(), *events).cookies[COOKIE].value
            finally:
                connections.close_all()

        with ThreadPoolExecutor(20) as pool:
            assert len(set(pool.map(attempt, range(100)))) == 1
        assert (Visitor.objects.count(), Event.objects.count()) == (1, 2)


class TestLimits:
    @pytest.mark.parametrize(
        ("events", "status"),
        [(500, 202), (501, 413)],
    )
    def test_events_of_a_batch(self, page: Client, events: int, status: int) -> None:
        assert tell(page, *[event() for _ in range(events)]).status_code == status
        assert Event.objects.count() == (500 if status == 202 else 0)

    def test_bytes_of_a_batch(self, page: Client) -> None:
        assert send(page, b'{"events": []}' + b" " * 500_000).status_code == 413

    @pytest.mark.parametrize(("length", "status"), [(31_000, 202), (33_000, 413)])
    def test_bytes_of_an_event(self, page: Client, length: int, status: int) -> None:
        assert tell(page, event(x="é" * (length // 2)), event(y="z" * 500)).status_code == status

    @pytest.mark.parametrize(
        "kind", ["text/plain", "", "application/x-www-form-urlencoded", "application/json; charset=utf-16"]
    )
    def test_only_json(self, page: Client, kind: str) -> None:
        assert send(page, json.dumps({"events": [event()]}), kind).status_code == 415

    def test_nothing_is_unpacked(self, page: Client) -> None:
        body = gzip.compress(json.dumps({"events": [event()]}).encode())
        assert send(page, body, headers={"content-encoding": "gzip"}).status_code == 415

    @pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "trace"])
    def test_only_posts(self, page: Client, method: str) -> None:
        response = getattr(page, method)(URL)
        assert (response.status_code, response["Allow"]) == (405, "POST, OPTIONS")


class TestCommit:
    def test_atomic_requests_do_not_hold_it(self) -> None:
        """What is acknowledged must be committed: no transaction of the host may be around it."""
        view = resolve(URL).func
        with patch.dict(connection.settings_dict, ATOMIC_REQUESTS=True):
            assert BaseHandler().make_view_atomic(view) is view

    @pytest.mark.django_db(transaction=True)
    def test_it_is_committed_when_it_is_acknowledged(self, page: Client) -> None:
        with patch.dict(connection.settings_dict, ATOMIC_REQUESTS=True):
            assert verdicts(tell(page, event())) == ["stored"]
            assert not transaction.get_connection().in_atomic_block
        assert Event.objects.count() == 1

    @pytest.mark.parametrize("at", ["append_told", "record_views", "append_answers", "ensure_visitors"])
    @pytest.mark.django_db(transaction=True)
    def test_when_the_database_fails_nothing_is_acknowledged_and_nothing_stored(
        self, page: Client, at: str
    ) -> None:
        with patch(f"personalization.capture.beacon_writer.{at}", side_effect=OperationalError("gone")):
            response = tell(page, event(), event("impression", token=token("mug")))
        assert (response.status_code, response["Retry-After"]) == (503, "1")
        assert response["Content-Type"] == "application/problem+json"
        assert not response.cookies
        assert not any(model.objects.exists() for model in (Event, Answer, ViewedItem, Visitor))

    @pytest.mark.django_db(transaction=True)
    def test_statements(self, page: Client, django_assert_max_num_queries: Any) -> None:
        tell(page, event())
        shown = token("mug", "jug")
        batch = [
            event(),
            event("impression", token=shown),
            event("click", "jug", token=shown),
            event("wish", "jug"),
        ]
        tell(page, *[told | {"id": new_id()} for told in batch])
        # BEGIN, lock, identity, erasure, items, answers, events, views, COMMIT
        with django_assert_max_num_queries(9):
            assert verdicts(tell(page, *batch)) == ["stored"] * 4
