import time
from random import Random

import numpy as np
import pytest

from personalization.engine.rules import Facts, Scope, Truth, default_vocabulary, evaluate, matches, read_rule
from personalization.engine.types import Identity, IdentityKind
from personalization.models import Item, Visitor
from personalization.store import audience_rows
from personalization.store.audience import find_audience, visitor_columns
from personalization.store.people import join_visitor
from personalization.store.visitor_facts import read_visitor_facts
from personalization.store.visitors import create_visitors, ensure_visitors, find_visitor
from tests.store.histories import DAY, NAMES, NOW, World, comparable, crowd, value_of

pytestmark = pytest.mark.usefixtures("unasked")
TODAY = NOW + DAY // 2
CHOICES = Visitor.Choice


def everybody(names=NAMES, *, tenant="", now=TODAY):
    return visitor_columns(dict.fromkeys(names), tenant=tenant, now=now)


def check(identities, *, tenant="", now=TODAY, names=NAMES):
    """Everybody's columns say what is said of each by itself, and of nobody else."""
    found = everybody(names, tenant=tenant, now=now)
    rows = {person: row for row, person in enumerate(found.people.tolist())}
    assert found.columns.n == len(rows)
    known = set()
    for identity in identities:
        facts = read_visitor_facts(identity, tenant=tenant, now=now, names=names)
        person = person_of(identity, tenant)
        known |= {person} if facts else set()
        for name in facts:
            assert comparable(value_of(found.columns, name, rows[person])) == comparable(facts[name]), name
    return known, set(rows)


def person_of(identity, tenant=""):
    visitor = find_visitor(identity, tenant=tenant)
    return Visitor.objects.get(pk=visitor).person_id or visitor


def rule(text):
    return read_rule(text, default_vocabulary(), scopes=list(Scope))


@pytest.mark.parametrize("seed", range(12))
def test_everybodys_facts_are_each_ones(db, seed):
    worlds = World(Random(seed)).fill(), World(Random(seed + 1000), tenant="other").fill()
    for world in worlds:
        for now in (TODAY, NOW - 8 * DAY):
            one_by_one, together = check(world.identities, tenant=world.tenant, now=now)
            assert one_by_one == together != set()


def test_in_blocks_that_are_smaller_than_the_tables(db, monkeypatch):
    monkeypatch.setattr(audience_rows, "BLOCK", 7)
    one_by_one, together = check(World(Random(7)).fill().identities)
    assert one_by_one == together


@pytest.mark.parametrize("name", NAMES)
def test_each_fact_by_itself(db, name):
    check(World(Random(3)).fill().identities, names=[name])
    assert everybody([name]).columns.columns.keys() == {name}


def test_only_what_is_asked_is_read(db, django_assert_num_queries):
    World(Random(3)).fill()
    with django_assert_num_queries(1):
        everybody([])
    with django_assert_num_queries(1):
        everybody(["visitor.first_seen"])
    with django_assert_num_queries(2):
        everybody(["visitor.orders"])
    with django_assert_num_queries(3):
        everybody(["visitor.viewed_brands"])


def test_nobody_is_there(db):
    found = everybody()
    assert (len(found.people), found.columns.n) == (0, 0)
    assert find_audience(rule('{"everyone": true}'), tenant="", now=NOW, segments={}).total == 0


def people(count):
    made = ensure_visitors(
        IdentityKind.USER, [str(number) for number in range(count)], tenant="", now=NOW - 9 * DAY
    )
    return sorted(made.values())


def test_who_refused_or_cannot_be_met_again_is_not_counted(db):
    ann, bob, cat, browser = people(4)
    create_visitors(3, tenant="", now=NOW)
    ensure_visitors(IdentityKind.USER, ["other"], tenant="other", now=NOW)
    assert join_visitor(browser, person=ann)
    Visitor.objects.filter(pk=bob).update(choice=CHOICES.REFUSED)
    assert everybody().people.tolist() == [ann, cat]
    Visitor.objects.filter(pk=browser).update(choice=CHOICES.REFUSED)
    assert everybody().people.tolist() == [ann, cat]


def test_where_consent_is_required_only_who_agreed_is_counted(db, settings):
    settings.PERSONALIZATION = {"CONSENT_REQUIRED": True}
    _, bob, cat = people(3)
    assert everybody().people.tolist() == []
    Visitor.objects.filter(pk=bob).update(choice=CHOICES.AGREED)
    Visitor.objects.filter(pk=cat).update(choice=CHOICES.REFUSED)
    assert everybody().people.tolist() == [bob]


def test_an_item_that_is_new_since_the_catalog_was_read_says_nothing_yet(db):
    World(Random(3)).fill()
    Item.objects.update(tenant="elsewhere")
    viewed = everybody(["visitor.viewed_items"]).columns.columns["visitor.viewed_items"]
    assert viewed.starts.tolist() == [0] * (len(viewed.known) + 1)
    assert everybody(["visitor.orders"]).columns.n


def test_the_newest_of_those_who_match_are_shown(db):
    everyone = people(5)
    found = find_audience(rule('{"everyone": true}'), tenant="", now=TODAY, sample=2, segments={})
    assert (found.matching, found.unknown, found.total) == (5, 0, 5)
    assert found.sample == (everyone[4], everyone[3])


def test_what_our_tables_do_not_say_is_unknown(db):
    people(3)
    abroad = rule('{"kind": "visitor.country", "op": "any_of", "values": ["DE"]}')
    found = find_audience(abroad, tenant="", now=TODAY, segments={})
    assert (found.matching, found.unknown, found.total, found.sample) == (0, 3, 3, ())


BUYERS = '{"kind": "visitor.orders", "op": "at_least", "value": 1}'
LOYAL = '{"kind": "visitor.spent", "op": "at_least", "value": "400.00", "currency": "EUR", "days": 365}'
TEA = '{"kind": "visitor.viewed_category", "op": "any_of", "values": ["Tea"], "days": 100}'
CAFE = '{"kind": "visitor.bought_category", "op": "none_of", "values": ["Cafe", "Gone"]}'
BOTH = '{"kind": "visitor.viewed_category", "op": "all_of", "values": ["café", "Tea"]}'
TAGGED = '{"kind": "visitor.bought_tag", "op": "any_of", "values": ["Red", "new"], "days": 300}'
SEGMENT = '{"kind": "visitor.segment", "op": "any_of", "values": ["tea"]}'


@pytest.mark.parametrize(
    "text",
    [
        *(BUYERS, LOYAL, TEA, CAFE, BOTH, TAGGED, SEGMENT),
        f'{{"all": [{BUYERS}, {{"not": {SEGMENT}}}]}}',
        f'{{"all": [{{"any": [{BOTH}, {CAFE}]}}, {{"any": [{TEA}, {TAGGED}]}}]}}',
    ],
)
@pytest.mark.parametrize("named", [1, 1000])
def test_a_rule_holds_for_those_for_whom_it_holds_alone(db, monkeypatch, text, named):
    monkeypatch.setattr(audience_rows, "NAMED", named)
    world, asked, segments = World(Random(11)).fill(30), rule(text), {"tea": rule(TEA)}
    names = asked.facts | segments["tea"].facts
    found = find_audience(asked, tenant="", now=TODAY, sample=1000, segments=segments)
    truths = {}
    for identity in world.identities:
        values = read_visitor_facts(identity, tenant="", now=TODAY, names=names)
        if values:
            facts = Facts(values, TODAY)
            truths[person_of(identity)] = evaluate(asked, facts, segments).truth
    assert set(found.sample) == {person for person, truth in truths.items() if truth is Truth.TRUE}
    assert found.unknown == sum(truth is Truth.UNKNOWN for truth in truths.values())
    assert 0 < found.matching < found.total == len(truths)


def test_what_nothing_of_the_shop_has_needs_no_rows(db):
    World(Random(11)).fill()
    unknown = rule('{"kind": "visitor.viewed_brand", "op": "none_of", "values": ["Nobody’s"]}')
    found = find_audience(unknown, tenant="", now=TODAY, segments={})
    assert 0 < found.matching == found.total
    assert len(audience_rows.read_views(np.array([], np.int64), tenant="", now=TODAY)[0]) == 0


@pytest.mark.slow
def test_ten_thousand_people_are_who_they_are_alone(db):
    keys = crowd(10_000, events=10, seed=5)  # the benchmark who-matches has fifty of each
    asked = rule(f'{{"all": [{LOYAL.replace("400.00", "90.00")}, {{"not": {TEA}}}]}}')
    began = time.perf_counter()
    found = find_audience(asked, tenant="", now=TODAY, sample=10_000, segments={})
    print(f"\n{found.matching} of {found.total} in {time.perf_counter() - began:.3f} s")
    matching = set(found.sample)
    assert 1_000 < found.matching == len(matching) < 9_000
    some = [Identity(IdentityKind.USER, key) for key in Random(5).sample(keys, 500)]
    check(some)
    for identity in some:
        values = read_visitor_facts(identity, tenant="", now=TODAY, names=asked.facts)
        assert matches(asked, Facts(values, TODAY)) == (person_of(identity) in matching)
