"""The answer of a campaign slot."""

from __future__ import annotations

import secrets
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from personalization import serving
from personalization.campaigns.decision import decide
from personalization.campaigns.situation import situation_of
from personalization.engine.types import Creative, Mode, Recommendation
from personalization.serving import HOLDOUT, AnswerToken, SlotKind, answer_dict, get_slot, sign_answer
from personalization.store.campaign_image import image_url
from personalization.store.shield import shielded

if TYPE_CHECKING:
    from django.http import HttpRequest

    from personalization.campaigns.decision import Decision
    from personalization.engine.types import Query
    from personalization.store.live_campaigns import LiveCampaign

_PERSONAL_LAST: Final = (Mode.NON_PERSONALIZED, Mode.CONTEXTUAL, Mode.PERSONALIZED)


def show(query: Query, *, request: HttpRequest | None = None) -> Recommendation:
    """What the slot of a query shows; nothing, and no token, when no campaign is for this visitor now.

    Somebody in the holdout of the campaign gets its token alone: that it would have been seen is counted as well.
    """
    decision = decide(situation_of(query, request))
    campaign = decision.chosen
    if campaign is None:
        return Recommendation(id="", slot=query.slot, mode=Mode.NON_PERSONALIZED, items=())
    held_out = decision.arm.name == HOLDOUT
    row = None if held_out else row_of(campaign, query, request)
    token = AnswerToken(
        id=secrets.token_urlsafe(12),
        slot=query.slot,
        mode=mode_of(campaign, row),
        items=() if row is None else tuple([item.key for item in row.items]),
        build=None if row is None else row.build,
        arm=decision.arm.name,
        propensity=decision.arm.propensity,
        tenant=query.tenant,
        at=query.now,
        campaign=campaign.id,
    )
    return Recommendation(
        id=token.id,
        slot=token.slot,
        mode=token.mode,
        items=() if row is None else row.items,
        token=sign_answer(token),
        build=token.build,
        creative=None if held_out else creative_of(campaign, decision, query.now),
        held_out=held_out,
    )


def campaign_dict(answer: Recommendation) -> dict[str, Any]:
    """The answer as programs read it; ``campaign`` is None when there is nothing to show."""
    shown = None if answer.creative is None else asdict(answer.creative)
    if shown is not None:
        shown["number"] = shown.pop("campaign")
    return {**answer_dict(answer, cards=True), "campaign": shown, "held_out": answer.held_out}


def creative_of(campaign: LiveCampaign, decision: Decision, now: int) -> Creative:
    """What a campaign shows besides items."""
    content = campaign.content
    title, code = _promotion(content.promotion, decision, now)
    return Creative(
        campaign=campaign.id,
        headline=content.headline,
        text=content.text,
        link=content.link,
        image=image_url(content.image),
        promotion=title,
        code=code,
    )


def _promotion(promotion: int | None, decision: Decision, now: int) -> tuple[str, str]:
    """Title and code of a promotion that is running now; '' for none."""
    running = None if promotion is None else decision.live.promotions.promotions.get(promotion)
    if promotion is None or running is None:
        return "", ""
    starts, ends = running.promotion.starts_at, running.promotion.ends_at
    if (starts is not None and now < starts) or (ends is not None and ends <= now):
        return "", ""
    return running.promotion.title, decision.codes.get(promotion, "") if running.needs_code else ""


def row_of(campaign: LiveCampaign, query: Query, request: HttpRequest | None) -> Recommendation | None:
    """The campaign's items; without them the rest of it is shown all the same."""
    name = campaign.content.items_slot
    if not name:
        return None

    def ask() -> Recommendation | None:
        if get_slot(name).kind == SlotKind.SIMILAR and not query.items:
            return None  # this page is about nothing that they could be similar to
        return serving.recommend(replace(query, slot=name), request=request)

    return shielded(ask, what=f"the items of campaign #{campaign.id}", otherwise=None)


def mode_of(campaign: LiveCampaign, row: Recommendation | None) -> Mode:
    """How personal a campaign with its row of items is."""
    if any(name.startswith("visitor.") for name in campaign.facts):
        own = Mode.PERSONALIZED
    else:
        own = Mode.CONTEXTUAL if campaign.facts else Mode.NON_PERSONALIZED
    return own if row is None else max(own, row.mode, key=_PERSONAL_LAST.index)
