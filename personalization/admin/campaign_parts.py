"""How versions of a campaign are compared."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from personalization.admin.difference import Part
from personalization.admin.parts import text, wall
from personalization.models import Campaign, Promotion

if TYPE_CHECKING:
    from collections.abc import Mapping


def _state(content: Mapping[str, Any]) -> str:
    return str(Campaign.State[content["state"].upper()].label)


def _picture(content: Mapping[str, Any]) -> str:
    """The last part of its name: two pictures are told apart by it."""
    return str(content["image"]).rpartition("/")[2]


def _promotion(content: Mapping[str, Any]) -> str:
    number = content["promotion"]
    if number is None:
        return ""
    title = Promotion.objects.filter(pk=number).values_list("title", flat=True).first()
    return f"#{number} {title or ''}".strip()


def _holdout(content: Mapping[str, Any]) -> str:
    return f"{percent_text(Decimal(content['holdout_share']))} %"


def percent_text(share: Decimal) -> str:
    """A share of 1 in percent, as it is typed."""
    return f"{(share * 100).normalize():f}"


PARTS: Final = (
    Part("title", _("title"), text("title")),
    Part("note", _("note"), text("note")),
    Part("state", _("state"), _state),
    Part("slot", _("place"), text("slot")),
    Part("rule", _("Who sees it")),
    Part("headline", _("headline"), text("headline")),
    Part("text", _("text"), text("text")),
    Part("link", _("link"), text("link")),
    Part("image", _("picture"), _picture),
    Part("items_slot", _("row of items"), text("items_slot")),
    Part("promotion", _("promotion"), _promotion),
    Part("starts_at", _("starts"), wall("starts_at")),
    Part("ends_at", _("ends"), wall("ends_at")),
    Part("priority", _("priority"), text("priority")),
    Part("cap_count", _("shown at most"), text("cap_count")),
    Part("cap_days", _("within days"), text("cap_days")),
    Part("holdout_share", _("percent who do not see it"), _holdout),
)
