"""Campaigns to try things on."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from personalization.engine.rules import default_vocabulary
from personalization.store.campaign_content import CampaignContent, State
from personalization.store.campaigns import CAMPAIGNS

if TYPE_CHECKING:
    from personalization.store.versions import Saved

NOW: Final = 1_700_000_000_000_000  #: 2023-11-14 22:13:20 UTC
DAY: Final = 86_400_000_000
SLOT: Final = "home_banner"
SLOTS: Final = {
    SLOT: {"KIND": "campaign"},
    "side": {"KIND": "campaign"},
    "lazy_banner": {"KIND": "campaign", "LAZY": True},
}
BANNER: Final = CampaignContent(
    title="Winter",
    slot=SLOT,
    state=State.ACTIVE,
    headline="Winter is coming",
    text="Stay warm.",
    link="/sale/",
)
RETURNING: Final = {"kind": "visitor.returning", "op": "yes"}


def save(content: CampaignContent = BANNER, *, tenant: str = "", now: int = NOW, **fields: Any) -> Saved:
    """A new campaign; fields of its content may be given."""
    fields = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in fields.items()}
    return CAMPAIGNS.save(
        replace(content, **fields), vocabulary=default_vocabulary(), author="ann", tenant=tenant, now=now
    )


def change(saved: Saved, *, tenant: str = "", now: int = NOW, **fields: Any) -> Saved:
    return CAMPAIGNS.save(
        replace(BANNER, **fields),
        row=saved.id,
        vocabulary=default_vocabulary(),
        expected_version=saved.version,
        author="bob",
        tenant=tenant,
        now=now,
    )
