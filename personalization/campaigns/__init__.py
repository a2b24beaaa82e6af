"""Campaigns: who gets what where. Nothing here writes: what was seen comes back with the answer's token."""

from personalization.campaigns.previewing import Outcome, Preview, PreviewedCampaign, preview
from personalization.campaigns.showing import campaign_dict, show

__all__ = ["Outcome", "Preview", "PreviewedCampaign", "campaign_dict", "preview", "show"]
