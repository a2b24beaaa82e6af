import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from personalization.engine.types import Identity, IdentityKind
from personalization.store.catalog import CatalogAdapter
from tests.served import ANNA, CATALOG, Shop


@pytest.fixture
def shop(db, settings):
    settings.PERSONALIZATION = CATALOG
    shop = Shop()
    shop.publish("auto", weights={"a": {"b": 0.5, "c": 0.25}})
    shop.publish("item-cosine", neighbors={"a": {"c": 0.5}})
    shop.publish("popularity", ranking="hg")
    return shop


def run(*arguments):
    out = StringIO()
    call_command("recommend", *arguments, stdout=out)
    return out.getvalue()


def told(*arguments):
    return json.loads(run(*arguments, "--json"))


@pytest.mark.parametrize(
    ("option", "identity"),
    [
        ("--user=anna", ANNA),
        ("--email=ANNA@example.org", Identity(IdentityKind.EMAIL, "anna@example.org")),
        ("--visitor=anna", Identity(IdentityKind.VISITOR, "anna")),
    ],
)
def test_everybody_is_found_by_what_they_are_known_as(shop, option, identity):
    shop.buys("a", identity=identity)
    answer = told(option, "--count=1")
    assert answer.pop("recommendation_id")
    assert answer == {
        "mode": "personalized",
        "items": [
            {
                "item": "b",
                "score": 0.5,
                "reason": {"code": "because_bought", "text": "Because you bought Item a", "evidence": ["a"]},
            }
        ],
    }


def test_an_item_asks_for_similar_ones(shop):
    answer = told("--item=a", "--count=1")
    assert (answer["mode"], answer["items"][0]["item"]) == ("contextual", "c")


@pytest.mark.parametrize("key", ["z", "A", "a "])
def test_an_item_that_nobody_knows_is_refused_by_its_key(shop, key):
    with pytest.raises(CommandError) as refusal:
        run(f"--item={key}")
    assert str(refusal.value) == f"item: no item has the key {key!r}"


class Sizes(CatalogAdapter):
    def canonical_keys(self, keys, tenant=""):
        return {key: key.partition("-")[0] for key in keys if "-" in key}


def test_a_variant_asks_for_what_is_similar_to_its_product(shop, settings):
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.Sizes"}
    assert told("--item=a-XL", "--count=1")["items"][0]["item"] == "c"


def test_ten_items_are_the_default_and_a_slot_can_be_named(shop):
    assert len(told("--user=nobody")["items"]) == 8
    assert told("--user=nobody", "--slot=recently_viewed")["items"] == []


def test_as_of_goes_back_in_time(shop):
    shop.buys("a")
    assert told("--user=anna", "--as-of=2020-01-01")["mode"] == "non-personalized"
    assert told("--user=anna")["mode"] == "personalized"


def test_people_get_lines(shop):
    shop.buys("a")
    first, second, *_ = run("--user=anna").splitlines()
    assert first.startswith("personalized")
    assert second == "b  0.5000  Item b: Because you bought Item a"
    assert "Nothing to show." in run("--user=anna", "--slot=recently_viewed")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--user=a", "--item=b"),
        ("--user=anna", "--slot=nonsense"),
        ("--user=anna", "--count=0"),
        ("--user=anna", "--count=-1"),
        ("--user=anna", "--count=1000000000"),
        ("--user=anna", "--count=abc"),
        ("--user=anna", "--as-of=tomorrow"),
        ("--user=anna", "--as-of=0000"),
        ("--user=",),
        ("--item=",),
        ("--user=" + "x" * 300,),
        ("--user=a\0b",),
        ("--user=anna", "--slot=similar"),
        ("--unknown",),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(shop, arguments):
    with pytest.raises(CommandError) as refusal:
        run(*arguments)
    assert "\n" not in str(refusal.value).strip()


@pytest.mark.parametrize("key", ["0", "*", "all", "../1"])
def test_odd_keys_are_people_nobody_knows(shop, key):
    assert told(f"--user={key}")["mode"] == "non-personalized"


def test_an_empty_database_answers_with_nothing(db, settings):
    settings.PERSONALIZATION = CATALOG
    assert told("--user=anna")["items"] == []
