"""Promotions are saved one version after the other, exactly as they were written."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db.models import ProtectedError

from personalization.engine.promotions import AmountOff, PercentOff
from personalization.engine.rules import default_vocabulary
from personalization.exceptions import InvalidInputError
from personalization.models import Promotion, Version
from personalization.store.promotion_content import PromotionContent, State
from personalization.store.promotions import PROMOTIONS
from personalization.store.stamps import read_stamp
from personalization.store.versions import RULES, ConflictError, Kind, versions_of
from tests.promotions.ledger import held, running
from tests.store.test_races import at_once

NOW = 1_700_000_000_000_000
RULE = '{"kind":"cart.quantity","op":"at_least","value":3}'
TARGETS = '{"kind":"item.category","op":"any_of","values":["Cups"]}'
TEN = PromotionContent("Ten", PercentOff(Decimal(10)), "EUR")
FULL = PromotionContent(
    title="Autumn “full”",
    benefit=PercentOff(Decimal("12.5"), Decimal("30.00")),
    currency="EUR",
    state=State.PAUSED,
    note="a\nb",
    rule=RULE,
    targets=TARGETS,
    starts_at=NOW,
    ends_at=NOW + 1,
    priority=-3,
    needs_code=True,
    limit_total=0,
    limit_person=2_147_483_647,
)


def save(content=TEN, **more):
    usual = {"vocabulary": default_vocabulary(), "author": "kim", "now": NOW}
    return PROMOTIONS.save(content, **(usual | more))


@pytest.mark.parametrize(
    "content",
    [
        TEN,
        FULL,
        replace(TEN, benefit=AmountOff(Decimal("0.01"))),
        replace(TEN, benefit=AmountOff(Decimal("1.234")), currency="KWD"),
        replace(TEN, benefit=PercentOff(Decimal("0.01"), Decimal(99_999_999)), currency="JPY"),
        replace(TEN, benefit=PercentOff(Decimal(100))),
    ],
)
def test_what_is_saved_is_what_is_read_and_what_its_version_holds(db, content):
    saved = save(content)
    found = PROMOTIONS.find(saved.id, tenant="")
    assert (found.content, found.version) == (content, 1)
    (version,) = versions_of(Kind.PROMOTION, saved.id, tenant="")
    assert PromotionContent.from_json(version.content) == content
    assert version.content == found.content.to_json()
    assert PROMOTIONS.find(saved.id, tenant="b") is None


def test_equal_contents_have_equal_texts_and_digests(db):
    save(replace(FULL, benefit=PercentOff(Decimal("12.50"), Decimal(30)), rule=f" {RULE} "))
    save(FULL)
    assert Version.objects.values("content", "digest").distinct().count() == 1


def test_nobody_saves_over_somebody_else(db):
    one = save().id
    assert save(replace(TEN, title="Mine"), row=one, expected_version=1).version == 2
    for wrong in ({"expected_version": 1}, {"expected_version": 3}, {"expected_version": 2, "tenant": "b"}):
        with pytest.raises(ConflictError):
            save(replace(TEN, title="Yours"), row=one, **wrong)
    assert PROMOTIONS.find(one, tenant="").content.title == "Mine"
    assert (Version.objects.count(), read_stamp(RULES, tenant="")) == (2, NOW + 1)


def test_of_many_who_save_at_once_one_does(threads_db):
    one = save().id

    def change(number):
        try:
            return save(replace(TEN, title=f"{number}"), row=one, expected_version=1).version
        except ConflictError:
            return None

    saved = at_once(*[lambda number=number: change(number) for number in range(8)])
    assert sorted(saved, key=str) == [2] + [None] * 7
    assert Version.objects.count() == 2


def test_what_was_can_be_restored_as_the_newest(db):
    one = save(FULL).id
    save(TEN, row=one, expected_version=1)
    again = {"vocabulary": default_vocabulary(), "expected_version": 2, "author": "lee", "now": NOW}
    assert PROMOTIONS.restore(one, 1, **again).version == 3
    assert PROMOTIONS.find(one, tenant="").content == replace(FULL, state=State.DRAFT)
    assert [version.author for version in versions_of(Kind.PROMOTION, one, tenant="")] == [
        "lee",
        "kim",
        "kim",
    ]
    with pytest.raises(InvalidInputError, match="no version 9"):
        PROMOTIONS.restore(one, 9, **again)


def test_what_can_no_longer_be_read_can_be_stopped(db):
    one = running(rule='{"kind":"visitor.gone","op":"yes"}').pk
    by = {"author": "lee", "now": NOW}
    assert PROMOTIONS.stop(one, State.PAUSED, expected_version=1, **by).version == 2
    with pytest.raises(ConflictError):
        PROMOTIONS.stop(one, State.ARCHIVED, expected_version=1, **by)
    assert PROMOTIONS.find(one, tenant="").content.state == State.PAUSED
    assert [version.author for version in versions_of(Kind.PROMOTION, one, tenant="")] == ["lee"]
    with pytest.raises(InvalidInputError, match="state: "):
        PROMOTIONS.stop(one, State.RUNNING, expected_version=2, **by)
    with pytest.raises(InvalidInputError, match="promotion: "):
        PROMOTIONS.stop(one, State.PAUSED, expected_version=2, tenant="b", **by)


def test_saving_leaves_what_is_taken_alone(db):
    one = running(limit_total=2).pk
    held("a", one)
    save(replace(TEN, limit_total=0), row=one, expected_version=1)
    assert Promotion.objects.get().taken == 1


def test_a_promotion_with_redemptions_is_never_deleted(db):
    one = running()
    held("a", one.pk)
    with pytest.raises(ProtectedError):
        one.delete()
    assert save(replace(TEN, state=State.ARCHIVED), row=one.pk, expected_version=1).version == 2
    assert Promotion.objects.get().state == State.ARCHIVED


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 256}, "title"),
        ({"note": "\0"}, "note"),
        ({"currency": "eur"}, "currency"),
        ({"currency": ""}, "currency"),
        ({"benefit": AmountOff(Decimal("0.001"))}, "amount"),
        ({"benefit": AmountOff(Decimal(10) ** 11)}, "amount"),
        ({"benefit": AmountOff(Decimal("0.5")), "currency": "JPY"}, "amount"),
        ({"benefit": PercentOff(Decimal(5), Decimal("0.001"))}, "cap"),
        ({"rule": "{}"}, "rule"),
        ({"rule": TARGETS}, "rule"),
        ({"targets": RULE}, "targets"),
        ({"starts_at": NOW, "ends_at": NOW}, "ends_at"),
        ({"priority": 1_000_001}, "priority"),
        ({"limit_total": -1}, "limit_total"),
        ({"limit_person": 2_147_483_648}, "limit_person"),
    ],
)
def test_what_is_wrong_is_named(db, wrong, field):
    with pytest.raises(InvalidInputError) as told:
        save(replace(TEN, **wrong))
    assert told.value.field == field
    assert not Promotion.objects.exists()


def test_a_row_that_holds_no_benefit_cannot_be_read(db):
    one = running(percent=None)
    with pytest.raises(InvalidInputError, match="no value"):
        PROMOTIONS.find(one.pk, tenant="")
