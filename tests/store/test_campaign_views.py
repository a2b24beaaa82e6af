"""Views of campaigns are counted by the shop's day."""

from datetime import date

import pytest

from personalization.engine.types import IdentityKind
from personalization.models import CampaignView
from personalization.store.campaign_views import CampaignSeen, day_of, record_campaign_views
from personalization.store.visitors import ensure_visitors
from tests.campaigns.running import NOW, save

pytestmark = pytest.mark.django_db
HOUR = 3_600_000_000


@pytest.fixture(autouse=True)
def _zone(settings):
    settings.TIME_ZONE = "UTC"


@pytest.fixture
def ann():
    return ensure_visitors(IdentityKind.USER, ["ann"], tenant="", now=NOW)["ann"]


def counts():
    rows = CampaignView.objects.order_by("campaign", "day")
    return list(rows.values_list("campaign", "day", "impressions", "clicks"))


def test_days_are_those_of_the_shop(settings):
    assert date.fromordinal(day_of(NOW)) == date(2023, 11, 14)
    settings.TIME_ZONE = "Asia/Shanghai"
    assert date.fromordinal(day_of(NOW)) == date(2023, 11, 15)


def test_views_of_a_day_add_up(ann):
    first, second = save().id, save().id
    today = day_of(NOW)
    record_campaign_views(
        [
            CampaignSeen(second, ann, NOW),
            CampaignSeen(first, ann, NOW),
            CampaignSeen(first, ann, NOW, clicked=True),
            CampaignSeen(first, ann, NOW + 2 * HOUR),
        ],
        tenant="",
    )
    record_campaign_views([CampaignSeen(first, ann, NOW - HOUR)], tenant="")
    assert counts() == [(first, today, 2, 1), (first, today + 1, 1, 0), (second, today, 1, 0)]
    newest = CampaignView.objects.get(campaign=first, day=today)
    assert newest.last_at.timestamp() == NOW / 1e6


def test_campaigns_that_are_gone_or_anothers_are_not_counted(ann):
    other = save(tenant="other").id
    record_campaign_views([CampaignSeen(other, ann, NOW), CampaignSeen(12345, ann, NOW)], tenant="")
    assert counts() == []
