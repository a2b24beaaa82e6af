"""Segments are saved one version after the other, and nobody saves over somebody else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from personalization.engine.rules import default_vocabulary
from personalization.exceptions import InvalidInputError
from personalization.models import Segment, Version
from personalization.store.segments import SegmentContent, find_segment, restore_segment, save_segment
from personalization.store.stamps import read_stamp
from personalization.store.versions import RULES, ConflictError, Kind, find_version, versions_of
from tests.store.test_races import at_once

NOW = 1_700_000_000_000_000
SIGNED_IN = '{"kind": "visitor.signed_in", "op": "yes"}'
REGULARS = SegmentContent("regulars", "Regulars", '{"kind":"visitor.orders","op":"at_least","value":3}')


def save(content=REGULARS, *, version=0, tenant="", author="kim", now=NOW):
    return save_segment(
        content,
        vocabulary=default_vocabulary(),
        expected_version=version,
        author=author,
        tenant=tenant,
        now=now,
    )


def test_a_new_segment_has_its_first_version(db):
    saved = save()
    found = find_segment("regulars", tenant="")
    assert (found.id, found.version, saved.version) == (saved.id, 1, 1)
    assert (
        found.content.rule == '{"kind":"visitor.orders","op":"at_least","value":3}'
    )  # as it is always written
    (version,) = versions_of(Kind.SEGMENT, saved.id, tenant="")
    assert (version.number, version.author, version.created_at) == (1, "kim", NOW)
    assert version.content == found.content.to_json()
    assert read_stamp(RULES, tenant="") == NOW
    assert find_segment("regulars", tenant="b") is None


def test_a_change_is_another_version_and_the_old_one_stays(db):
    saved = save()
    assert save(replace(REGULARS, title="Often here"), version=1).version == 2
    assert [version.number for version in versions_of(Kind.SEGMENT, saved.id, tenant="")] == [2, 1]
    assert find_segment("regulars", tenant="").content.title == "Often here"
    assert '"Regulars"' in find_version(Kind.SEGMENT, saved.id, 1, tenant="").content
    assert read_stamp(RULES, tenant="") == NOW + 1


def test_nobody_saves_over_somebody_else(db):
    save()
    save(replace(REGULARS, title="Mine"), version=1)
    for version in (0, 1, 3):
        with pytest.raises(ConflictError):
            save(replace(REGULARS, title="Yours"), version=version)
    with pytest.raises(ConflictError):
        save(replace(REGULARS, name="gone"), version=1)
    assert find_segment("regulars", tenant="").content.title == "Mine"
    assert Version.objects.count() == 2
    assert read_stamp(RULES, tenant="") == NOW + 1


def test_what_was_can_be_restored_as_the_newest(db):
    save()
    save(replace(REGULARS, title="Worse", rule=SIGNED_IN, active=False), version=1)
    again = {"vocabulary": default_vocabulary(), "expected_version": 2, "author": "lee", "now": NOW}
    assert restore_segment("regulars", 1, **again).version == 3
    assert find_segment("regulars", tenant="").content == replace(
        REGULARS, rule='{"kind":"visitor.orders","op":"at_least","value":3}'
    )
    with pytest.raises(InvalidInputError, match="no version 9"):
        restore_segment("regulars", 9, **again)
    with pytest.raises(InvalidInputError, match="no version 1"):
        restore_segment("nobody", 1, **again)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "two words"}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"title": " "}, "title"),
        ({"title": "x" * 256}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"note": "\ud800"}, "note"),
        ({"rule": ""}, "rule"),
        ({"rule": '{"kind":"cart.quantity","op":"at_least","value":3}'}, "rule"),
        ({"rule": '{"kind":"visitor.segment","op":"any_of","values":["regulars"]}'}, "rule"),
    ],
)
def test_what_is_wrong_is_named(db, wrong, field):
    with pytest.raises(InvalidInputError) as told:
        save(replace(REGULARS, **wrong))
    assert told.value.field == field
    assert not Segment.objects.exists()


def test_a_segment_that_leads_back_to_itself_is_refused(db):
    def asks(name):
        return f'{{"kind":"visitor.segment","op":"any_of","values":["{name}"]}}'

    save(replace(REGULARS, name="a", rule=asks("b")))
    save(replace(REGULARS, name="b", rule=asks("c")))
    with pytest.raises(InvalidInputError, match="c → a → b → c"):
        save(replace(REGULARS, name="c", rule=asks("a")))
    Segment.objects.filter(name="b").update(rule="no rule")
    save(replace(REGULARS, name="c", rule=asks("a")))


def test_names_differ_as_texts_do(db):
    save()
    save(replace(REGULARS, name="Regulars"))
    save(tenant="b")
    assert Segment.objects.count() == 3


def test_of_many_who_save_at_once_one_does(threads_db):
    save()

    def change(number):
        try:
            return save(replace(REGULARS, title=f"{number}"), version=1).version
        except ConflictError:
            return None

    saved = at_once(*[lambda number=number: change(number) for number in range(8)])
    assert sorted(saved, key=str) == [2] + [None] * 7
    assert Version.objects.count() == 2
