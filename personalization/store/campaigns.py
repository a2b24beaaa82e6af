"""Campaigns: rows ⇄ contents, saved one version after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from django.db import router

from personalization.exceptions import InvalidInputError
from personalization.models import Campaign, Promotion
from personalization.store.campaign_content import CampaignContent, State, checked_campaign
from personalization.store.stamps import bump_stamp
from personalization.store.transaction import in_transaction
from personalization.store.versions import RULES, ConflictError, Kind, Saved, add_version, find_version

if TYPE_CHECKING:
    from personalization.engine.rules import Vocabulary


@dataclass(frozen=True, slots=True)
class StoredCampaign:
    """A campaign as it stands."""

    id: int
    version: int
    content: CampaignContent


def find_campaign(campaign: int, *, tenant: str) -> StoredCampaign | None:
    """A campaign of this tenant."""
    row = Campaign.objects.filter(pk=campaign, tenant=tenant).first()
    return None if row is None else StoredCampaign(row.pk, row.version, CampaignContent.of_row(row))


def save_campaign(
    content: CampaignContent,
    *,
    campaign: int | None = None,
    vocabulary: Vocabulary,
    expected_version: int = 0,
    author: str,
    tenant: str = "",
    now: int,
) -> Saved:
    """Store a campaign, a new one without an id, and write down the version.

    Raises InvalidInputError, and ConflictError when it no longer has the expected version.
    """
    checked = checked_campaign(content, vocabulary)
    if (
        checked.promotion is not None
        and not Promotion.objects.filter(pk=checked.promotion, tenant=tenant).exists()
    ):
        raise InvalidInputError("promotion", f"there is no promotion #{checked.promotion}", code="unknown")
    work = partial(_save, checked, campaign, expected_version, tenant, author, now)
    return in_transaction(work, using=router.db_for_write(Campaign))


def stop_campaign(
    campaign: int, state: State, *, expected_version: int, author: str, tenant: str = "", now: int
) -> Saved:
    """Pause or archive a campaign, also one whose rule can no longer be read.

    Raises InvalidInputError naming ``state`` or ``campaign``, and ConflictError.
    """
    if state not in {State.PAUSED, State.ARCHIVED}:
        raise InvalidInputError("state", "expected paused or archived")
    stored = find_campaign(campaign, tenant=tenant)
    if stored is None:
        raise InvalidInputError("campaign", f"there is no campaign #{campaign}")
    work = partial(
        _save, replace(stored.content, state=state), campaign, expected_version, tenant, author, now
    )
    return in_transaction(work, using=router.db_for_write(Campaign))


def restore_campaign(
    campaign: int,
    number: int,
    *,
    vocabulary: Vocabulary,
    expected_version: int,
    author: str,
    tenant: str = "",
    now: int,
) -> Saved:
    """Save what a campaign was in an earlier version as its newest one. Raises as `save_campaign`."""
    old = find_version(Kind.CAMPAIGN, campaign, number, tenant=tenant)
    if old is None:
        raise InvalidInputError("number", f"the campaign #{campaign} has no version {number}")
    return save_campaign(
        CampaignContent.from_json(old.content),
        campaign=campaign,
        vocabulary=vocabulary,
        expected_version=expected_version,
        author=author,
        tenant=tenant,
        now=now,
    )


def _save(
    content: CampaignContent, campaign: int | None, expected: int, tenant: str, author: str, now: int
) -> Saved:
    if campaign is None:
        saved = _create(content, tenant, now)
    else:
        saved = _change(content, campaign, expected, tenant, now)
    add_version(
        Kind.CAMPAIGN, saved.id, saved.version, content.to_json(), tenant=tenant, author=author, now=now
    )
    bump_stamp(RULES, tenant=tenant, at=now)
    return saved


def _create(content: CampaignContent, tenant: str, now: int) -> Saved:
    row = Campaign.objects.create(tenant=tenant, created_at=now, updated_at=now, **content.columns())
    return Saved(row.pk, row.version)


def _change(content: CampaignContent, campaign: int, expected: int, tenant: str, now: int) -> Saved:
    row = Campaign.objects.filter(pk=campaign, tenant=tenant, version=expected)
    if not row.update(version=expected + 1, updated_at=now, **content.columns()):
        raise ConflictError(f"the campaign #{campaign} is no longer at version {expected}")
    return Saved(campaign, expected + 1)
