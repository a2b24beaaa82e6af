"""Lists that a recommender worked out for each visitor, as pages serve them."""

from dataclasses import replace

import numpy as np
import pytest

from personalization.engine import Interactions
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.recency_blend import RecencyBlend
from personalization.engine.recommenders.user_knn import UserKNN
from personalization.engine.tables import Ranking, SparseRows, pack_row, pack_rows, unpack_row
from personalization.engine.types import Identity, IdentityKind, Kind, Mode
from personalization.models import VisitorRow
from personalization.privacy.choice import choose
from personalization.privacy.erasure import erase
from personalization.store import listed
from personalization.store.builds import NewBuild, create_build, publish_build, write_tables
from personalization.store.items import item_ids
from personalization.store.people import join_visitor, separate_visitor
from tests.served import ANNA, CATALOG, MINUTE, NOW, keys, reasons

BEN = Identity(IdentityKind.USER, "ben")
BROWSER = Identity(IdentityKind.VISITOR, "anna's")
WEIGHTS = {"a": {"b": 0.9, "c": 0.5}, "e": {"f": 0.8, "g": 0.2}}
SLOTS = {
    "for_you": {"RECOMMENDER": "auto"},
    "bare": {"KIND": "for_you", "FILL": False},
    "anything": {"KIND": "for_you", "EXCLUDE": "none", "FILL": False},
}


@pytest.fixture(autouse=True)
def _slots(shop, settings):
    settings.PERSONALIZATION = {**CATALOG, "SLOTS": SLOTS}


def test_the_list_comes_first_and_the_ladder_fills_up(shop):
    shop.publish("auto", ranking="cbh", visitors={ANNA: {"g": 0.5, "d": 1.0}})
    assert keys(shop.ask(count=4)) == "dgcb"
    assert keys(shop.ask("bare", count=4)) == "dg"
    assert keys(shop.ask(count=3, identity=BEN)) == keys(shop.ask(count=3, identity=None)) == "cbh"


def test_what_weights_reach_comes_behind_the_list(shop):
    shop.buys("a")
    shop.publish("auto", weights=WEIGHTS, visitors={ANNA: {"g": 0.5, "c": 1.0}})
    answer = shop.ask("bare", count=4)
    assert keys(answer) == "cgb"
    assert [item.score for item in answer.items] == sorted((i.score for i in answer.items), reverse=True)


def test_bought_and_hidden_items_do_not_come_back_from_a_list(shop):
    shop.publish("auto", visitors={ANNA: {"g": 0.5, "d": 1.0, "a": 2.0, "h": 3.0}})
    shop.buys("a")
    shop.does(Kind.HIDE, "h")
    assert keys(shop.ask("bare", count=8)) == "dg"
    assert keys(shop.ask("anything", count=8)) == "adg"


def test_a_slot_that_repeats_uses_the_list_that_was_made_for_it(shop):
    shop.buys("a")
    shop.publish("auto", visitors={ANNA: {"d": 1.0}}, repeats={ANNA: {"a": 2.0, "d": 1.0}})
    assert keys(shop.ask("anything", count=4)) == "ad"
    assert keys(shop.ask("bare", count=4)) == "d"


def test_what_happened_since_reorders_the_list(shop):
    shop.buys("a")
    shop.publish("auto", weights=WEIGHTS, visitors={ANNA: {"d": 1.0, "g": 0.3}}, as_of=shop.clock + 1)
    assert keys(shop.ask("bare", count=4)) == "dgbc"
    shop.does(Kind.VIEW, "e")
    # f: 0.5 · 0.8/0.8, g: 0.3 + 0.5 · 0.2/0.8, then what the whole history speaks for
    answer = shop.ask("bare", count=5)
    assert keys(answer) == "dfgbc"
    assert reasons(answer) == {
        "d": ("your_history", ""),
        "f": ("because_viewed", "e"),
        "g": ("because_viewed", "e"),
        "b": ("because_bought", "a"),
        "c": ("because_bought", "a"),
    }
    assert answer.mode is Mode.PERSONALIZED


def test_what_the_build_had_seen_does_not_count_twice(shop):
    shop.does(Kind.VIEW, "e")
    shop.publish("auto", weights=WEIGHTS, visitors={ANNA: {"d": 1.0, "g": 0.3}}, as_of=shop.clock + 1)
    assert keys(shop.ask("bare", count=4)) == "dgf"
    shop.publish("auto", weights=WEIGHTS, visitors={ANNA: {"d": 1.0, "g": 0.3}}, as_of=shop.clock)
    assert keys(shop.ask("bare", count=4)) == "dfg"


def test_only_what_is_new_is_the_reason_for_what_it_brought(shop):
    """The old purchase says more for the item, but the list was made with it and does not hold the item."""
    shop.buys("a")
    shop.publish(
        "auto",
        weights={"a": {"b": 0.9}, "e": {"b": 0.1}},
        visitors={ANNA: {"d": 1.0}},
        as_of=shop.clock + 1,
    )
    assert reasons(shop.ask("bare"))["b"] == ("because_bought", "a")
    shop.does(Kind.VIEW, "e")
    assert reasons(shop.ask("bare"))["b"] == ("because_viewed", "e")


def test_the_reason_of_a_listed_item_is_in_the_shoppers_words(shop):
    shop.publish("auto", visitors={ANNA: {"d": 1.0}})
    (item,) = shop.ask("bare").items
    assert item.text == "Worked out from what you did in this shop"


def test_an_older_build_is_served_with_its_own_lists(shop):
    first = shop.publish("auto", keys="abcd", visitors={ANNA: {"b": 1.0}})
    shop.publish("auto", keys="hgfe", visitors={ANNA: {"e": 1.0}})
    assert keys(shop.ask("bare")) == "e"
    from personalization.store.builds import serve_build

    serve_build(first, now=NOW)
    assert keys(shop.ask("bare")) == "b"


@pytest.mark.parametrize("payload", [b"", b"\1\1\0\0", b"\1\1" + bytes(200)])
def test_a_damaged_list_is_passed_over(shop, payload, caplog):
    shop.publish("auto", ranking="cb", visitors={ANNA: {"d": 1.0}})
    VisitorRow.objects.update(payload=payload)
    assert keys(shop.ask(count=2)) == "cb"
    assert "damaged" in caplog.text


def test_a_list_that_names_no_item_of_the_build_is_passed_over(shop, caplog):
    shop.publish("auto", keys="abcdefgh", ranking="cb", visitors={ANNA: {"h": 1.0}})
    small = shop.publish("auto", keys="abc", ranking="cb")
    VisitorRow.objects.update(build=small)
    from personalization.models import Build

    Build.objects.filter(pk=small).update(visitor_rows=1)
    assert keys(shop.ask(count=2)) == "cb"
    assert "outside the vocabulary" in caplog.text


def test_one_statement_a_page_and_one_more_when_the_process_hears_of_lists(shop, django_assert_num_queries):
    shop.publish("auto", visitors={ANNA: {"d": 1.0}}, repeats={ANNA: {"d": 1.0, "e": 2.0}})
    shop.ask("anything")  # the cards of both
    listed._known.clear()
    with django_assert_num_queries(2):
        assert keys(shop.ask("bare")) == "d"
    with django_assert_num_queries(1):
        assert keys(shop.ask("bare")) == "d"
    shop.publish("auto", visitors={ANNA: {"e": 1.0}})
    shop.ask("bare", identity=BEN)  # loads the new build
    with django_assert_num_queries(1):
        assert keys(shop.ask("bare")) == "e"


def test_a_list_that_no_slot_needs_is_not_read(shop):
    shop.publish("auto", visitors={ANNA: {"d": 1.0}}, repeats={ANNA: {"e": 1.0}})
    shop.ask("bare")
    assert listed.held_lists("") == listed.ListsAsked(("auto",), (listed.NEW_ITEMS,))
    assert keys(shop.ask("anything")) == "e"
    assert listed.held_lists("").tables == (listed.NEW_ITEMS, listed.ALL_ITEMS)


def test_where_no_build_has_lists_none_are_asked_for(shop, django_assert_num_queries):
    shop.publish("auto", weights=WEIGHTS)
    shop.buys("a")
    shop.ask("bare")
    with django_assert_num_queries(1) as captured:
        shop.ask("bare")
    assert "visitorrow" not in captured[0]["sql"]


def test_a_build_without_lists_ends_the_asking(shop, django_assert_num_queries):
    shop.publish("auto", visitors={ANNA: {"d": 1.0}})
    shop.ask("bare")
    shop.publish("auto", weights=WEIGHTS)
    for _ in range(2):
        shop.ask("bare")
    with django_assert_num_queries(1) as captured:
        shop.ask("bare")
    assert "visitorrow" not in captured[0]["sql"]


def test_the_list_of_a_browser_is_found_after_the_login(shop):
    shop.publish("auto", visitors={BROWSER: {"d": 1.0}})
    browser, account = shop.visitor(BROWSER), shop.visitor(ANNA)
    assert keys(shop.ask("bare")) == ""
    assert join_visitor(browser, person=account)
    assert keys(shop.ask("bare")) == "d"
    assert keys(shop.ask("bare", identity=BROWSER)) == ""  # known alone to who is signed in


def test_a_persons_own_list_comes_before_that_of_a_browser(shop):
    shop.publish("auto", visitors={ANNA: {"e": 1.0}, BROWSER: {"d": 1.0}})
    assert join_visitor(shop.visitor(BROWSER), person=shop.visitor(ANNA))
    assert keys(shop.ask("bare")) == "e"


def test_separated_again_nobody_keeps_what_was_worked_out_for_both(shop):
    browser, account = shop.visitor(BROWSER), shop.visitor(ANNA)
    join_visitor(browser, person=account)
    shop.publish("auto", visitors={ANNA: {"e": 1.0}, BEN: {"f": 1.0}})
    assert separate_visitor(browser)
    assert VisitorRow.objects.get().visitor_id == shop.visitor(BEN)


@pytest.mark.parametrize("forget", ["erase", "refuse"])
def test_whoever_wants_to_be_forgotten_has_no_list_in_any_build(shop, forget):
    join_visitor(shop.visitor(BROWSER), person=shop.visitor(ANNA))
    for _ in range(2):
        shop.publish("auto", visitors={ANNA: {"e": 1.0}, BROWSER: {"d": 1.0}, BEN: {"f": 1.0}})
    assert VisitorRow.objects.count() == 6
    if forget == "erase":
        assert erase([ANNA], now=NOW).removed["prepared_lists"] == 4
    else:
        choose(ANNA, agreed=False, now=NOW)
    assert set(VisitorRow.objects.values_list("visitor_id", flat=True)) == {shop.visitor(BEN)}
    assert keys(shop.ask("bare")) == ""
    assert keys(shop.ask("bare", identity=BEN)) == "f"


class Both(UserKNN):
    """Lists of similar people, item weights and a prior, as a blend of recommenders may publish them."""

    def fit(self, interactions):
        fitted, blend = super().fit(interactions), RecencyBlend(neighbors=8).fit(interactions)
        return FittedTables(replace(blend.learned, visitors=fitted.learned.visitors), fitted.history)


def packed(table):
    """As it comes out of the database again."""
    if table is None:
        return None
    rows = {row: unpack_row(payload) for row, payload in pack_rows(table)}
    values = [rows[row][1] for row in sorted(rows)]
    return SparseRows(table.indptr, table.indices, np.concatenate(values))


@pytest.mark.parametrize("slot", ["for_you", "anything"])
@pytest.mark.parametrize("recommender", [UserKNN(neighbors=5), Both(neighbors=3, list_length=4)], ids=type)
def test_serving_gives_what_the_recommender_gives(shop, recommender, slot):
    random = np.random.default_rng(4)
    names = [f"item-{number:02}" for number in range(30)]
    shop.stock(names)
    people = [Identity(IdentityKind.USER, f"user-{number}") for number in range(12)]
    pairs = [(who, int(what)) for who in range(12) for what in random.choice(30, 1 + who % 7, replace=False)]
    for who, what in pairs:
        shop.buys([names[what]], identity=people[who])
    visitors, items = np.array(pairs, np.int32).T
    times = shop.clock - MINUTE * np.arange(len(pairs), 0, -1, dtype=np.int64)
    interactions = Interactions(
        visitors.copy(), items.copy(), np.ones(len(pairs), np.float32), 12, 30, times=times
    )
    fitted = recommender.fit(interactions)
    ids = item_ids(names, tenant="")
    build = create_build(NewBuild(alias="auto", as_of=NOW), now=NOW)
    write_tables(
        build,
        fitted.tables(),
        np.array([ids[name] for name in names], np.int32),
        visitor_ids=np.array([shop.visitor(one) for one in people], np.int64),
    )
    publish_build(build, now=NOW)
    learned = fitted.learned
    ranking = Ranking(*unpack_row(pack_row(learned.ranking.items, learned.ranking.scores)))
    as_stored = replace(learned, weights=packed(learned.weights), ranking=ranking)
    stored = FittedTables(as_stored, fitted.history)
    wanted, _ = stored.recommend(np.arange(12), count=10, exclude_seen=slot == "for_you")
    for who, row in zip(people, wanted, strict=True):
        expected = [names[item] for item in row if item >= 0]
        served = [item.key for item in shop.ask(slot, count=10, identity=who).items]
        assert served[: len(expected)] == expected
        assert expected
