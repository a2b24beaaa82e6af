"""Erasing a person: everything goes, nothing comes back, and nobody else loses anything."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event as Signal
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test import override_settings

from personalization.engine.types import Identity, IdentityKind, Kind
from personalization.models import Answer, Erasure, Event, PersonUse, Rating, Redemption, ViewedItem, Visitor
from personalization.models import Identity as IdentityRow
from personalization.privacy import erasure
from personalization.privacy.erasure import NotErasedError, erase, erase_visitor
from personalization.privacy.standing import bar, standing_of
from personalization.store import personal_rows
from personalization.store.events import EventRow, Source, append_events
from personalization.store.people import join_visitor, separate_visitor
from personalization.store.redemptions import release_entry
from personalization.store.transaction import in_transaction
from personalization.store.visitors import ensure_visitors
from tests.privacy.people import DAY, NOW, busy, hits, joined, known, stock
from tests.promotions.ledger import counts_agree, coupon_of, held, running

USER, EMAIL, BROWSER = IdentityKind.USER, IdentityKind.EMAIL, IdentityKind.VISITOR
ANN, BOB = Identity(USER, "sentinel-ann"), Identity(USER, "bob")
MARK = "sentinel"


def told(identity: Identity, *, at: int) -> str | None:
    return bar(standing_of(identity, tenant=""), occurred_at=at)


@pytest.fixture
def ann(db: None) -> int:
    """Ann, her two browsers, her address, and Bob, of whom everything stays."""
    person = known(USER, ANN.key)
    for kind, key in [(BROWSER, "sentinel-phone"), (BROWSER, "sentinel-desk"), (EMAIL, "sentinel@x.io")]:
        joined(known(kind, key), person)
    for visitor in Visitor.objects.values_list("pk", flat=True):
        busy(visitor, MARK)
    busy(known(USER, BOB.key), "bobs")
    return person


def only_bob() -> bool:
    counts = [model.objects.count() for model in (Visitor, IdentityRow, Rating, ViewedItem, Answer, Event)]
    return counts == [1, 1, 1, 1, 1, 3] and IdentityRow.objects.get().key == BOB.key


@pytest.mark.parametrize(
    "identity",
    [ANN, Identity(EMAIL, " Sentinel@X.io"), Identity(BROWSER, "sentinel-phone")],
    ids=["user", "email", "browser"],
)
def test_whatever_names_the_person_erases_all_of_it(ann: int, identity: Identity) -> None:
    done = erase([identity], now=NOW)
    assert (done.people, done.refusals) == (1, 0)
    assert done.removed == {
        "events": 12, "answers": 4, "ratings": 4, "view_history": 4, "campaign_views": 4,
        "prepared_lists": 4,
        "identities": 4, "visitors": 4,
    }  # fmt: skip
    assert only_bob()
    assert hits(MARK) == []


def test_nothing_that_happened_before_is_taken_again(ann: int) -> None:
    erase([ANN], now=NOW)
    people = [ANN, Identity(EMAIL, "sentinel@x.io"), Identity(BROWSER, "sentinel-desk")]
    assert [told(identity, at=NOW) for identity in people] == ["erased"] * 3
    assert [told(identity, at=NOW + 1) for identity in people] == [None] * 3
    assert told(BOB, at=NOW) is None


def test_erasing_twice_finds_nothing_and_moves_the_instant(ann: int) -> None:
    erase([ANN], now=NOW)
    again = erase([ANN], now=NOW + DAY)
    assert (again.people, again.removed) == (0, {})
    assert told(ANN, at=NOW + DAY) == "erased"
    erase([ANN], now=NOW)  # a clock that lags
    assert told(ANN, at=NOW + DAY) == "erased"
    assert Erasure.objects.count() == 4


def test_somebody_unknown_is_noted_for_what_comes_late(db: None) -> None:
    done = erase([ANN, Identity(EMAIL, "old@x.io")], now=NOW)
    assert done.people == 0
    assert told(Identity(EMAIL, "Old@x.io "), at=NOW) == "erased"
    assert not Visitor.objects.exists()


def test_the_list_names_nobody(ann: int) -> None:
    erase([ANN], now=NOW)
    assert hits(MARK) == []
    with override_settings(SECRET_KEY="another"):
        assert told(ANN, at=NOW) is None  # nobody without the secret key can look somebody up
    with override_settings(SECRET_KEY="another", SECRET_KEY_FALLBACKS=["demo", _secret()]):
        assert told(ANN, at=NOW) == "erased"
        assert told(Identity(EMAIL, "sentinel@x.io"), at=NOW) == "erased"


def _secret() -> str:
    from personalization.conf import settings

    return settings.secret_keys[0]


def test_tenants_are_apart(ann: int) -> None:
    other = known(USER, ANN.key, tenant="b")
    busy(other, "others", tenant="b")
    erase([ANN], now=NOW)
    assert Event.objects.filter(visitor=other).count() == 3
    assert bar(standing_of(ANN, tenant="b"), occurred_at=NOW) is None
    erase([ANN], tenant="b", now=NOW)
    assert hits("others") == []


def test_two_accounts_that_are_one_person_go_together(ann: int) -> None:
    second = joined(known(USER, "sentinel-ann-2"), ann)
    busy(second, MARK)
    erase([Identity(USER, "sentinel-ann-2")], now=NOW)
    assert only_bob()
    assert told(ANN, at=NOW) == told(Identity(USER, "sentinel-ann-2"), at=NOW) == "erased"


def test_an_account_that_was_separated_before_keeps_its_own(ann: int) -> None:
    second = joined(known(USER, "second"), ann)
    busy(second, "seconds")
    separate_visitor(second)
    erase([ANN], now=NOW)
    assert hits(MARK) == []
    assert Event.objects.filter(visitor=second).count() == 3
    assert told(Identity(USER, "second"), at=NOW) is None


def test_an_address_that_the_shop_renamed_goes_with_the_person(ann: int) -> None:
    """We keep no text of an address: the old one is found through the person, whatever the shop calls it now."""
    erase([ANN, Identity(EMAIL, "new@x.io")], now=NOW)
    for address in ("sentinel@x.io", "new@x.io"):
        assert told(Identity(EMAIL, address), at=NOW) == "erased"


def test_a_shared_browser_is_whose_it_was_joined_to(ann: int) -> None:
    """Bob used Ann's desk too, signed in: what he did there is his, and stays."""
    erase([BOB], now=NOW)
    assert Visitor.objects.count() == 4
    assert Event.objects.count() == 12
    assert told(Identity(BROWSER, "sentinel-desk"), at=NOW) is None


def test_who_refused_stays_refused_and_nothing_else_of_them_stays(ann: int) -> None:
    Visitor.objects.filter(pk=ann).update(choice=Visitor.Choice.REFUSED, chosen_at=NOW - 5)
    done = erase([ANN], now=NOW)
    assert done.refusals == 1
    assert hits(MARK) == []
    assert (Visitor.objects.count(), Event.objects.count()) == (2, 3)
    for identity in (ANN, Identity(EMAIL, "sentinel@x.io")):
        assert told(identity, at=NOW + DAY) == "refused"
    assert told(Identity(BROWSER, "sentinel-phone"), at=NOW + DAY) is None  # its cookie holds its own choice
    assert erase([ANN], now=NOW + 1).refusals == 1


def test_what_was_cached_is_no_longer_shown(ann: int) -> None:
    """The row is gone; whoever comes again gets another number, so that no cached answer fits."""
    erase([ANN], now=NOW)
    assert known(USER, ANN.key, now=NOW + 1) != ann


def test_rows_go_in_small_transactions(ann: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal_rows, "BATCH", 5)
    monkeypatch.setattr(erasure, "BATCH", 5)
    sizes = []
    remove = personal_rows._remove_rows

    def counted(table: str, visitors: Any) -> dict[str, int]:
        rows = remove(table, visitors)
        sizes.append(rows.get(table, 0))
        return rows

    monkeypatch.setattr(personal_rows, "_remove_rows", counted)
    erase([ANN], now=NOW)
    assert only_bob()
    assert max(sizes) == 5
    assert sum(sizes) == 12 + 4 + 4 + 4 + 4


def test_many_browsers_go_in_turns(ann: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "VISITORS", 2)
    erase([ANN], now=NOW)
    assert only_bob()


def test_a_visitor_without_a_name_can_be_erased(ann: int) -> None:
    nameless = Visitor.objects.create(created_at=NOW)
    busy(nameless.pk, "nameless")
    assert erase_visitor(nameless.pk, now=NOW).people == 1
    assert hits("nameless") == []
    assert erase_visitor(nameless.pk, now=NOW).people == 0


def uses_money(identity: Identity, visitor: int, *, tenant: str = "") -> Redemption:
    """A coupon of one's own, held once."""
    promotion = running(tenant=tenant, limit_person=3)
    coupon = coupon_of(promotion, tenant=tenant, owner_id=visitor, owned=True)
    held(f"{identity.key}", promotion.pk, coupon=coupon.pk, people=[identity], limit_person=3, tenant=tenant)
    return Redemption.objects.get(promotion=promotion)


def test_money_stays_and_names_nobody(unasked: None, ann: int) -> None:
    used = uses_money(ANN, ann)
    others = uses_money(BOB, known(USER, BOB.key, tenant="b"), tenant="b")
    assert (used.visitor_id, PersonUse.objects.count()) == (ann, 2)
    done = erase([ANN], now=NOW)
    assert "redemptions" not in done.removed
    assert hits(MARK) == []
    kept = Redemption.objects.get(pk=used.pk)
    assert (kept.visitor, kept.amount, kept.state) == (None, used.amount, used.state)
    assert (kept.coupon.owner, kept.coupon.owned) == (None, True)
    assert [use.promotion_id for use in PersonUse.objects.all()] == [others.promotion_id]
    assert release_entry(used.pk, now=NOW)
    assert counts_agree()


def test_who_refused_keeps_no_money_either(ann: int) -> None:
    used = uses_money(ANN, ann)
    Visitor.objects.filter(pk=ann).update(choice=Visitor.Choice.REFUSED)
    assert erase([ANN], now=NOW).refusals == 1
    assert Redemption.objects.get(pk=used.pk).visitor is None
    assert not PersonUse.objects.exists()


def test_what_a_guest_used_is_forgotten_without_a_visitor(db: None) -> None:
    guest = Identity(EMAIL, "Guest@x.io")
    held("guest", running().pk, people=[guest])
    assert not Visitor.objects.exists()
    erase([guest], tenant="b", now=NOW)
    assert PersonUse.objects.count() == 1
    erase([Identity(EMAIL, "guest@x.io")], now=NOW)
    assert not PersonUse.objects.exists()


def test_in_a_transaction_of_the_caller_it_is_all_or_nothing(ann: int) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        erase([ANN], now=NOW)
        raise RuntimeError
    assert (Visitor.objects.count(), Event.objects.count(), Erasure.objects.count()) == (5, 15, 0)


def test_an_erasure_that_was_interrupted_is_finished_by_the_next(
    ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(erasure, "_finish", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            erase([ANN], now=NOW)
    assert told(ANN, at=NOW) == "erased"  # barred from the first step on
    erase([ANN], now=NOW)
    assert only_bob()


def test_it_says_when_somebody_writes_past_the_lock(ann: int, monkeypatch: pytest.MonkeyPatch) -> None:
    finish = erasure._finish

    def careless(person: int, visitors: list[int], now: int) -> Any:
        done = finish(person, visitors, now)
        late(ann, NOW)
        return done

    monkeypatch.setattr(erasure, "_finish", careless)
    erase([ANN], now=NOW)
    assert not Event.objects.filter(visitor=ann).exists()  # looked again, and removed
    with monkeypatch.context() as endless:
        endless.setattr(erasure, "count_rows", lambda visitors: {"events": 7})
        joined(known(BROWSER, "x"), known(USER, ANN.key))
        with pytest.raises(NotErasedError, match="7 rows"):
            erase([ANN], now=NOW)


def late(visitor: int, at: int) -> None:
    row = EventRow(
        digest=b"late" * 4, kind=Kind.VIEW, visitor=visitor, item=stock()["mug"], occurred_at=at, query=MARK
    )
    append_events([row], tenant="", source=Source.CODE, now=at)


def test_every_table_with_a_way_to_a_visitor_is_erased() -> None:
    ways = {
        field.related_model
        for field in Visitor._meta.get_fields(include_hidden=True)
        if field.auto_created and not field.concrete
    }
    outliving = {model for model, _ in personal_rows.OUTLIVING.values()}
    assert ways == {*personal_rows.OF_VISITORS.values(), *outliving, IdentityRow, Visitor}


# Several processes at once.


def at_once(*works: Any) -> list[Any]:
    def run(work: Any) -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_a_writer_in_flight_is_waited_for_and_nothing_of_it_stays(threads_db: None) -> None:
    """It asked before the erasure, and writes after it began: the erasure waits, and removes what it wrote."""
    stock()
    known(USER, ANN.key)
    asked, begun = Signal(), Signal()

    def write() -> str | None:
        def work() -> str | None:
            barred = told(ANN, at=NOW - 1)
            asked.set()
            begun.wait(0.5)
            if barred is None:
                late(ensure_visitors(USER, [ANN.key], tenant="", now=NOW)[ANN.key], NOW - 1)
            return barred

        return in_transaction(work, using="default")

    def remove() -> Any:
        asked.wait(5)
        return erase([ANN], now=NOW)

    at_once(write, remove)
    assert hits(MARK) == []
    assert not Event.objects.exists()
    assert not Visitor.objects.exists()


def test_many_writers_and_two_erasures_leave_nothing(threads_db: None) -> None:
    stock()
    known(USER, ANN.key)

    def write(number: int) -> None:
        def work() -> None:
            if told(ANN, at=NOW - 1) is None:
                visitor = ensure_visitors(USER, [ANN.key], tenant="", now=NOW)[ANN.key]
                row = EventRow(
                    digest=number.to_bytes(16), kind=Kind.VIEW, visitor=visitor, item=1, occurred_at=NOW - 1
                )
                append_events([row], tenant="", source=Source.CODE, now=NOW)

        in_transaction(work, using="default")

    writers = [partial(write, number) for number in range(1, 13)]
    at_once(*writers[:6], partial(erase, [ANN], now=NOW), *writers[6:], partial(erase, [ANN], now=NOW))
    assert not Visitor.objects.exists()
    assert not Event.objects.exists()
    assert told(ANN, at=NOW - 1) == "erased"


def test_logins_that_join_meanwhile_leave_no_half_person(threads_db: None) -> None:
    ann = known(USER, ANN.key)
    busy(ann, MARK)
    browsers = [known(BROWSER, f"sentinel-{number}") for number in range(6)]
    joins = [partial(join_visitor, browser, person=ann) for browser in browsers]
    at_once(*joins[:3], partial(erase, [ANN], now=NOW), *joins[3:])
    assert not IdentityRow.objects.filter(kind=USER).exists()
    assert not Visitor.objects.exclude(person=None).exists()
    assert not Event.objects.exists()


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="one writer at a time")
def test_a_writer_that_never_ends_stops_an_erasure_but_nobody_else(threads_db: None) -> None:
    stock()
    holding, enough = Signal(), Signal()

    def hold() -> None:
        with transaction.atomic():
            standing_of(ANN, tenant="")
            holding.set()
            enough.wait(20)

    def remove() -> str:
        holding.wait(5)
        try:
            erase([ANN], now=NOW)
        except OperationalError as error:
            return type(error).__name__
        finally:
            enough.set()
        return "erased"

    _, said = at_once(hold, remove)
    assert said == "OperationalError"
    assert connection.in_atomic_block is False
    assert erase([ANN], now=NOW).people == 0
