"""The admin: marketers read what the app knows, and decide which build is served."""

from personalization.admin.build import BuildAdmin
from personalization.admin.erasure import ErasureAdmin
from personalization.admin.event import EventAdmin
from personalization.admin.item import ItemAdmin
from personalization.admin.rating import RatingAdmin
from personalization.admin.run import RunAdmin
from personalization.admin.viewed_item import ViewedItemAdmin
from personalization.admin.visitor import VisitorAdmin

__all__ = [
    "BuildAdmin",
    "ErasureAdmin",
    "EventAdmin",
    "ItemAdmin",
    "RatingAdmin",
    "RunAdmin",
    "ViewedItemAdmin",
    "VisitorAdmin",
]
