"""Which campaign a place of a page gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from personalization.campaigns.holdout import campaign_arm
from personalization.registry import get_vocabulary
from personalization.serving import Arm, known_as, mark_personal, page_state
from personalization.store.campaign_views import day_of
from personalization.store.fact_names import Needs
from personalization.store.live_campaigns import LiveCampaigns, live_campaigns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from personalization.campaigns.situation import Situation
    from personalization.engine.rules import Facts
    from personalization.store.live_campaigns import LiveCampaign, SlotCampaigns
    from personalization.store.page import SeenCampaign

_VISITOR: Final = "visitor."
_CART: Final = "cart."


@dataclass(frozen=True, slots=True)
class Decision:
    """``chosen``: the campaign, None for none; ``arm``: in which arm of its holdout the visitor is; ``capped``: those
    that the visitor has seen often enough; ``codes``: by promotion, one that may be shown."""

    live: LiveCampaigns
    campaigns: SlotCampaigns | None
    facts: Facts
    capped: frozenset[int]
    codes: Mapping[int, str]
    chosen: LiveCampaign | None
    arm: Arm


def decide(situation: Situation) -> Decision:
    """The campaign of highest priority, then the oldest, that runs now, whose rule holds, and that was not seen often
    enough. It is chosen before the holdout, which would else compare it with the next one.

    Costs the statement that all slots of a page share, and one more for all its campaign slots together where rules ask
    for what our tables hold of the visitor.
    """
    query = situation.query
    state = page_state(known_as(query), situation.request)
    live = live_campaigns(query.tenant, vocabulary=get_vocabulary(), version=state.rules_version)
    page = state.marked(live.marks(query.now))
    campaigns = live.in_slot(query.slot)
    facts = situation.facts(_needed(live, campaigns, query.now))
    capped = _capped(campaigns, page.seen_campaigns, query.now)
    chosen = _first(campaigns, facts, capped, query.now)
    if campaigns is not None and (
        query.identity is not None or any(one.facts for one in campaigns.campaigns)
    ):
        mark_personal(situation.request)
    arm = Arm() if chosen is None else campaign_arm(chosen, query.identity, tenant=query.tenant)
    return Decision(live, campaigns, facts, capped, page.codes, chosen, arm)


def _needed(live: LiveCampaigns, campaigns: SlotCampaigns | None, now: int) -> frozenset[str]:
    """What the slot's own campaigns ask for. Where they ask for something of the visitor, or of the cart, it is all that
    any slot asks for of that, so that a page reads it once."""
    running = [] if campaigns is None else [one for one in campaigns.campaigns if one.is_running(now)]
    own = frozenset[str]().union(*[one.facts for one in running])
    asked = {_VISITOR: bool(Needs.of(own)), _CART: any(name.startswith(_CART) for name in own)}
    scopes = tuple([scope for scope, asks in asked.items() if asks])
    return own.union([name for name in live.facts(now) if name.startswith(scopes)]) if scopes else own


def _capped(campaigns: SlotCampaigns | None, seen: tuple[SeenCampaign, ...], now: int) -> frozenset[int]:
    if campaigns is None or not seen:
        return frozenset()
    today = day_of(now)
    return frozenset(
        [
            one.id
            for one in campaigns.campaigns
            if one.content.cap_count is not None
            and one.content.cap_days is not None
            and _times(one.id, seen, today - one.content.cap_days) >= one.content.cap_count
        ]
    )


def _times(campaign: int, seen: tuple[SeenCampaign, ...], after: int) -> int:
    return sum([one.impressions for one in seen if one.campaign == campaign and one.day > after])


def _first(
    campaigns: SlotCampaigns | None, facts: Facts, capped: frozenset[int], now: int
) -> LiveCampaign | None:
    if campaigns is None:
        return None
    fit = (one for one in campaigns.matching(facts) if one.is_running(now) and one.id not in capped)
    return next(fit, None)
