"""Which campaign somebody would see, and why not the others: the same as on a page."""

from decimal import Decimal

import pytest

from personalization.campaigns import Outcome, preview, show
from personalization.engine.types import Cart, CartLine, Identity, IdentityKind, Query
from personalization.models import Campaign
from personalization.store.campaign_content import State
from personalization.store.campaign_views import CampaignSeen, record_campaign_views
from tests.campaigns.running import NOW, SLOT, save
from tests.served import ANNA

BOUGHT = {"kind": "visitor.bought_item", "op": "any_of", "values": ["a"]}


def look(slot=SLOT, *, identity=ANNA, now=NOW, **options):
    return preview(slot, identity=identity, now=now, **options)


def outcomes(previewed):
    return {one.id: one.outcome for one in previewed.campaigns}


def test_every_active_campaign_says_what_becomes_of_it(shop):
    later = save(starts_at=NOW + 1, priority=9).id
    over = save(ends_at=NOW, priority=8).id
    buyers = save(rule=BOUGHT, priority=7).id
    seen = save(cap_count=1, cap_days=1, priority=6).id
    best = save(priority=5).id
    beaten = save(priority=4, rule={"not": BOUGHT}).id
    save(state=State.DRAFT)
    save(slot="side")
    shop.buys("b")
    record_campaign_views([CampaignSeen(seen, shop.visitor(), NOW)], tenant="")
    found = look()
    assert found.shown == best
    assert outcomes(found) == {
        later: Outcome.NOT_STARTED,
        over: Outcome.ENDED,
        buyers: Outcome.NOT_MATCHING,
        seen: Outcome.CAPPED,
        best: Outcome.SHOWN,
        beaten: Outcome.BEATEN,
    }
    by_id = {one.id: one for one in found.campaigns}
    assert by_id[beaten].beaten_by == best
    (failure,) = by_id[buyers].failures
    assert (failure.kind, failure.op, failure.path) == ("visitor.bought_item", "any_of", "")


def test_the_holdout_of_the_one_that_was_chosen(shop):
    saved = save(holdout_share=Decimal(1)).id
    next_one = save(priority=-1).id
    found = look()
    assert found.shown is None
    assert outcomes(found) == {saved: Outcome.HELD_OUT, next_one: Outcome.BEATEN}
    assert look(identity=None).shown == saved


def test_what_the_page_would_know_can_be_said(shop):
    rules = {
        "store": {"kind": "context.store", "op": "any_of", "values": ["north"]},
        "language": {"kind": "context.language", "op": "any_of", "values": ["zh-hans"]},
        "device": {"kind": "context.device", "op": "any_of", "values": ["tablet"]},
        "cart": {"kind": "cart.subtotal", "op": "at_least", "value": "20", "currency": "EUR"},
    }
    saved = {name: save(rule=rule).id for name, rule in rules.items()}
    assert look().shown is None
    said = {
        "store": "north",
        "language": "zh-Hans",
        "device": "tablet",
        "cart": Cart((CartLine("a", "2", "10.00"),), "EUR"),
    }
    for name, value in said.items():
        assert look(**{name: value}).shown == saved[name]


def test_what_is_invalid_is_told(shop):
    bad = save(rule=BOUGHT).id
    Campaign.objects.filter(pk=bad).update(rule="[]")
    found = look()
    assert ([number for number, _ in found.invalid], found.campaigns) == ([bad], ())


@pytest.mark.parametrize("who", range(12))
def test_a_page_shows_the_same(shop, who):
    identity = Identity(IdentityKind.USER, str(who))
    shop.buys("abcd"[who % 4], identity=identity)
    save(rule=BOUGHT, holdout_share=Decimal("0.5"), priority=1)
    save(rule={"kind": "visitor.orders", "op": "at_least", "value": 1}, holdout_share=Decimal("0.5"))
    answer = show(Query(SLOT, NOW, identity=identity))
    found = look(identity=identity)
    assert found.shown == (answer.creative and answer.creative.campaign)
    assert answer.held_out is (Outcome.HELD_OUT in outcomes(found).values())


def test_what_is_seen_can_be_rendered_and_never_counted(shop):
    shop.buys("b")
    save(items_slot="popular")
    answer, shown = look().answer, show(Query(SLOT, NOW, identity=ANNA))
    assert (answer.creative, answer.items, answer.mode) == (shown.creative, shown.items, shown.mode)
    assert (answer.id, answer.token) == ("", "")
    assert look("side").answer is None
