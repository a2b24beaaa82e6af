import json

import pytest
from django.http import HttpRequest

from personalization.engine.instants import from_micros
from personalization.engine.types import Identity, IdentityKind, Kind, Mode, Query
from personalization.exceptions import InvalidInputError
from personalization.models import Rating
from personalization.serving import answer_dict, read_token, recommend_json
from personalization.store.items import item_ids
from tests.served import CATALOG, NOW, Shop, keys, reasons

WEIGHTS = {"a": {"b": 0.9, "c": 0.5, "d": 0.1}, "e": {"c": 0.6, "f": 0.2}}
BEN = Identity(IdentityKind.VISITOR, "ben")


@pytest.fixture
def learned(shop):
    shop.publish("auto", weights=WEIGHTS)
    shop.publish("item-cosine", neighbors={"a": {"g": 0.8, "b": 0.7, "c": 0.1}, "e": {"b": 0.7}})
    shop.publish("popularity-recent", ranking="hgf")
    shop.publish("popularity", ranking="abcdefgh")
    return shop


def test_items_follow_what_was_bought_and_say_so(learned):
    learned.buys("ae")
    answer = learned.ask(count=4)
    assert keys(answer) == "cbfd"
    assert reasons(answer) == {
        "c": ("because_bought", "ea"),
        "b": ("because_bought", "a"),
        "f": ("because_bought", "e"),
        "d": ("because_bought", "a"),
    }
    assert answer.items[0].text == "Because you bought Item e"
    assert answer.mode is Mode.PERSONALIZED


def test_without_the_named_evidence_the_score_is_lower(learned):
    learned.publish("auto", weights=WEIGHTS, ranking="fbcd", prior_share=0.4)
    learned.buys("ae")
    scores = {item.key: (item.score, item.reason.evidence) for item in learned.ask(count=4).items}
    for key, (score, evidence) in scores.items():
        for own in evidence:
            other = Identity(IdentityKind.USER, f"without {own}")
            learned.buys("ae".replace(own, ""), identity=other)
            without = {item.key: item.score for item in learned.ask(count=8, identity=other).items}
            assert without.get(key, 0.0) < score


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (Kind.VIEW, "because_viewed"),
        (Kind.CLICK, "because_viewed"),
        (Kind.CART_ADD, "because_carted"),
        (Kind.WISH, "because_wished"),
    ],
)
def test_the_reason_names_what_happened(learned, kind, code):
    learned.does(kind, "e")
    assert reasons(learned.ask(count=1)) == {"c": (code, "e")}


def test_the_strongest_thing_that_happened_is_named(learned):
    learned.buys("e")
    learned.does(Kind.VIEW, "e")
    assert reasons(learned.ask(count=1)) == {"c": ("because_bought", "e")}


def rate(shop, key, value):
    Rating.objects.create(
        visitor_id=shop.visitor(),
        item_id=item_ids([key], tenant="")[key],
        value=value,
        scale_low=1,
        scale_high=5,
        rated_at=from_micros(NOW - 1),
    )


def test_a_good_rating_is_a_reason_and_a_bad_one_keeps_the_item_away(learned):
    rate(learned, "e", 5)
    rate(learned, "f", 2)
    answer = learned.ask(count=8)
    assert reasons(answer)["c"] == ("because_rated", "e")
    assert "f" not in keys(answer)


def test_what_was_given_back_taken_out_or_marked_does_not_count(learned):
    learned.buys("a")
    learned.does(Kind.REFUND, "a", quantity="-1")
    learned.does(Kind.CART_ADD, "e")
    learned.does(Kind.CART_REMOVE, "e")
    learned.does(Kind.VIEW, "e", flags=1)
    answer = learned.ask(count=3)
    assert answer.mode is Mode.NON_PERSONALIZED
    assert set(reasons(answer).values()) == {("popular_recent", "")}


def test_bought_and_hidden_items_stay_away(learned):
    learned.buys("ac")
    learned.does(Kind.HIDE, "b")
    assert keys(learned.ask(count=8)) == "dhgfe"


def test_excluding_is_the_slots_choice(learned, settings):
    learned.buys("a")
    learned.does(Kind.VIEW, "b")
    slots = {"all": {"EXCLUDE": "none"}, "fresh": {"EXCLUDE": "seen"}, "wrong": {"EXCLUDE": "x"}}
    settings.PERSONALIZATION = {**CATALOG, "SLOTS": slots}
    assert "a" in keys(learned.ask("all", count=8))
    assert not {"a", "b"} & set(keys(learned.ask("fresh", count=8)))
    with pytest.raises(InvalidInputError, match="slot"):
        learned.ask("wrong")


def test_sold_out_items_never_take_a_place(learned):
    learned.buys("a")
    learned.stock("bc", active=False)
    assert keys(learned.ask(count=3)) == "dhg"


def test_a_starved_slot_looks_further_and_then_at_the_newest(settings, db):
    settings.PERSONALIZATION = CATALOG
    sold_out = [f"s{number}" for number in range(40)]
    shop = Shop([*sold_out, "x", "y"])
    shop.stock(sold_out, active=False)
    shop.publish("popularity", keys=[*sold_out, "x"], ranking=[*sold_out, "x"])
    answer = shop.ask(count=2)
    assert reasons(answer) == {"x": ("popular", ""), "y": ("newest", "")}


def test_with_no_build_at_all_the_newest_are_shown(shop):
    answer = shop.ask(identity=None)
    assert keys(answer) == "hgf"
    assert set(reasons(answer).values()) == {("newest", "")}
    assert (answer.mode, answer.build) == (Mode.NON_PERSONALIZED, None)


def test_the_ladder_repeats_nothing_and_its_scores_never_rise(learned):
    learned.buys("e")
    answer = learned.ask(count=8)
    assert keys(answer) == "cfhgabd"
    scores = [item.score for item in answer.items]
    assert scores == sorted(scores, reverse=True)


def test_the_blend_brings_common_items_as_what_they_are(learned):
    learned.publish("auto", weights=WEIGHTS, ranking="hgf", prior_share=0.3)
    learned.buys("e")
    assert reasons(learned.ask(count=3)) == {
        "c": ("because_bought", "e"),
        "f": ("because_bought", "e"),
        "h": ("popular", ""),
    }


def test_similar_items_name_their_seed(learned):
    answer = learned.ask("similar", item="a", count=2, identity=None)
    assert reasons(answer) == {"g": ("similar_item", "a"), "b": ("similar_item", "a")}
    assert answer.items[0].text == "Similar to Item a"
    assert answer.mode is Mode.CONTEXTUAL


def test_several_seeds_add_up(learned):
    answer = learned.ask("similar", item="ae", count=3, identity=None)
    assert reasons(answer) == {
        "b": ("similar_item", "ae"),
        "g": ("similar_item", "a"),
        "c": ("similar_item", "a"),
    }


def test_an_unknown_seed_falls_back(learned):
    answer = learned.ask("similar", item=["nowhere"], count=2, identity=None)
    assert (keys(answer), answer.mode) == ("hg", Mode.NON_PERSONALIZED)


def test_similar_needs_an_item(learned):
    with pytest.raises(InvalidInputError, match="item"):
        learned.ask("similar")


def test_recently_viewed_is_what_it_says_and_nothing_else(learned):
    learned.does(Kind.VIEW, "abca")
    answer = learned.ask("recently_viewed", item="c", count=5)
    assert keys(answer) == "ab"
    assert reasons(answer)["a"] == ("recently_viewed", "a")
    assert answer.mode is Mode.PERSONALIZED
    assert learned.ask("recently_viewed", identity=BEN).items == ()


def test_a_popular_slot_may_show_what_is_trending(learned, settings):
    learned.publish("trending", ranking="dc")
    settings.PERSONALIZATION = {**CATALOG, "SLOTS": {"hot": {"KIND": "popular", "RECOMMENDER": "trending"}}}
    answer = learned.ask("hot", count=4)
    assert keys(answer) == "dchg"
    assert reasons(answer)["d"] == ("popular", "")


def test_popular_is_the_same_for_everybody(learned):
    learned.buys("h")
    answer = learned.ask("popular", count=4)
    assert keys(answer) == "hgfa"
    assert [item.text for item in answer.items] == ["Popular right now"] * 3 + ["Popular with our customers"]
    assert answer.mode is Mode.NON_PERSONALIZED


def test_slots_of_one_page_repeat_nothing_but_the_view_history(learned):
    learned.buys("a")
    learned.does(Kind.VIEW, "b")
    page = HttpRequest()
    first = learned.ask(request=page, count=3)
    second = learned.ask("popular", request=page, count=8)
    assert not set(keys(first)) & set(keys(second))
    assert keys(learned.ask("recently_viewed", request=page)) == "b"


def test_what_the_page_is_about_is_not_recommended_on_it(learned):
    page = HttpRequest()
    learned.ask("similar", request=page, item="h", count=2)
    assert "h" not in keys(learned.ask("popular", request=page, count=8))


def test_two_people_on_one_request_do_not_share(learned):
    learned.buys("a")
    page = HttpRequest()
    learned.ask(request=page)
    assert learned.ask(request=page, identity=BEN).mode is Mode.NON_PERSONALIZED


def test_history_follows_the_person(learned):
    learned.buys("e", identity=BEN)
    learned.buys("a")
    learned.join(learned.visitor(BEN), learned.visitor())
    assert reasons(learned.ask(count=1))["c"] == ("because_bought", "ea")
    assert (
        learned.ask(count=1, identity=BEN).mode is Mode.NON_PERSONALIZED
    )  # a browser whose owner may have left


def test_what_happened_at_the_instant_or_later_is_ignored(learned):
    learned.buys("a")
    learned.buys("e")
    assert reasons(learned.ask(count=1, now=learned.clock))["b"] == ("because_bought", "a")


def test_a_history_beyond_the_limit_still_excludes(learned, settings):
    settings.PERSONALIZATION = {**CATALOG, "HISTORY_LIMIT": 1}
    learned.does(Kind.HIDE, "f")
    learned.buys("cge")
    rate(learned, "d", 1)
    assert keys(learned.ask(count=8)) == "hab"


def test_tenants_do_not_mix(learned):
    learned.buys("a")
    other = Shop("xyz", tenant="other")
    other.buys("x")
    answer = other.ask(count=3)
    assert set(keys(answer)) == {"y", "z"}
    assert read_token(answer.token).tenant == "other"


def test_the_token_says_what_was_shown(learned):
    build = learned.publish("auto", weights=WEIGHTS)
    learned.buys("ae")
    answer = learned.ask(count=2)
    token = read_token(answer.token)
    assert (token.id, token.slot, token.mode) == (answer.id, "for_you", Mode.PERSONALIZED)
    assert ("".join(token.items), token.build, token.at) == ("cb", build, NOW)
    assert (token.arm, token.propensity) == ("", 1.0)


def test_json_says_the_same(learned):
    learned.buys("ae")
    query = Query("for_you", NOW, count=5, identity=Identity(IdentityKind.USER, "anna"))
    written = json.loads(recommend_json(query))
    made = answer_dict(learned.ask(count=5), cards=True)
    for answer in (written, made):
        token = read_token(answer.pop("token"))
        assert (answer.pop("recommendation_id"), "".join(token.items)) == (token.id, "cbfdh")
    assert written == made


def test_a_history_that_nothing_is_known_of_falls_back(learned):
    learned.buys("h")
    assert reasons(learned.ask(count=1)) == {"g": ("popular_recent", "")}


def test_similar_without_a_build_falls_back(shop):
    assert set(reasons(shop.ask("similar", item="a")).values()) == {("newest", "")}


def test_every_answer_has_an_id_of_its_own(learned):
    assert learned.ask().id != learned.ask().id


@pytest.mark.parametrize("count", [0, -1, 101, True, "3"])
def test_counts_that_make_no_sense_are_refused(learned, count):
    with pytest.raises(InvalidInputError, match="count"):
        learned.ask(count=count)


def test_a_slot_takes_after_the_one_its_name_ends_with(learned):
    assert learned.ask("home.popular", count=2).slot == "home.popular"
    with pytest.raises(InvalidInputError, match="known: buy_again, for_you"):
        learned.ask("nonsense")
