"""What a slot would show somebody, and why not the others: by the same way as pages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from personalization.campaigns.decision import decide
from personalization.campaigns.showing import creative_of, mode_of, row_of
from personalization.campaigns.situation import Situation
from personalization.engine.rules import evaluate
from personalization.engine.types import IdentityKind, Query, Recommendation
from personalization.serving import HOLDOUT
from personalization.store.schedule import Phase

if TYPE_CHECKING:
    from personalization.campaigns.decision import Decision
    from personalization.engine.rules import Failure
    from personalization.engine.types import Cart, Identity
    from personalization.store.live_campaigns import LiveCampaign


class Outcome(StrEnum):
    """What becomes of a campaign in a slot."""

    SHOWN = "shown"
    HELD_OUT = "held_out"
    NOT_STARTED = "not_started"
    ENDED = "ended"
    NOT_MATCHING = "not_matching"
    CAPPED = "capped"
    BEATEN = "beaten"


@dataclass(frozen=True, slots=True)
class PreviewedCampaign:
    """An active campaign of the slot. ``failures``: what keeps its rule from holding; ``beaten_by``: the campaign that is
    in its place."""

    id: int
    title: str
    outcome: Outcome
    failures: tuple[Failure, ...] = ()
    beaten_by: int | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """``shown``: the campaign that would be seen, None for none; ``campaigns``: every active one of the slot, in the order
    in which they are tried; ``invalid``: active campaigns of any slot that are left out → why; ``answer``: what is seen,
    without a token, so that nobody can count it."""

    shown: int | None
    campaigns: tuple[PreviewedCampaign, ...]
    invalid: tuple[tuple[int, str], ...]
    answer: Recommendation | None = None


def preview(
    slot: str,
    *,
    identity: Identity | None,
    now: int,
    tenant: str = "",
    store: str = "",
    language: str = "",
    device: str | None = None,
    cart: Cart | None = None,
) -> Preview:
    """What somebody would see at an instant (UTC microseconds); ``device`` and ``cart`` None: not known."""
    query = Query(slot, now, identity=identity, tenant=tenant, store=store)
    signed_in = identity is not None and identity.kind == IdentityKind.USER
    decision = decide(Situation(query, language.lower(), device, signed_in, cart))
    campaigns = () if decision.campaigns is None else decision.campaigns.campaigns
    previewed = tuple([_previewed(one, decision, now) for one in campaigns])
    shown = next((one.id for one in previewed if one.outcome == Outcome.SHOWN), None)
    answer = None if shown is None else _answer(query, decision)
    return Preview(shown, previewed, tuple(sorted(decision.live.invalid.items())), answer)


def _answer(query: Query, decision: Decision) -> Recommendation | None:
    campaign = decision.chosen
    if campaign is None:
        return None
    row = row_of(campaign, query, None)
    return Recommendation(
        id="",
        slot=query.slot,
        mode=mode_of(campaign, row),
        items=() if row is None else row.items,
        build=None if row is None else row.build,
        creative=creative_of(campaign, decision, query.now),
    )


def _previewed(campaign: LiveCampaign, decision: Decision, now: int) -> PreviewedCampaign:
    outcome, failures = _judged(campaign, decision, now)
    beaten_by = decision.chosen.id if outcome == Outcome.BEATEN and decision.chosen is not None else None
    return PreviewedCampaign(campaign.id, campaign.content.title, outcome, failures, beaten_by)


def _judged(campaign: LiveCampaign, decision: Decision, now: int) -> tuple[Outcome, tuple[Failure, ...]]:
    if campaign is decision.chosen:
        return (Outcome.HELD_OUT if decision.arm.name == HOLDOUT else Outcome.SHOWN), ()
    phase = campaign.content.phase(now)
    if phase != Phase.RUNNING:
        return (Outcome.NOT_STARTED if phase == Phase.SCHEDULED else Outcome.ENDED), ()
    segments = decision.live.promotions.segments
    failures = () if campaign.rule is None else evaluate(campaign.rule, decision.facts, segments).failures
    if failures:
        return Outcome.NOT_MATCHING, failures
    return (Outcome.CAPPED if campaign.id in decision.capped else Outcome.BEATEN), ()
