"""The events endpoint: what can be told of items, times and answers."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client

from personalization.engine.types import Mode
from personalization.models import Answer, Event, Item
from personalization.serving.token import AnswerToken
from tests.api.beacons import (
    errors,
    event,
    stored,
    tell,
    tell_as_server,
    the_key,
    token,
    verdicts,
)
from tests.goods import GoodsAdapter

pytestmark = pytest.mark.usefixtures("told_shop")

MINUTE = timedelta(minutes=1)


def change(settings: Any, **changed: Any) -> None:
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, **changed}


class TestKinds:
    @pytest.mark.parametrize("kind", ["view", "cart_add", "cart_remove", "wish", "hide", "share"])
    def test_a_browser_tells_what_it_sees(self, page: Client, kind: str) -> None:
        assert verdicts(tell(page, event(kind))) == ["stored"]
        assert stored() == [(kind, "mug")]

    @pytest.mark.parametrize("kind", ["purchase", "refund"])
    def test_only_the_server_tells_sales(self, page: Client, kind: str) -> None:
        sale = event(kind, quantity="2.5", unit_price="9.90", currency="EUR", order="A-1")
        assert errors(tell(page, sale)) == {"events.0.kind": "not_allowed"}
        assert verdicts(tell_as_server(sale, personalization_user="anna")) == ["stored"]
        row = Event.objects.get()
        assert (str(row.quantity), str(row.unit_price), row.currency, row.order) == (
            "2.500",
            "9.9000",
            "EUR",
            "A-1",
        )

    @pytest.mark.parametrize("kind", ["rate", "mail_open"])
    def test_what_comes_by_other_doors(self, kind: str) -> None:
        response = tell_as_server(event(kind), personalization_user="anna")
        assert errors(response) == {"events.0.kind": "unknown"}

    @pytest.mark.parametrize("field", ["unit_price", "currency", "order"])
    def test_a_browser_tells_no_money(self, page: Client, field: str) -> None:
        assert errors(tell(page, event("cart_add", **{field: "1"}))) == {f"events.0.{field}": "not_allowed"}

    def test_a_search_has_words_and_no_item(self, page: Client) -> None:
        response = tell(
            page, event("search", query="blue mug"), event("search"), event("search", query="x" * 201)
        )
        assert verdicts(response) == ["stored", "query: required", "query: bad_text"]
        assert (Event.objects.get().query, Event.objects.get().item) == ("blue mug", None)

    def test_quantities(self, page: Client) -> None:
        quantities: list[Any] = [3, "0.125", 0, -1, "1e3", 1.5, True, "x"]
        response = tell(page, *[event("cart_add", quantity=quantity) for quantity in quantities])
        assert verdicts(response)[:2] == ["stored", "stored"]
        assert all(verdict.startswith("quantity: ") for verdict in verdicts(response)[2:])
        assert [str(row.quantity) for row in Event.objects.order_by("pk")] == ["3.000", "0.125"]

    def test_other_fields_are_named_and_not_bound(self, page: Client) -> None:
        other = {
            "user_id": 1,
            "pk": 5,
            "flags": 1,
            "visitor": "x",
            "weight": 9,
            "received_at": 1,
            "tenant": "t",
        }
        response = tell(page, event(**other))
        assert response.json()["verdicts"][0]["ignored"] == sorted(other)
        row = Event.objects.get()
        assert (row.flags, row.tenant) == (0, "")
        assert the_key() != "x"

    def test_a_variant_is_its_product(self, page: Client, settings: Any) -> None:
        change(settings, ADAPTER=f"{__name__}.Variants")
        assert verdicts(tell(page, event(item="mug/red"), event(item="cup/red"))) == [
            "stored",
            "item: unknown",
        ]
        assert stored() == [("view", "mug")]

    @pytest.mark.parametrize("item", ["cup", "", " ", "a\0b", "x" * 256, "\ud800", 5, None, ["mug"]])
    def test_no_such_item(self, page: Client, item: Any) -> None:
        assert list(errors(tell(page, event(item=item)))) == ["events.0.item"]
        assert not Item.objects.exists()


class Variants(GoodsAdapter):
    def canonical_keys(self, keys: Any, tenant: str = "") -> dict[str, str]:
        return {key: key.partition("/")[0] for key in keys if "/" in key}


class TestTime:
    @pytest.mark.parametrize("age", [timedelta(0), timedelta(hours=23)])
    def test_a_plausible_clock_is_believed(self, page: Client, age: timedelta) -> None:
        moment = datetime.now(UTC) - age
        assert tell(page, event(time=moment.isoformat())).json()["corrected"] == {}
        assert Event.objects.get().occurred_at == moment

    @pytest.mark.parametrize("age", [timedelta(hours=25), timedelta(minutes=-6), timedelta(days=40_000)])
    def test_another_is_not(self, page: Client, age: timedelta) -> None:
        response = tell(page, event(time=(datetime.now(UTC) - age).isoformat()))
        assert (response.json()["corrected"], response.json()["verdicts"][0]["clock"]) == ({"clock": 1}, True)
        row = Event.objects.get()
        assert row.occurred_at == row.received_at

    def test_a_clock_that_is_ahead_does_not_hide_events_from_the_next_page(self, page: Client) -> None:
        tell(page, event(time=(datetime.now(UTC) + 4 * MINUTE).isoformat()))
        assert Event.objects.get().occurred_at <= datetime.now(UTC)

    def test_offsets_are_minded(self, page: Client) -> None:
        moment = datetime.now(UTC).replace(microsecond=0)
        local = (moment + timedelta(hours=8)).replace(tzinfo=None).isoformat() + "+08:00"
        tell(page, event(time=local), event(time=moment.isoformat().replace("+00:00", "Z")))
        assert set(Event.objects.values_list("occurred_at", flat=True)) == {moment}

    @pytest.mark.parametrize(
        "time", ["now", "", "2026-01-31", "2026-01-31T12:00:00", 1_700_000_000, [], True]
    )
    def test_what_is_no_time(self, page: Client, time: Any) -> None:
        assert errors(tell(page, event(time=time))) == {"events.0.time": "bad_time"}


class TestTokens:
    def test_an_impression_says_where_it_was_shown(self, page: Client) -> None:
        shown = token("jug", "mug")
        told = [
            event("impression", "mug", token=shown),
            event("click", "mug", token=shown),
            event("impression", "jug", token=shown),
        ]
        assert verdicts(tell(page, *told)) == ["stored"] * 3
        rows = Event.objects.order_by("pk").values_list("recommendation", "position")
        assert list(rows) == [("answer-1", 2), ("answer-1", 2), ("answer-1", 1)]
        answer = Answer.objects.get()
        assert (answer.key, answer.slot, answer.mode) == ("answer-1", "for_you", "personalized")
        assert (answer.build, answer.arm, answer.propensity) == (7, "personal", 0.9)

    def test_an_answer_is_one_row_however_often_it_is_told(self, page: Client) -> None:
        for _ in range(3):
            tell(page, event("impression", token=token("mug")))
        assert (Answer.objects.count(), Event.objects.count()) == (1, 3)

    def test_other_events_may_carry_one(self, page: Client) -> None:
        assert verdicts(tell(page, event("cart_add", token=token("mug")))) == ["stored"]
        assert Event.objects.get().position == 1

    @pytest.mark.parametrize("kind", ["impression", "click"])
    def test_without_one_nothing_was_shown(self, page: Client, kind: str) -> None:
        assert errors(tell(page, event(kind))) == {"events.0.token": "required"}

    @pytest.mark.parametrize(
        "wrong",
        [
            partial(token, "jug"),
            partial(token, "mug", tenant="other"),
            partial(token, "mug", age=timedelta(days=31)),
            lambda: token("mug")[:-1],
            lambda: token("mug") + "A",
            lambda: "x",
            lambda: "",
            lambda: 5,
        ],
        ids=["other items", "other tenant", "old", "cut", "longer", "short", "empty", "number"],
    )
    def test_a_token_that_does_not_count(self, page: Client, wrong: Any) -> None:
        response = tell(page, event("impression", token=wrong()))
        assert errors(response) == {"events.0.token": "token"}
        assert not Answer.objects.exists()

    def test_nothing_is_kept_of_an_answer_that_only_duplicates_name(self, page: Client) -> None:
        told = event()
        tell(page, told)
        tell(page, told | {"kind": "impression", "token": token("mug")})
        assert not Answer.objects.exists()

    def test_each_token_is_read_once(self, page: Client) -> None:
        shown = token("mug")
        with patch("personalization.api.shown.read_token", side_effect=AssertionError) as read:
            read.side_effect = lambda text: AnswerToken(
                "a", "s", Mode.PERSONALIZED, ("mug",), at=time.time_ns() // 1000
            )
            tell(page, *[event("impression", token=shown) for _ in range(20)])
        assert read.call_count == 1
