"""What a process holds of promotions and segments is read once, is never old, and bears what is broken."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from django.db import transaction

from personalization.engine.rules import Facts, default_vocabulary
from personalization.models import Promotion, Segment
from personalization.store.live_promotions import live_promotions
from personalization.store.promotion_content import State
from personalization.store.promotions import PROMOTIONS
from personalization.store.segments import SegmentContent, save_segment
from personalization.store.stamps import read_stamp
from personalization.store.versions import RULES
from tests.store.test_promotions import NOW, RULE, TARGETS, TEN

KINDS = default_vocabulary()
RUNNING = replace(TEN, state=State.RUNNING)
REGULARS = SegmentContent("regulars", "Regulars", '{"kind":"visitor.orders","op":"at_least","value":3}')


def save(content=RUNNING, *, now=NOW, **more):
    return PROMOTIONS.save(content, vocabulary=KINDS, author="", now=now, **more)


def segment(content=REGULARS, version=0):
    save_segment(content, vocabulary=KINDS, expected_version=version, author="", now=NOW)


def live(tenant="", **more):
    return live_promotions(tenant, vocabulary=KINDS, **more)


def test_it_holds_what_runs_and_the_active_segments_of_a_tenant(db):
    one = save(
        replace(RUNNING, rule=RULE, targets=TARGETS, limit_total=5, limit_person=1, needs_code=True)
    ).id
    for state in (State.DRAFT, State.PAUSED, State.ARCHIVED):
        save(replace(TEN, state=state))
    save(tenant="b")
    segment()
    segment(replace(REGULARS, name="off", active=False))
    held = live()
    assert list(held.promotions) == [one]
    found = held.promotions[one]
    assert (found.needs_code, found.limit_total, found.limit_person) == (True, 5, 1)
    assert (found.promotion.rule.text, found.promotion.targets.text) == (RULE, TARGETS)
    assert (found.promotion.version, found.promotion.benefit) == (1, TEN.benefit)
    assert list(held.segments) == ["regulars"]
    assert held.invalid == ()


def test_it_is_read_once_and_again_when_something_was_saved(db, django_assert_num_queries):
    one = save()
    first = live()
    with django_assert_num_queries(1):
        assert live() is first
    with django_assert_num_queries(0):
        assert live(version=first.version) is first
    save(replace(RUNNING, title="Newer"), row=one.id, expected_version=1)
    assert live().promotions[one.id].promotion.title == "Newer"
    assert live(version=first.version).version == first.version  # whoever has read the stamp decides


def test_what_was_rolled_back_is_not_taken_for_what_was_saved_later(db):
    one = save()
    with pytest.raises(RuntimeError), transaction.atomic():
        save(replace(RUNNING, title="Never"), row=one.id, expected_version=1, now=NOW + 5)
        assert live().promotions[one.id].promotion.title == "Never"
        raise RuntimeError
    assert live().promotions[one.id].promotion.title == "Ten"
    with pytest.raises(RuntimeError), transaction.atomic():
        save(replace(RUNNING, title="Never"), row=one.id, expected_version=1, now=NOW + 5)
        live()
        raise RuntimeError
    save(replace(RUNNING, title="Saved"), row=one.id, expected_version=1, now=NOW + 7)
    assert live().promotions[one.id].promotion.title == "Saved"


def test_what_cannot_be_read_is_left_out_counted_and_logged_once(db, caplog):
    good, odd, empty = save().id, save().id, save().id
    segment()
    Promotion.objects.filter(pk=odd).update(rule='{"kind":"no.such","op":"is"}')
    Promotion.objects.filter(pk=empty).update(percent=None)
    Segment.objects.update(rule="{")
    with caplog.at_level(logging.WARNING):
        held = live()
        save()
        again = live()
    assert (good in held.promotions, odd in held.promotions, held.segments) == (True, False, {})
    broken = [("promotion", empty), ("promotion", odd), ("segment", Segment.objects.get().pk)]
    assert sorted((one.kind, one.id) for one in held.invalid) == sorted(broken)
    assert "no.such" in next(one.problem for one in held.invalid if one.id == odd and one.kind == "promotion")
    assert again.invalid == held.invalid
    assert len(caplog.records) == 3


def test_automatic_promotions_are_those_that_may_match(db):
    everyone = save().id
    cups = save(replace(RUNNING, rule='{"kind":"cart.has_category","op":"any_of","values":["Cups"]}')).id
    save(replace(RUNNING, rule='{"kind":"cart.has_category","op":"any_of","values":["Pots"]}'))
    save(replace(RUNNING, needs_code=True))
    facts = Facts({"cart.categories": frozenset({"Cups"})}, now=NOW)
    assert [one.promotion.id for one in live().automatic(facts)] == [everyone, cups]


def test_before_anything_was_saved_there_is_nothing(db):
    assert read_stamp(RULES, tenant="") == 0
    assert (live().promotions, live().segments, live().version) == ({}, {}, 0)
