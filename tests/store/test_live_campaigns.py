"""What a process holds of campaigns, and what their pages are asked for besides."""

import logging
from dataclasses import replace

import pytest

from personalization.engine.rules import Facts, default_vocabulary
from personalization.models import Campaign, CampaignView, Coupon
from personalization.store.campaign_content import State
from personalization.store.campaign_views import CampaignSeen, day_of, record_campaign_views
from personalization.store.live_campaigns import held_marks, live_campaigns
from personalization.store.page import NO_MARKS, Marks, read_page
from tests.campaigns.running import NOW, RETURNING, SLOT, change, save
from tests.promotions.ledger import coupon_of, running
from tests.served import ANNA, Shop

pytestmark = pytest.mark.django_db


def live(tenant=""):
    return live_campaigns(tenant, vocabulary=default_vocabulary())


def numbers(slot=SLOT, facts=None):
    found = live().in_slot(slot)
    return [one.id for one in found.matching(Facts(facts or {}, NOW))] if found else []


def test_active_ones_by_priority_then_age():
    low, first, second, high = (save(priority=priority).id for priority in (-1, 0, 0, 5))
    for state in (State.DRAFT, State.PAUSED, State.ARCHIVED):
        save(state=state)
    save(tenant="other")
    assert numbers() == [high, first, second, low]
    assert numbers("nowhere") == []


def test_a_slot_of_a_page_takes_after_the_one_it_is_named_after():
    save(slot="banner")
    assert len(numbers("home.banner")) == 1
    own = save(slot="home.banner").id
    assert numbers("home.banner") == [own]


def test_a_snapshot_is_kept_until_something_is_saved(django_assert_num_queries):
    saved = save()
    held = live()
    with django_assert_num_queries(0):
        assert live_campaigns("", vocabulary=default_vocabulary(), version=held.version) is held
    change(saved, state=State.PAUSED)
    assert numbers() == []


def test_a_stored_rule_that_cannot_be_read_is_left_out_and_told_once(caplog):
    bad, good = save(rule=RETURNING).id, save().id
    Campaign.objects.filter(pk=bad).update(rule='{"kind": "visitor.gone", "op": "yes"}')
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            change_of_stamp = save(state=State.DRAFT)
            assert numbers() == [good]
    assert change_of_stamp.version == 1
    assert live().invalid.keys() == {bad}
    assert caplog.text.count(f"the campaign #{bad} is left out") == 1


def test_what_rules_read_is_known_before_they_are_evaluated():
    save(rule=RETURNING)
    save(rule={"kind": "context.device", "op": "any_of", "values": ["mobile"]}, slot="side")
    save(rule={"kind": "visitor.orders", "op": "at_least", "value": 1}, starts_at=NOW + 1)
    assert live().facts(NOW) == {"visitor.first_seen", "context.device"}
    assert "visitor.orders" in live().facts(NOW + 1)


def test_pages_are_asked_for_what_campaigns_need_alone():
    save()
    assert live().marks(NOW) == NO_MARKS
    assert held_marks("other", now=NOW) == NO_MARKS
    save(cap_count=2, cap_days=7)
    save(cap_count=2, cap_days=3)
    live()
    assert held_marks("", now=NOW) == Marks(views_since=day_of(NOW) - 6)


def test_codes_are_the_persons_own_or_the_only_public_one(django_assert_num_queries):
    shop = Shop()
    public, several, own = (running(needs_code=True) for _ in range(3))
    automatic = running()
    coupon_of(public, "PUBLIC")
    coupon_of(several, "ONE")
    coupon_of(several, "TWO")
    coupon_of(own, "ANYBODY")
    coupon_of(own, "ANNA", owner_id=shop.visitor(), owned=True)
    browser = replace(ANNA, key="second")
    shop.join(shop.visitor(browser), shop.visitor())
    coupon_of(several, "OTHERS", owner_id=shop.visitor(browser), owned=True)
    for promotion in (public, several, own, automatic):
        save(promotion=promotion.pk)
    marks = live().marks(NOW)
    assert set(marks.promotions) == {public.pk, several.pk, own.pk}

    def codes(identity):
        with django_assert_num_queries(1):
            return read_page(tenant="", identity=identity, before=NOW, marks=marks).codes

    assert codes(None) == {public.pk: "PUBLIC", own.pk: "ANYBODY"}
    assert codes(ANNA) == {public.pk: "PUBLIC", own.pk: "ANNA", several.pk: "OTHERS"}


@pytest.mark.parametrize(
    "columns", [{"state": Coupon.State.REVOKED}, {"limit": 1, "taken": 1}, {"expires_at": NOW}]
)
def test_a_code_that_nobody_can_use_is_not_shown(columns):
    promotion = running(needs_code=True)
    coupon = coupon_of(promotion, "PUBLIC", limit=2)
    save(promotion=promotion.pk)
    marks = live().marks(NOW)
    assert read_page(tenant="", identity=None, before=NOW, marks=marks).codes == {promotion.pk: "PUBLIC"}
    Coupon.objects.filter(pk=coupon.pk).update(**columns)
    assert read_page(tenant="", identity=None, before=NOW, marks=marks).codes == {}


def test_views_are_those_of_the_whole_person():
    shop = Shop()
    campaign, day = save(cap_count=2, cap_days=2).id, 86_400_000_000
    browser = replace(ANNA, key="second")
    shop.join(shop.visitor(browser), shop.visitor())
    seen = [
        CampaignSeen(campaign, shop.visitor(), NOW),
        CampaignSeen(campaign, shop.visitor(browser), NOW - day),
        CampaignSeen(campaign, shop.visitor(), NOW - 2 * day),
        CampaignSeen(campaign, shop.visitor(replace(ANNA, key="bob")), NOW),
    ]
    record_campaign_views(seen, tenant="")
    assert CampaignView.objects.count() == 4
    marks = live().marks(NOW)
    page = read_page(tenant="", identity=ANNA, before=NOW, marks=marks)
    today = day_of(NOW)
    assert sorted(page.seen_campaigns) == [(campaign, today - 1, 1), (campaign, today, 1)]
    assert read_page(tenant="", identity=ANNA, before=NOW).seen_campaigns == ()
