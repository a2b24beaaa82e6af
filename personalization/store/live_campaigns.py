"""The active campaigns as a process holds them: read once, and again when something was saved.

What one process holds is shared by its requests and never changed; a newer one takes its place.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from personalization.engine.rules import RuleIndex, read_rule, rules_within
from personalization.exceptions import InvalidInputError
from personalization.models import Campaign, Coupon
from personalization.store.campaign_content import CAMPAIGN_SCOPES, CampaignContent, State
from personalization.store.campaign_views import day_of
from personalization.store.live_promotions import live_promotions
from personalization.store.page import NO_MARKS, Marks
from personalization.store.schedule import Phase
from personalization.store.stamps import read_stamp
from personalization.store.versions import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from personalization.engine.rules import Facts, Rule, Vocabulary
    from personalization.store.live_promotions import LivePromotions

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LiveCampaign:
    """An active campaign. ``rule`` None: everyone; ``facts``: what it reads, its segments included."""

    id: int
    content: CampaignContent
    rule: Rule | None
    facts: frozenset[str]

    def is_running(self, now: int) -> bool:
        """Whether an instant (UTC microseconds) lies within its schedule."""
        return self.content.phase(now) == Phase.RUNNING


@dataclass(frozen=True, slots=True, eq=False)
class SlotCampaigns:
    """The active campaigns of a slot: highest priority first, then in the order they were made."""

    campaigns: tuple[LiveCampaign, ...]
    segments: Mapping[str, Rule]
    _index: RuleIndex[int]
    _for_everyone: tuple[int, ...]

    def matching(self, facts: Facts) -> list[LiveCampaign]:
        """Those whose rule holds, first the one to show."""
        found = sorted([*self._for_everyone, *self._index.matching(facts, self.segments)])
        return [self.campaigns[place] for place in found]


@dataclass(frozen=True, slots=True, eq=False)
class LiveCampaigns:
    """``slots``: by name; ``promotions``: as of the same stamp, with the segments; ``invalid``: campaigns whose rule
    cannot be read, so that they are left out → why."""

    vocabulary: Vocabulary
    promotions: LivePromotions
    slots: Mapping[str, SlotCampaigns]
    invalid: Mapping[int, str]
    _cap_days: int
    _coupons: tuple[int, ...]
    _coded: tuple[int, ...]

    @property
    def version(self) -> int:
        """The stamp at which it was read."""
        return self.promotions.version

    def in_slot(self, name: str) -> SlotCampaigns | None:
        """The campaigns of a slot: ``home.banner`` has its own, or else those of ``banner``."""
        return self.slots.get(name) or self.slots.get(name.rpartition(".")[2])

    def facts(self, now: int) -> frozenset[str]:
        """What the rules of all campaigns that run at an instant read."""
        running = [one.facts for slot in self.slots.values() for one in slot.campaigns if one.is_running(now)]
        return frozenset[str]().union(*running)

    def marks(self, now: int) -> Marks:
        """What pages have to be asked for besides."""
        since = day_of(now) - self._cap_days + 1 if self._cap_days else None
        return Marks(since, self._coupons, self._coded)


_live: dict[str, LiveCampaigns] = {}
_told: set[tuple[int, str]] = set()


def live_campaigns(tenant: str, *, vocabulary: Vocabulary, version: int | None = None) -> LiveCampaigns:
    """What is active in a tenant. ``version``: the stamp, where the caller has read it already."""
    if version is None:
        version = read_stamp(RULES, tenant=tenant)  # before the rows: newer ones are then just read again
    held = _live.get(tenant)
    if held is not None and held.version == version and held.vocabulary is vocabulary:
        return held
    promotions = live_promotions(tenant, vocabulary=vocabulary, version=version)
    live = _live[tenant] = _read(tenant, vocabulary, promotions)
    return live


def held_marks(tenant: str, *, now: int) -> Marks:
    """The marks as far as this process knows, without asking the database."""
    held = _live.get(tenant)
    return NO_MARKS if held is None else held.marks(now)


def forget_live_campaigns() -> None:
    """Drop what this process holds."""
    _live.clear()
    _told.clear()


def _read(tenant: str, vocabulary: Vocabulary, promotions: LivePromotions) -> LiveCampaigns:
    invalid: dict[int, str] = {}
    rows = Campaign.objects.filter(tenant=tenant, state=State.ACTIVE).order_by("-priority", "pk")
    read = [_campaign(row, vocabulary, promotions.segments, invalid) for row in rows]
    campaigns = [one for one in read if one is not None]
    coded = _coded(campaigns, promotions)
    return LiveCampaigns(
        vocabulary=vocabulary,
        promotions=promotions,
        slots={name: _slot(some, promotions.segments) for name, some in _by_slot(campaigns).items()},
        invalid=invalid,
        _cap_days=max([one.content.cap_days or 0 for one in campaigns], default=0),
        _coupons=tuple([coupon for one in coded if (coupon := _public_coupon(one)) is not None]),
        _coded=tuple(coded),
    )


def _campaign(
    row: Campaign, vocabulary: Vocabulary, segments: Mapping[str, Rule], invalid: dict[int, str]
) -> LiveCampaign | None:
    try:
        rule = read_rule(row.rule, vocabulary, scopes=CAMPAIGN_SCOPES) if row.rule else None
    except InvalidInputError as error:
        invalid[row.pk] = str(error)
        if (row.pk, row.rule) not in _told:
            _told.add((row.pk, row.rule))
            logger.warning("the campaign #%s is left out: %s", row.pk, error)
        return None
    within = () if rule is None else rules_within(rule, segments)
    facts = frozenset[str]().union(*[one.facts for one in within])
    return LiveCampaign(row.pk, CampaignContent.of_row(row), rule, facts)


def _by_slot(campaigns: Iterable[LiveCampaign]) -> dict[str, list[LiveCampaign]]:
    slots: dict[str, list[LiveCampaign]] = {}
    for one in campaigns:
        slots.setdefault(one.content.slot, []).append(one)
    return slots


def _slot(campaigns: Sequence[LiveCampaign], segments: Mapping[str, Rule]) -> SlotCampaigns:
    rules = {place: one.rule for place, one in enumerate(campaigns) if one.rule is not None}
    return SlotCampaigns(
        campaigns=tuple(campaigns),
        segments=segments,
        _index=RuleIndex(rules),
        _for_everyone=tuple([place for place, one in enumerate(campaigns) if one.rule is None]),
    )


def _coded(campaigns: Iterable[LiveCampaign], promotions: LivePromotions) -> list[int]:
    """The running promotions of these campaigns that need a code."""
    named = sorted({one.content.promotion for one in campaigns if one.content.promotion is not None})
    running = promotions.promotions
    return [promotion for promotion in named if promotion in running and running[promotion].needs_code]


def _public_coupon(promotion: int) -> int | None:
    """The one coupon of a promotion that anybody may use; None when there are several, or none."""
    active = Coupon.objects.filter(promotion=promotion, owned=False, state=Coupon.State.ACTIVE)
    found = active.order_by("pk").values_list("pk", flat=True)[:2]
    return found[0] if len(found) == 1 else None
