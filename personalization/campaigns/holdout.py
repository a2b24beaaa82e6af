"""Who does not see a campaign, so that it can be said what it is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from personalization.engine.ids import digest
from personalization.serving import HOLDOUT, Arm

if TYPE_CHECKING:
    from personalization.engine.types import Identity
    from personalization.store.live_campaigns import LiveCampaign

SHOWN: Final = "shown"


def campaign_arm(campaign: LiveCampaign, identity: Identity | None, *, tenant: str) -> Arm:
    """The same for one identity at any time, in any process: by hash, for each campaign anew.

    Somebody who is not known cannot be kept in an arm, and sees the campaign.
    """
    share = float(campaign.content.holdout_share)
    if identity is None or share <= 0:
        return Arm()
    hashed = digest("campaign", tenant, str(campaign.id), str(int(identity.kind)), identity.key)
    unit = int.from_bytes(hashed[:8], "big") / 2**64
    return Arm(HOLDOUT, share) if unit < share else Arm(SHOWN, 1 - share)
