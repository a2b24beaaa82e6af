"""A rebuild of what has changed only gives the bytes of one that learns all again."""

import numpy as np
import pytest

from personalization.engine.types import Kind
from personalization.learning.due import run_due
from personalization.learning.rebuild import rebuild
from personalization.models import Build, BuildRow, Event, Item, Run, Visitor
from personalization.store.builds import live_builds
from personalization.store.runs import LostLeaseError, claim_run, request_run
from tests.learning.recommenders import Listening
from tests.learning.shop import Clock, busy_shop, happen, stock, visitors

pytestmark = pytest.mark.django_db

ITEM_KNN = "personalization.engine.recommenders.item_knn.ItemKNN"
OPTIONS = {
    "cosine": {"neighbors": 5},
    "damped": {"neighbors": 5, "damping": 0.3, "shrinkage": 2.0},
    "dot": {"neighbors": 4, "similarity": "dot", "binary": False},
    "jaccard": {"neighbors": 4, "similarity": "jaccard", "min_together": 2},
    "conditional": {"neighbors": 4, "similarity": "conditional", "min_together": 1},
}


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def tables(settings):
    """Declares ItemKNN of some options as an alias of its own each."""

    def declare(**options):
        settings.PERSONALIZATION = {
            **settings.PERSONALIZATION,
            "RECOMMENDERS": {
                alias: {"BACKEND": ITEM_KNN, "OPTIONS": values} for alias, values in options.items()
            },
        }
        return sorted(options)

    return declare


def islands(*, count=24, people=6, items=5, seed=1):
    """Small groups that have nothing in common, so that a change concerns a few rows of many."""
    rng = np.random.default_rng(seed)
    stocked = stock(*(f"sku-{number:03}" for number in range(count * items)))
    goods = [stocked[key] for key in sorted(stocked)]
    folk = visitors(count * people)
    lines = [
        (who, goods[place // people * items + int(which)], float(rng.uniform(1, 99)))
        for place, who in enumerate(folk)
        for which in rng.choice(items, rng.integers(1, items), replace=False)
    ]
    happen(*lines)
    return folk, goods


def rows_of(build):
    return {
        (table, row): bytes(payload)
        for table, row, payload in BuildRow.objects.filter(build=build).values_list("table", "row", "payload")
    }


def again(clock, aliases):
    """What became of each alias by a rebuild of what changed, held against a whole one."""
    done = rebuild(clock=clock, aliases=aliases, changed=True)["recommenders"]
    ours = {alias: rows_of(live_builds("")[alias]) for alias in aliases}
    rebuild(clock=clock, aliases=aliases)
    for alias in aliases:
        assert rows_of(live_builds("")[alias]) == ours[alias], alias
    return {alias: told["how"] for alias, told in done.items()}


def change(rng, folk, goods):
    """Something that happens to a shop from one day to the next."""
    who, other = (folk[place] for place in rng.choice(len(folk), 2, replace=False))
    what = goods[int(rng.integers(len(goods)))]
    name = str(
        rng.choice(["more", "cancelled", "merged", "new item", "forgotten", "gone item", "moved item"])
    )
    if name == "more":
        happen((who, what, 0.5), (who, goods[int(rng.integers(len(goods)))], 0.4))
    elif name == "cancelled":
        for event in Event.objects.filter(visitor=who)[:1]:
            happen((who, event.item, 0.1), kind=Kind.REFUND)
    elif name == "merged":
        Event.objects.filter(visitor=other).update(visitor=who)
    elif name == "new item":
        key = f"sku-{int(rng.integers(120)):03}-{Item.objects.count()}"
        happen((who, stock(key)[key], 0.2), (other, Item.objects.get(key=key), 0.2))
    elif name == "forgotten":
        Event.objects.filter(visitor=who).update(flags=1)
    elif name == "gone item":
        Event.objects.filter(item=what).update(flags=1)
    else:
        Event.objects.filter(visitor=who, item=what).update(item=goods[int(rng.integers(len(goods)))])


@pytest.mark.parametrize("seed", range(4))
def test_any_changes_give_the_bytes_of_a_whole_rebuild(clock, tables, seed):
    aliases = tables(**OPTIONS)
    folk, goods = islands(seed=seed)
    rng = np.random.default_rng(seed)
    rebuild(clock=clock, aliases=aliases)
    ways = set()
    for _ in range(4):
        for _ in range(int(rng.integers(1, 4))):
            change(rng, folk, goods)
        ways |= set(again(clock, aliases).values())
    assert "updated" in ways


def test_updates_build_on_updates(clock, tables):
    aliases = tables(cosine={"neighbors": 3})
    folk, goods = islands()
    rebuild(clock=clock, aliases=aliases)
    whole = live_builds("")["cosine"]
    for place in range(3):
        happen((folk[place * 9], goods[place * 7], 0.1), (folk[place * 9 + 1], goods[place * 7 + 1], 0.1))
        trained = rebuild(clock=clock, aliases=aliases, changed=True)["recommenders"]["cosine"]
        assert (trained["how"], trained["metrics"]["of_build"]) == ("updated", whole)
        assert 0 < trained["bytes"] <= trained["expected_bytes"]
    updated = rows_of(live_builds("")["cosine"])
    assert rebuild(clock=clock, aliases=aliases)["recommenders"]["cosine"]["how"] == "learned"
    assert rows_of(live_builds("")["cosine"]) == updated


def test_few_rows_are_compared_again(clock, tables, monkeypatch):
    from personalization.store import earlier_builds

    aliases = tables(cosine={"neighbors": 3})
    folk, goods = islands()
    rebuild(clock=clock, aliases=aliases)
    happen(*((folk[0], item, 0.1) for item in goods[:5]))
    compared = []
    changed = earlier_builds._changed
    monkeypatch.setattr(
        earlier_builds,
        "_changed",
        lambda table, names, rows: compared.extend(names) or changed(table, names, rows),
    )
    assert rebuild(clock=clock, aliases=aliases, changed=True)["recommenders"]["cosine"]["how"] == "updated"
    told = np.frombuffer(rows_of(live_builds("")["cosine"])[BuildRow.Table.VOCABULARY, 0], "<i4")
    assert {told[row] for row in compared} == {item.pk for item in goods[:5]}
    assert len(compared) == 10  # in each of the two tables


def test_where_nothing_changed_everything_stays(clock):
    busy_shop()
    rebuild(clock=clock)
    live = live_builds("")
    done = rebuild(clock=clock, changed=True)["recommenders"]
    # Lists of single visitors end with time, so that nothing has to happen for them to change.
    lists = set(Build.objects.filter(visitor_rows__gt=0).values_list("alias", flat=True))
    assert {alias for alias, told in done.items() if told["how"] == "unchanged"} == set(live) - lists
    assert {"item-cosine", "popularity"}.isdisjoint(lists)
    assert {alias for alias, build in live_builds("").items() if build == live[alias]} == set(live) - lists
    assert live_builds("") == {alias: told["build"] for alias, told in done.items()}


def test_what_cannot_be_updated_is_learned(clock, tables):
    aliases = tables(cosine={"neighbors": 3}, lift={"similarity": "lift", "min_together": 1})
    folk, goods = islands()
    rebuild(clock=clock)
    happen((folk[0], goods[4], 0.1), (folk[0], goods[3], 0.1), (folk[0], goods[2], 0.1))
    how = again(clock, [*aliases, "popularity", "auto"])
    assert how == {"cosine": "updated", "lift": "learned", "popularity": "learned", "auto": "learned"}


def test_other_options_are_learned(clock, tables):
    tables(cosine={"neighbors": 3})
    islands()
    rebuild(clock=clock, aliases=["cosine"])
    tables(cosine={"neighbors": 4})
    assert again(clock, ["cosine"]) == {"cosine": "learned"}


def test_where_most_changed_all_is_learned(clock, tables):
    aliases = tables(cosine={"neighbors": 3})
    busy_shop()
    rebuild(clock=clock, aliases=aliases)
    who = Visitor.objects.first()
    happen(*((who, item, 0.1) for item in Item.objects.all()))
    assert again(clock, aliases) == {"cosine": "learned"}


def test_a_build_of_before_the_prints_is_learned(clock, tables):
    aliases = tables(cosine={"neighbors": 3})
    islands()
    rebuild(clock=clock, aliases=aliases)
    BuildRow.objects.filter(table=BuildRow.Table.PRINTS).delete()
    assert again(clock, aliases) == {"cosine": "learned"}


@pytest.mark.parametrize("redeclared", [False, True])
def test_a_run_goes_on_where_its_worker_was_killed(clock, recommenders, monkeypatch, redeclared):
    """The first worker is replaced between two aliases; the second learns only what the first had not published."""
    busy_shop(people=4)
    recommenders(a=("Listening", {}), b=("Plain", {}), c=("Listening", {}))
    Listening.heard.clear()
    from tests.learning.recommenders import Plain

    run = request_run("rebuild", tenant="", now=clock(), arguments={"aliases": ["a", "b", "c"]}).run

    def killed(self, interactions):
        clock.now += 61_000_000
        raise LostLeaseError("the worker is gone")

    with monkeypatch.context() as dying:
        dying.setattr(Plain, "fit", killed)
        assert [done.error for done in run_due(clock=clock)] == ["the worker is gone"]
    assert (Run.objects.get().state, set(live_builds(""))) == (Run.State.RUNNING, {"a"})
    first = live_builds("")["a"]
    if redeclared:
        Build.objects.filter(pk=first).update(recommender={"backend": "other", "options": {}})
    assert [done.error for done in run_due(clock=clock)] == [""]
    report = Run.objects.get(pk=run).report["recommenders"]
    assert (report["b"]["how"], report["c"]["how"]) == ("learned", "learned")
    assert (report["a"]["how"], report["a"]["build"] == first) == (
        ("learned", False) if redeclared else ("kept", True)
    )
    assert len(Listening.heard) == (3 if redeclared else 2)
    assert live_builds("")["a"] == report["a"]["build"]


def test_another_run_keeps_nothing(clock, recommenders):
    busy_shop(people=4)
    recommenders(a=("Plain", {}))
    first = rebuild(clock=clock, aliases=["a"])["recommenders"]["a"]
    second = rebuild(clock=clock, aliases=["a"])["recommenders"]["a"]
    assert second["how"] == "learned"
    assert second["build"] != first["build"]
    assert claim_run(Run.objects.latest("pk").pk, now=clock(), lease_seconds=1) is None
