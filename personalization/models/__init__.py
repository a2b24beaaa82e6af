"""Thin rows: columns, constraints, indexes. No business logic."""

from personalization.models.answer import Answer
from personalization.models.build import Build, BuildRow, LiveBuild, VisitorRow
from personalization.models.campaign import Campaign, CampaignView
from personalization.models.coupon import Coupon
from personalization.models.cursor import Cursor
from personalization.models.erasure import Erasure
from personalization.models.event import Event
from personalization.models.event_count import CountedEvents, EventCount
from personalization.models.item import Item
from personalization.models.promotion import PersonUse, Promotion
from personalization.models.rating import Rating
from personalization.models.redemption import Redemption, RedemptionUse
from personalization.models.run import Run
from personalization.models.segment import Segment
from personalization.models.stamp import Stamp
from personalization.models.version import Version
from personalization.models.viewed_item import ViewedItem
from personalization.models.visitor import Identity, Visitor

__all__ = [
    "Answer",
    "Build",
    "BuildRow",
    "Campaign",
    "CampaignView",
    "CountedEvents",
    "Coupon",
    "Cursor",
    "Erasure",
    "Event",
    "EventCount",
    "Identity",
    "Item",
    "LiveBuild",
    "PersonUse",
    "Promotion",
    "Rating",
    "Redemption",
    "RedemptionUse",
    "Run",
    "Segment",
    "Stamp",
    "Version",
    "ViewedItem",
    "Visitor",
    "VisitorRow",
]
