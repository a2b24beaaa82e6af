"""What became of each campaign of a place, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from personalization.admin.rule_builder.trial import reason_of
from personalization.admin.wall_time import wall_text
from personalization.campaigns import Outcome
from personalization.engine.rules import conditions, read_rule
from personalization.models import Campaign
from personalization.registry import get_vocabulary
from personalization.store.campaign_content import CAMPAIGN_SCOPES
from personalization.store.promotion_content import micros

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from personalization.admin.rule_builder.trial import Reason
    from personalization.campaigns import Preview, PreviewedCampaign


@dataclass(frozen=True, slots=True)
class Told:
    """``text``: what became of the campaign; ``reasons``: the conditions that keep it from being seen."""

    id: int
    title: str
    outcome: str
    text: str
    reasons: tuple[Reason, ...] = ()


def outcomes_of(preview: Preview, slot: str) -> list[Told]:
    """Every active campaign of the place, in the order in which they are tried; then those that cannot be read."""
    invalid = dict(preview.invalid)
    rows = Campaign.objects.in_bulk([one.id for one in preview.campaigns] + list(invalid))
    told = [_told(one, rows) for one in preview.campaigns if one.id in rows]
    left_out = [rows[number] for number in invalid if number in rows and rows[number].slot == slot]
    text = gettext("It is left out: its conditions cannot be read any more.")
    return told + [Told(row.pk, row.title, "invalid", text) for row in left_out]


def _told(one: PreviewedCampaign, rows: Mapping[int, Campaign]) -> Told:
    text = _text(one, rows)
    return Told(one.id, one.title, one.outcome.value, text, _reasons(one, rows[one.id]))


def _text(one: PreviewedCampaign, rows: Mapping[int, Campaign]) -> str:
    row = rows[one.id]
    match one.outcome:
        case Outcome.SHOWN:
            return gettext("It is seen.")
        case Outcome.HELD_OUT:
            return gettext("It would be seen, but this visitor is in the share that does not see it.")
        case Outcome.NOT_STARTED:
            return gettext("It starts on %(at)s.") % {"at": _wall(row.starts_at)}
        case Outcome.ENDED:
            return gettext("It ended on %(at)s.") % {"at": _wall(row.ends_at)}
        case Outcome.NOT_MATCHING:
            return gettext("Its conditions do not hold:")
        case Outcome.CAPPED:
            text = gettext(
                "The visitor has seen it as often as it may be shown (times: %(count)s, days: %(days)s)."
            )
            return text % {"count": row.cap_count, "days": row.cap_days}
        case Outcome.BEATEN:
            winner = rows.get(one.beaten_by or 0)
            text = gettext("“%(title)s” comes first: it has the higher priority, or is older.")
            return text % {"title": winner or "?"}


def _reasons(one: PreviewedCampaign, row: Campaign) -> tuple[Reason, ...]:
    if not one.failures:
        return ()
    rule = read_rule(row.rule, get_vocabulary(), scopes=CAMPAIGN_SCOPES)
    found = dict(conditions(rule.root))
    return tuple([reason_of(failure, found[failure.path]) for failure in one.failures])


def _wall(instant: datetime | None) -> str:
    return wall_text(micros(instant)).replace("T", " ")
