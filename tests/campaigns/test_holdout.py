"""The holdout of a campaign: stable, by identity, and of the size that was asked for."""

from decimal import Decimal

import pytest

from personalization.campaigns.holdout import SHOWN, campaign_arm
from personalization.engine.types import Identity, IdentityKind
from personalization.serving import HOLDOUT
from personalization.store.campaign_content import CampaignContent
from personalization.store.live_campaigns import LiveCampaign


def campaign(share, number=1):
    content = CampaignContent(title="x", slot="x", holdout_share=Decimal(share))
    return LiveCampaign(number, content, None, frozenset())


def someone(number):
    return Identity(IdentityKind.USER, str(number))


def test_a_share_of_people_is_held_out_and_stays_so():
    arms = [campaign_arm(campaign("0.2"), someone(number), tenant="") for number in range(5000)]
    held = [arm for arm in arms if arm.name == HOLDOUT]
    assert 900 < len(held) < 1100
    assert {arm.propensity for arm in held} == {0.2}
    assert {arm for arm in arms if arm.name == SHOWN} == {(SHOWN, 0.8)}
    assert arms == [campaign_arm(campaign("0.2"), someone(number), tenant="") for number in range(5000)]


def test_campaigns_do_not_hold_out_the_same_people():
    arms = [
        tuple(campaign_arm(campaign("0.5", one), someone(number), tenant="").name for one in (1, 2))
        for number in range(2000)
    ]
    assert all(400 < arms.count(pair) < 600 for pair in set(arms))
    assert len(set(arms)) == 4


@pytest.mark.parametrize(("share", "identity"), [("0", someone(1)), ("0.9", None)])
def test_who_is_not_measured_sees_it(share, identity):
    assert campaign_arm(campaign(share), identity, tenant="") == ("", 1.0)


def test_all_of_them():
    assert campaign_arm(campaign("1"), someone(1), tenant="") == (HOLDOUT, 1.0)
