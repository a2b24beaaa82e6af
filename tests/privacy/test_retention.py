"""What is too old goes, in small steps; nothing else does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from personalization.engine.types import Identity, IdentityKind
from personalization.exceptions import InvalidInputError
from personalization.models import Answer, Event, Rating, Redemption, ViewedItem, Visitor
from personalization.models import Identity as IdentityRow
from personalization.privacy.retention import Forgotten, TooMuchToForgetError, forget_old
from personalization.store import old_rows
from tests.privacy.people import DAY, NOW, busy, joined, known
from tests.promotions.ledger import coupon_of, held, running

YEAR = 365 * DAY


@pytest.fixture
def old_and_new(db: None) -> tuple[int, int]:
    """Somebody of whom everything is two years old, and somebody who was here yesterday."""
    old = known(IdentityKind.USER, "old", now=NOW - 2 * YEAR)
    busy(old, "olds", at=NOW - 2 * YEAR)
    new = known(IdentityKind.USER, "new")
    busy(new, "news", events=4)
    return old, new


def test_what_is_older_than_the_setting_goes(old_and_new: tuple[int, int]) -> None:
    old, new = old_and_new
    done = forget_old(now=NOW)
    assert done == Forgotten(
        NOW - 395 * DAY,
        {"events": 3, **dict.fromkeys(("view_history", "campaign_views", "answers"), 1), "visitors": 0},
    )
    assert set(Event.objects.values_list("visitor", flat=True)) == {new}
    assert ViewedItem.objects.get().visitor_id == new
    assert Answer.objects.count() == 1
    assert Rating.objects.filter(visitor=old).exists()  # what somebody said of an item is theirs to take back
    assert not any(forget_old(now=NOW).removed.values())


def test_the_last_instant_that_is_kept(db: None) -> None:
    busy(known(IdentityKind.USER, "ann"), "anns", events=2, at=NOW - 30 * DAY - 1)
    assert forget_old(now=NOW, days=30).removed["events"] == 1
    assert Event.objects.get().occurred_at is not None


def test_a_visitor_goes_when_nothing_refers_to_it(old_and_new: tuple[int, int]) -> None:
    old, new = old_and_new
    Rating.objects.all().delete()
    ago = NOW - 2 * YEAR
    kept = {
        "who refused": known(IdentityKind.USER, "refused", now=ago),
        "who chose lately": known(IdentityKind.USER, "lately", now=ago),
        "who is new": known(IdentityKind.USER, "fresh", now=NOW - DAY),
        "a person with a browser": known(IdentityKind.USER, "person", now=ago),
        "who did something": new,
    }
    browser = joined(known(IdentityKind.VISITOR, "browser", now=ago), kept["a person with a browser"])
    busy(browser, "browsers", events=5)
    empty_browser = joined(known(IdentityKind.VISITOR, "empty", now=ago), new)
    itself = known(IdentityKind.VISITOR, "separated", now=ago)
    joined(itself, itself)
    Visitor.objects.filter(pk=kept["who refused"]).update(choice=Visitor.Choice.REFUSED, chosen_at=ago)
    Visitor.objects.filter(pk=kept["who chose lately"]).update(choice=Visitor.Choice.AGREED, chosen_at=NOW)
    assert forget_old(now=NOW).removed["visitors"] == 3
    assert not Visitor.objects.filter(pk__in=[old, empty_browser, itself]).exists()
    assert set(Visitor.objects.values_list("pk", flat=True)) == {*kept.values(), browser}
    assert IdentityRow.objects.count() == Visitor.objects.count()


def test_the_setting_may_keep_everything(old_and_new: tuple[int, int]) -> None:
    with override_settings(PERSONALIZATION={"RETENTION_DAYS": None}):
        assert forget_old(now=NOW) == Forgotten(None, {})
        assert Event.objects.count() == 7
        assert forget_old(now=NOW, days=395).removed["events"] == 3


@pytest.mark.parametrize("days", [0, -1, 36_501, True, 1.5, "30"])
def test_days_that_are_none_are_refused_by_name(old_and_new: tuple[int, int], days: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        forget_old(now=NOW, days=days)
    assert caught.value.field == "days"
    with override_settings(PERSONALIZATION={"RETENTION_DAYS": days}):
        with pytest.raises(InvalidInputError) as caught:
            forget_old(now=NOW)
        assert caught.value.field == "RETENTION_DAYS"
    assert Event.objects.count() == 7


def test_a_clock_that_is_a_year_ahead_destroys_nothing(old_and_new: tuple[int, int]) -> None:
    with pytest.raises(TooMuchToForgetError, match=r"^7 of 7 events .* clock .* --force"):
        forget_old(now=NOW + 2 * YEAR)
    assert Event.objects.count() == 7
    assert forget_old(now=NOW + 2 * YEAR, force=True).removed["events"] == 7


def test_half_is_not_too_much(db: None) -> None:
    busy(known(IdentityKind.USER, "old", now=NOW - 2 * YEAR), "olds", events=3, at=NOW - 2 * YEAR)
    busy(known(IdentityKind.USER, "new"), "news", events=3)
    assert forget_old(now=NOW).removed["events"] == 3


def test_nothing_at_all_is_fine(db: None) -> None:
    assert sum(forget_old(now=NOW).removed.values()) == 0


def test_each_transaction_is_small_and_only_where_something_is_old(
    old_and_new: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_rows, "BATCH", 2)
    assert list(old_rows.remove_old("events", NOW - YEAR)) == [2, 1]
    busy(known(IdentityKind.USER, "many"), "manys", events=40)
    with CaptureQueriesContext(connection) as queries:
        assert list(old_rows.remove_old("events", NOW - YEAR)) == []
    assert not [query for query in queries if query["sql"].startswith("DELETE")]


def test_twice_at_once_forgets_once(threads_db: None) -> None:
    old = known(IdentityKind.USER, "old", now=NOW - 2 * YEAR)
    busy(old, "olds", events=40, at=NOW - 2 * YEAR)
    Rating.objects.all().delete()
    busy(known(IdentityKind.USER, "new"), "news", events=41)

    def forget() -> Forgotten:
        try:
            return forget_old(now=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda work: work(), [partial(forget), partial(forget)])
    for kind, count in {
        "events": 40,
        "view_history": 1,
        "campaign_views": 1,
        "answers": 1,
        "visitors": 1,
    }.items():
        assert first.removed[kind] + second.removed[kind] == count
    assert Event.objects.count() == 41


def test_a_visitor_with_a_coupon_stays_and_old_money_loses_its_visitor(unasked: None, db: None) -> None:
    owner = known(IdentityKind.USER, "owner", now=NOW - 2 * YEAR)
    coupon_of(running(), owner_id=owner, owned=True)
    known(IdentityKind.USER, "buyer", now=NOW - 2 * YEAR)
    held("recent", running().pk, people=[Identity(IdentityKind.USER, "buyer")], now=NOW - DAY)
    assert forget_old(now=NOW).removed["visitors"] == 0
    Redemption.objects.update(changed_at=NOW - 2 * YEAR)
    assert forget_old(now=NOW).removed["visitors"] == 1
    assert (Redemption.objects.get().visitor, Visitor.objects.get().pk) == (None, owner)
