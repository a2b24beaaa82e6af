"""What people say of a campaign, before it is a row, and as its versions hold it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from personalization.engine import ids
from personalization.engine.addresses import web_address
from personalization.engine.rules import Scope, read_rule
from personalization.exceptions import InvalidInputError
from personalization.models import Campaign
from personalization.store.campaign_image import is_image_name
from personalization.store.promotion_content import micros
from personalization.store.schedule import Phase, phase_at
from personalization.store.versions import canonical

if TYPE_CHECKING:
    from personalization.engine.rules import Vocabulary

State = Campaign.State

#: Whose facts the rule of a campaign may read.
CAMPAIGN_SCOPES: Final = frozenset({Scope.VISITOR, Scope.CONTEXT, Scope.CART})

TEXT_LENGTH: Final = 255
BODY_LENGTH: Final = 2_000
LINK_LENGTH: Final = 1_000
SLOT_LENGTH: Final = 64
MOST_VIEWS: Final = 10_000
MOST_DAYS: Final = 366

_PRIORITIES: Final = 1_000_000
_SHARE_STEP: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class CampaignContent:
    """A campaign as people edit it.

    ``rule``: JSON text, '' for everyone; ``starts_at``, ``ends_at``: UTC microseconds, half-open, None without end;
    ``holdout_share``: 0 … 1; shown to nobody more than ``cap_count`` times within ``cap_days`` days of the shop's
    calendar, None for no cap; ``image``: a name that `store_image` gave; ``items_slot``: a recommendation slot that
    fills a row of items; ``promotion``: a number.
    """

    title: str
    slot: str
    state: State = State.DRAFT
    note: str = ""
    rule: str = ""
    priority: int = 0
    starts_at: int | None = None
    ends_at: int | None = None
    holdout_share: Decimal = Decimal(0)
    cap_count: int | None = None
    cap_days: int | None = None
    headline: str = ""
    text: str = ""
    link: str = ""
    image: str = ""
    items_slot: str = ""
    promotion: int | None = None

    def phase(self, now: int) -> Phase:
        """Whether an active campaign is still to come, runs, or is over at an instant (UTC microseconds)."""
        return phase_at(now, starts_at=self.starts_at, ends_at=self.ends_at)

    def columns(self) -> dict[str, Any]:
        """The content as a row holds it."""
        flat = {name: getattr(self, name) for name in self.__slots__}
        flat["promotion_id"] = flat.pop("promotion")
        return flat

    def to_json(self) -> str:
        """The content as versions hold it."""
        flat = {name: getattr(self, name) for name in self.__slots__}
        return canonical(
            flat | {"state": self.state.name.lower(), "holdout_share": _plain(self.holdout_share)}
        )

    @classmethod
    def from_json(cls, text: str) -> CampaignContent:
        """What `to_json` wrote."""
        flat = json.loads(text)
        share = Decimal(flat.pop("holdout_share"))
        state = Campaign.State[flat.pop("state").upper()]
        return cls(state=state, holdout_share=share, **flat)

    @classmethod
    def of_row(cls, row: Campaign) -> CampaignContent:
        """What a row holds."""
        same = {name: getattr(row, name) for name in _SAME}
        return cls(
            **same,
            state=State(row.state),
            starts_at=micros(row.starts_at),
            ends_at=micros(row.ends_at),
            holdout_share=Decimal(_plain(row.holdout_share)),
            image=row.image.name or "",
            promotion=row.promotion_id,
        )


_SAME: Final = (
    *("title", "slot", "note", "rule", "priority", "cap_count", "cap_days"),
    *("headline", "text", "link", "items_slot"),
)


def checked_campaign(content: CampaignContent, vocabulary: Vocabulary) -> CampaignContent:
    """The same content with its rule in canonical text.

    Raises InvalidInputError naming the field that is wrong; an InvalidRuleError has all problems of the rule.
    """
    _check_texts(content)
    _check_links(content)
    _check_numbers(content)
    _check_cap(content)
    rule = content.rule and read_rule(content.rule, vocabulary, scopes=CAMPAIGN_SCOPES).text
    return replace(content, rule=rule)


def _check_texts(content: CampaignContent) -> None:
    if not content.title.strip() or not ids.is_key(content.title):
        raise InvalidInputError("title", f"expected 1 to {TEXT_LENGTH} characters")
    if not 0 < len(content.slot) <= SLOT_LENGTH or not ids.is_key(content.slot):
        raise InvalidInputError("slot", f"expected the name of a slot, 1 to {SLOT_LENGTH} characters")
    if len(content.items_slot) > SLOT_LENGTH or content.items_slot == content.slot:
        raise InvalidInputError("items_slot", "expected the name of another slot, or nothing")
    for field, longest in {"headline": TEXT_LENGTH, "text": BODY_LENGTH, "note": BODY_LENGTH}.items():
        if len(getattr(content, field)) > longest:
            raise InvalidInputError(field, f"expected up to {longest} characters")
    for field in ("headline", "text", "note", "items_slot"):
        if ids.storable(getattr(content, field)) != getattr(content, field):
            raise InvalidInputError(field, "it holds characters that no database can store")


def _check_links(content: CampaignContent) -> None:
    link = content.link
    ours = link.startswith("/") or link.lower().startswith(("http://", "https://"))
    if link and not (ours and len(link) <= LINK_LENGTH and web_address(link) and ids.storable(link) == link):
        raise InvalidInputError("link", "expected a path of the shop such as /sale/, or an http(s) address")
    if content.image and not is_image_name(content.image):
        raise InvalidInputError("image", "expected an image that was uploaded here")


def _check_numbers(content: CampaignContent) -> None:
    if content.starts_at is not None and content.ends_at is not None and content.starts_at >= content.ends_at:
        raise InvalidInputError("ends_at", "it ends before it starts")
    if not -_PRIORITIES <= content.priority <= _PRIORITIES:
        raise InvalidInputError("priority", f"expected −{_PRIORITIES} to {_PRIORITIES}")
    share = content.holdout_share
    if not share.is_finite() or not 0 <= share <= 1 or share % _SHARE_STEP:
        raise InvalidInputError("holdout_share", "expected 0 to 1, with up to four decimals")


def _check_cap(content: CampaignContent) -> None:
    if (content.cap_count is None) != (content.cap_days is None):
        missing = "cap_count" if content.cap_count is None else "cap_days"
        raise InvalidInputError(missing, "how often and within how many days belong together")
    for field, most in {"cap_count": MOST_VIEWS, "cap_days": MOST_DAYS}.items():
        number = getattr(content, field)
        if number is not None and not 1 <= number <= most:
            raise InvalidInputError(field, f"expected 1 to {most}, or nothing")


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
