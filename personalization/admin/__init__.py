"""The admin: marketers read what the app knows, decide which build is served, and make segments, promotions and campaigns."""

from personalization.admin.build import BuildAdmin
from personalization.admin.campaign import CampaignAdmin
from personalization.admin.coupon import CouponAdmin
from personalization.admin.erasure import ErasureAdmin
from personalization.admin.event import EventAdmin
from personalization.admin.item import ItemAdmin
from personalization.admin.promotion import PromotionAdmin
from personalization.admin.rating import RatingAdmin
from personalization.admin.redemption import RedemptionAdmin
from personalization.admin.run import RunAdmin
from personalization.admin.segment import SegmentAdmin
from personalization.admin.viewed_item import ViewedItemAdmin
from personalization.admin.visitor import VisitorAdmin

__all__ = [
    "BuildAdmin",
    "CampaignAdmin",
    "CouponAdmin",
    "ErasureAdmin",
    "EventAdmin",
    "ItemAdmin",
    "PromotionAdmin",
    "RatingAdmin",
    "RedemptionAdmin",
    "RunAdmin",
    "SegmentAdmin",
    "ViewedItemAdmin",
    "VisitorAdmin",
]
