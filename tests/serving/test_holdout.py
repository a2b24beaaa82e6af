import pytest

from personalization.engine.types import Identity, IdentityKind, Mode
from personalization.serving import read_token
from personalization.serving.holdout import arm_of
from tests.served import CATALOG, keys, reasons

WEIGHTS = {"a": {"b": 0.9, "c": 0.5}}


def people(count):
    return [Identity(IdentityKind.USER, str(number)) for number in range(count)]


@pytest.fixture
def learned(shop):
    shop.publish("auto", weights=WEIGHTS)
    shop.publish("popularity", ranking="hgf")
    shop.publish("item-cosine", neighbors={"a": {"g": 0.8}})
    shop.buys("a")
    return shop


def test_without_a_share_nobody_is_assigned(settings):
    settings.PERSONALIZATION = CATALOG
    assert {arm_of(one, tenant="") for one in people(100)} == {("", 1.0)}


def test_the_share_is_what_was_asked_for(settings):
    settings.PERSONALIZATION = {**CATALOG, "HOLDOUT_SHARE": 0.1}
    arms = [arm_of(one, tenant="") for one in people(20_000)]
    held_out = sum(arm.name == "holdout" for arm in arms)
    assert abs(held_out - 2000) < 4 * (20_000 * 0.1 * 0.9) ** 0.5
    assert set(arms) == {("holdout", 0.1), ("personal", 0.9)}


def test_a_larger_share_keeps_those_who_were_held_out(settings):
    small, large = set(), set()
    for share, found in ((0.1, small), (0.2, large)):
        settings.PERSONALIZATION = {**CATALOG, "HOLDOUT_SHARE": share}
        found.update(one.key for one in people(1000) if arm_of(one, tenant="").name == "holdout")
    assert small < large


def test_tenants_and_kinds_are_assigned_apart(settings):
    settings.PERSONALIZATION = {**CATALOG, "HOLDOUT_SHARE": 0.5}
    here = [arm_of(one, tenant="").name for one in people(100)]
    assert here != [arm_of(one, tenant="other").name for one in people(100)]
    assert here != [arm_of(Identity(IdentityKind.VISITOR, one.key), tenant="").name for one in people(100)]


def test_in_the_holdout_answers_are_not_personal_and_say_so_in_the_token(learned, settings):
    assert keys(learned.ask(count=1)) == "b"
    settings.PERSONALIZATION = {**CATALOG, "HOLDOUT_SHARE": 1.0}
    answer = learned.ask(count=3)
    assert (answer.mode, keys(answer)) == (Mode.NON_PERSONALIZED, "hgf")
    token = read_token(answer.token)
    assert (token.arm, token.propensity) == ("holdout", 1.0)
    assert learned.ask("recently_viewed").items == ()
    assert reasons(learned.ask("similar", item="a", count=1)) == {"g": ("similar_item", "a")}


def test_who_is_not_held_out_says_so_too(learned, settings):
    share = 1e-9
    settings.PERSONALIZATION = {**CATALOG, "HOLDOUT_SHARE": share}
    token = read_token(learned.ask(count=1).token)
    assert (token.arm, token.propensity) == ("personal", 1 - share)
    assert read_token(learned.ask(identity=None).token).arm == ""
