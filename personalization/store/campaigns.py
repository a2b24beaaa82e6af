"""Campaigns, saved one version after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from personalization.exceptions import InvalidInputError
from personalization.models import Campaign, Promotion
from personalization.store.campaign_content import CampaignContent, State, checked_campaign
from personalization.store.versioned import VersionedRows
from personalization.store.versions import Kind

if TYPE_CHECKING:
    from personalization.engine.rules import Vocabulary


def _checked(content: CampaignContent, vocabulary: Vocabulary, tenant: str) -> CampaignContent:
    checked = checked_campaign(content, vocabulary)
    promotion = checked.promotion
    if promotion is not None and not Promotion.objects.filter(pk=promotion, tenant=tenant).exists():
        raise InvalidInputError("promotion", f"there is no promotion #{promotion}", code="unknown")
    return checked


CAMPAIGNS: Final = VersionedRows(Kind.CAMPAIGN, Campaign, CampaignContent, State.ACTIVE, _checked)
