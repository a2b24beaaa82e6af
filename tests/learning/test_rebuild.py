import logging

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from personalization.engine.catalog import UNKNOWN_TIME
from personalization.engine.types import Kind
from personalization.exceptions import InvalidInputError
from personalization.learning.job import AlreadyRunningError, RunFailedError
from personalization.learning.rebuild import rebuild
from personalization.models import Build, BuildRow, Event, Item, Rating, Run
from personalization.store.builds import live_builds
from personalization.store.runs import LostLeaseError, claim_run, request_run
from tests.learning.recommenders import Listening
from tests.learning.shop import DAY, NOW, Clock, busy_shop, happen, stock, visitors

pytestmark = pytest.mark.django_db

BUILT_IN = {"auto", "item-cosine", "popularity", "popularity-recent", "repeat-purchase"}


@pytest.fixture
def clock():
    return Clock()


def test_every_recommender_is_learned_and_published(clock):
    busy_shop()
    result = rebuild(clock=clock)
    assert set(result["recommenders"]) == set(live_builds("")) == BUILT_IN
    for alias, trained in result["recommenders"].items():
        build = Build.objects.get(pk=live_builds("")[alias])
        assert trained["build"] == build.pk
        assert (trained["state"], build.state) == ("ready", Build.State.READY)
        assert (trained["items"], trained["visitors"], build.interactions) == (12, 60, 240)
        assert 0 < trained["bytes"] == build.bytes <= trained["expected_bytes"]
        assert trained["peak_rss_mb"] > 1
        assert trained["metrics"] == build.metrics


def test_the_run_is_kept_with_its_report(clock):
    busy_shop()
    result = rebuild(clock=clock)
    run = Run.objects.get()
    assert (run.state, run.attempt, run.report) == (Run.State.SUCCEEDED, 1, result)
    assert set(Build.objects.values_list("run", flat=True)) == {run.pk}


def test_the_report_says_what_was_left_out(clock):
    goods = stock("a", "b")
    who, other = visitors(2)
    happen((who, goods["a"], 1), (who, goods["a"], 1), (other, goods["b"], 2))
    happen((who, goods["b"], 1), kind=Kind.HIDE)
    happen((other, goods["b"], 1), kind=Kind.REFUND)
    report = rebuild(clock=clock)["report"]
    assert report["events"] == {
        "read": 5,
        "flagged": 0,
        "refunds": 1,
        "cancelled": 1,
        "duplicates": 1,
        "without_weight": {"hide": 1},
        "disliked": 0,
        "spikes": 0,
        "bursts": 0,
        "capped": 0,
        "kept": 1,
    }
    assert report["ratings"] == 0
    assert (report["items"], report["visitors"], report["catalog"]) == (
        1,
        1,
        {"stored": 0, "updated": 0, "retired": 0},
    )


def test_quality_is_measured_beside_popularity(clock):
    busy_shop()
    metrics = rebuild(clock=clock, aliases=["item-cosine"])["recommenders"]["item-cosine"]["metrics"]
    assert metrics["ndcg@10"] > metrics["popularity"]["ndcg@10"] > 0
    assert set(metrics) == {"recall@10", "ndcg@10", "popularity", "visitors"}


def test_too_few_visitors_are_no_measure_of_quality(clock):
    busy_shop(people=10)
    metrics = rebuild(clock=clock, aliases=["popularity"])["recommenders"]["popularity"]["metrics"]
    assert "20 are needed" in metrics["skipped"]


def test_the_highest_key_has_the_lowest_row(clock):
    goods = stock("b", "c", "a")
    who = visitors(1)[0]
    happen(*((who, item, 1) for item in goods.values()))
    rebuild(clock=clock, aliases=["popularity"])
    vocabulary = BuildRow.objects.get(table=BuildRow.Table.VOCABULARY).payload
    ids = [int.from_bytes(bytes(vocabulary)[at : at + 4], "little") for at in (0, 4, 8)]
    assert ids == [goods["c"].pk, goods["b"].pk, goods["a"].pk]


def test_what_happened_at_or_after_as_of_is_not_known(clock):
    goods = stock("a", "b", "c")
    who = visitors(1)[0]
    happen((who, goods["a"], 3), (who, goods["b"], 2), (who, goods["c"], 1))
    result = rebuild(clock=clock, aliases=["popularity"], as_of=NOW - 2 * DAY)
    assert result["recommenders"]["popularity"]["items"] == 1
    assert Build.objects.get().as_of.timestamp() * 1e6 == NOW - 2 * DAY


def test_only_the_newest_events_of_a_visitor_may_count(clock):
    goods = stock("a", "b", "c")
    who = visitors(1)[0]
    happen((who, goods["a"], 3), (who, goods["b"], 2), (who, goods["c"], 1))
    report = rebuild(clock=clock, aliases=["popularity"], most_per_visitor=2)["report"]
    assert (report["items"], report["events"]["capped"]) == (2, 1)


def test_the_setting_says_how_many_unless_the_run_does(clock, settings):
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "MOST_PER_VISITOR": 2}
    goods = stock("a", "b", "c")
    who = visitors(1)[0]
    happen((who, goods["a"], 3), (who, goods["b"], 2), (who, goods["c"], 1))
    assert rebuild(clock=clock, aliases=["popularity"])["report"]["events"]["capped"] == 1
    assert rebuild(clock=clock, aliases=["popularity"], most_per_visitor=1)["report"]["events"]["capped"] == 2
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "MOST_PER_VISITOR": None}
    assert rebuild(clock=clock, aliases=["popularity"])["report"]["events"]["capped"] == 0


@pytest.fixture
def heard(recommenders, settings):
    """What a recommender was told, one after the other."""
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "RATING_SCALE": (1, 5)}
    Listening.heard.clear()
    recommenders(mine=("Listening", {}))
    return Listening.heard


def rated(who, what, value, *, days=1.0):
    Rating.objects.create(
        visitor=who, item=what, value=value, scale_low=1, scale_high=5, rated_at=NOW - int(days * DAY)
    )
    happen((who, what, days), kind=Kind.RATE)


def test_all_that_is_known_reaches_a_recommender(clock, heard):
    goods = stock("a", "b")
    Item.objects.filter(key="b").update(
        title="A bowl",
        category="table",
        brand="Us",
        price="2.50",
        tags=["blue"],
        attributes={"size": "L"},
        listed_at=NOW,
    )
    who, other = visitors(2)
    happen((who, goods["a"], 3), (who, goods["b"], 3), (other, goods["b"], 2))
    Event.objects.update(unit_price="1.25", quantity="2", order="A-1")
    rated(who, goods["b"], 4)
    report = rebuild(clock=clock, aliases=["mine"])["report"]
    told = heard[0]
    catalog = told.catalog
    assert (catalog.titles, catalog.categories, catalog.brands) == (("A bowl", ""), ("table", ""), ("Us", ""))
    assert (catalog.tags, catalog.attributes) == ((("blue",), ()), ({"size": "L"}, {}))
    assert (catalog.prices[0], catalog.listed_at[0]) == (2.5, NOW)
    assert told.items.tolist()[2:] == [0, 0]
    assert told.kinds.tolist() == [Kind.PURCHASE] * 3 + [Kind.RATE]
    assert (told.quantities.tolist(), told.orders.tolist()) == ([2, 2, 2, 1], [0, 0, 1, -1])
    assert told.prices[:3].tolist() == [1.25] * 3
    assert told.ratings[3] == 4
    assert report["ratings"] == 1


def test_what_is_rated_low_was_not_liked(clock, heard):
    goods = stock("a", "b")
    who, other = visitors(2)
    happen((who, goods["a"], 9), (who, goods["b"], 9), (other, goods["b"], 8))
    rated(who, goods["a"], 5, days=3)
    rated(who, goods["b"], 2, days=2)
    report = rebuild(clock=clock, aliases=["mine"])["report"]
    assert (report["events"]["disliked"], report["ratings"]) == (2, 2)
    assert len(heard[0]) == 3
    low = heard[0].dislikes
    assert (low.visitors.tolist(), low.items.tolist(), low.ratings.tolist()) == ([0], [0], [2])
    assert set(zip(heard[0].visitors.tolist(), heard[0].items.tolist(), strict=True)) == {(0, 1), (1, 0)}


def test_as_of_knows_neither_later_ratings_nor_later_listings(clock, heard):
    goods = stock("a")
    Item.objects.update(listed_at=NOW - 2 * DAY)
    who = visitors(1)[0]
    happen((who, goods["a"], 9))
    rated(who, goods["a"], 1, days=2)
    rebuild(clock=clock, aliases=["mine"], as_of=NOW - 5 * DAY)
    assert (len(heard[0]), heard[0].ratings) == (1, None)
    assert heard[0].catalog.listed_at.tolist() == [UNKNOWN_TIME]


def test_shops_of_any_size_are_read_in_a_few_statements(clock, heard):
    busy_shop(people=6)
    with CaptureQueriesContext(connection) as few:
        rebuild(clock=clock, aliases=["mine"])
    busy_shop(people=60, tenant="b")
    with CaptureQueriesContext(connection) as many:
        rebuild(clock=clock, aliases=["mine"], tenant="b")
    assert len(few) == len(many)


def test_tenants_are_learned_apart(clock):
    busy_shop(people=8)
    busy_shop(people=6, tenant="b")
    assert rebuild(clock=clock, tenant="b", aliases=["popularity"])["report"]["visitors"] == 6
    assert (live_builds(""), set(live_builds("b"))) == ({}, {"popularity"})


@pytest.mark.parametrize("active", [True, False])
def test_one_visitor_with_one_item_is_enough(clock, active):
    goods = stock("a", active=active)
    happen((visitors(1)[0], goods["a"], 1))
    assert set(rebuild(clock=clock)["recommenders"]) == BUILT_IN


def test_without_events_the_old_tables_stay(clock):
    busy_shop()
    live = rebuild(clock=clock) and live_builds("")
    with pytest.raises(RunFailedError, match="nothing to learn from: 0 events"):
        rebuild(clock=clock, as_of=NOW - 1000 * DAY)
    assert live_builds("") == live
    assert Run.objects.latest("pk").state == Run.State.FAILED


def test_old_builds_are_removed(clock, settings):
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "BUILDS_KEPT": 2}
    busy_shop(people=4)
    for _ in range(3):
        result = rebuild(clock=clock, aliases=["popularity"])
    assert (result["report"]["dropped_builds"], Build.objects.count()) == (1, 2)


def test_the_catalog_of_the_shop_is_read_first(clock, settings):
    settings.PERSONALIZATION = {"ADAPTER": "tests.store.test_sync.Mugs"}
    happen((visitors(1)[0], stock("m0")["m0"], 1))
    catalog = rebuild(clock=clock, aliases=["popularity"])["report"]["catalog"]
    assert catalog == {"stored": 2, "updated": 1, "retired": 0}


def test_unknown_recommenders_are_refused_before_anything_happens(clock):
    with pytest.raises(InvalidInputError, match="there is no 'nope'"):
        rebuild(clock=clock, aliases=["nope"])
    with pytest.raises(InvalidInputError, match="most_per_visitor"):
        rebuild(clock=clock, most_per_visitor=0)
    assert not Run.objects.exists()


def test_only_one_worker_rebuilds_a_tenant(clock):
    busy_shop(people=4)
    run = request_run("rebuild", tenant="", now=clock()).run
    claim_run(run, now=clock(), lease_seconds=60)
    with pytest.raises(
        AlreadyRunningError, match=rf"already running \(run #{run}, started 2023-11-14T22:13:20"
    ):
        rebuild(clock=clock)


def test_what_somebody_else_requested_is_done_first(clock):
    busy_shop(people=4)
    request_run("rebuild", tenant="", now=clock(), arguments={"aliases": ["popularity"]})
    result = rebuild(clock=clock, aliases=["auto"])
    assert set(result["recommenders"]) == {"auto"}
    assert set(live_builds("")) == {"auto", "popularity"}


def test_the_same_request_is_taken_over(clock):
    busy_shop(people=4)
    run = request_run("rebuild", tenant="", now=clock()).run
    assert rebuild(clock=clock)["report"]["run"] == run
    assert Run.objects.count() == 1


def test_a_run_that_was_given_up_makes_room(clock):
    busy_shop(people=4)
    run = request_run("rebuild", tenant="", now=clock()).run
    for _ in range(3):
        claim_run(run, now=clock(), lease_seconds=1)
        clock.now += 2_000_000
    assert rebuild(clock=clock, aliases=["popularity"])["report"]["run"] != run


@pytest.mark.parametrize(
    ("how", "line"),
    [
        ("bug", "ZeroDivisionError: division by zero"),
        ("refusal", "shape: this shop has none"),
        ("memory", "out of memory; lower MEMORY_BUDGET_MB"),
    ],
)
def test_a_recommender_that_fails_keeps_its_old_build(clock, recommenders, caplog, how, line):
    busy_shop(people=4)
    recommenders(mine=("Plain", {}))
    rebuild(clock=clock)
    live = live_builds("")
    recommenders(mine=("Broken", {"how": how}))
    with caplog.at_level(logging.ERROR), pytest.raises(RunFailedError) as failure:
        rebuild(clock=clock)
    assert line in str(failure.value)
    assert "\n" not in str(failure.value)
    assert line in caplog.text
    assert live_builds("")["mine"] == live["mine"]
    assert all(live_builds("")[alias] > live[alias] for alias in BUILT_IN)
    assert line in Run.objects.latest("pk").error


def test_an_interrupted_run_is_closed(clock, recommenders):
    busy_shop(people=4)
    recommenders(mine=("Broken", {"how": "stop"}))
    with pytest.raises(KeyboardInterrupt):
        rebuild(clock=clock, aliases=["mine"])
    run = Run.objects.get()
    assert (run.state, run.error, run.busy) == (Run.State.FAILED, "interrupted", None)


def test_a_worker_that_was_replaced_publishes_nothing(clock, monkeypatch):
    busy_shop(people=4)
    from personalization.learning import training

    def replaced(recommender, interactions):
        clock.now += 61_000_000
        assert claim_run(Run.objects.get().pk, now=clock(), lease_seconds=60)
        return {}

    monkeypatch.setattr(training, "measure", replaced)
    with pytest.raises(LostLeaseError):
        rebuild(aliases=["item-cosine"], clock=clock)
    assert live_builds("") == {}
    assert Run.objects.get().state == Run.State.RUNNING


def test_a_table_that_cannot_be_written_is_a_failed_build(clock, monkeypatch):
    busy_shop(people=4)
    from personalization.learning import training

    def full(*args, **options):
        raise OSError("No space left on device")

    monkeypatch.setattr(training, "write_tables", full)
    with pytest.raises(RunFailedError, match="No space left"):
        rebuild(clock=clock, aliases=["popularity"])
    build = Build.objects.get()
    assert (build.state, build.metrics) == (Build.State.FAILED, {"error": "OSError: No space left on device"})


def test_the_memory_budget_is_the_projects_unless_options_say_another(clock, settings):
    busy_shop(people=4)
    own = {
        "BACKEND": "personalization.engine.recommenders.item_knn.ItemKNN",
        "OPTIONS": {"memory_budget_mb": 99},
    }
    settings.PERSONALIZATION = {
        **settings.PERSONALIZATION,
        "MEMORY_BUDGET_MB": 77,
        "RECOMMENDERS": {"mine": own},
    }
    rebuild(clock=clock)
    budgets = {
        build.alias: build.recommender["options"].get("memory_budget_mb") for build in Build.objects.all()
    }
    assert budgets == {
        "mine": 99,
        "auto": 77,
        "item-cosine": 77,
        "popularity": None,
        "popularity-recent": None,
        "repeat-purchase": None,
    }
