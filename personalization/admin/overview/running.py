"""The campaigns and promotions that run, or start soon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import F, Q
from django.utils.translation import gettext

from personalization.admin.campaign_place import is_place
from personalization.admin.coupon import taken_of
from personalization.admin.phase import PHASES, in_phase, phase_of
from personalization.admin.promotion import benefit_text
from personalization.admin.wall_time import wall_text
from personalization.engine.rules.wall_time import DAY
from personalization.models import Campaign, Promotion
from personalization.store.campaign_figures import CampaignFigures
from personalization.store.campaigns import CAMPAIGNS
from personalization.store.promotion_content import micros
from personalization.store.promotions import PROMOTIONS
from personalization.store.schedule import Phase

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.utils.functional import _StrPromise

    from personalization.admin.overview.ways import Ways

    _Cells = Sequence[tuple[str, str | int]]

#: What starts within these days is shown already.
_SOON_DAYS: Final = 7
#: More rows are not read, and of those that are read more are not listed.
_MOST: Final = 200
_LISTED: Final = 15


@dataclass(frozen=True, slots=True)
class Line:
    """``cells``: head and figure of what stands between the phase and the time."""

    title: str
    url: str
    phase: str
    label: str | _StrPromise
    cells: _Cells
    when: str


@dataclass(frozen=True, slots=True)
class Table:
    """``left_out``: how many more run; ``everything``: where all of them are."""

    title: str
    heads: Sequence[str]
    lines: Sequence[Line]
    left_out: int
    everything: str
    nothing: str


def current_campaigns(tenant: str, *, now: int) -> list[Campaign]:
    rows = _current(Campaign.objects.filter(tenant=tenant), CAMPAIGNS.working, now)
    return list(rows.select_related("promotion")[:_MOST])


def current_promotions(tenant: str, *, now: int) -> list[Promotion]:
    return list(_current(Promotion.objects.filter(tenant=tenant), PROMOTIONS.working, now)[:_MOST])


def _current(rows: Any, working: Any, now: int) -> Any:
    """Running, or starting soon; first what ends first."""
    soon = in_phase(Phase.SCHEDULED, working, now=now) & Q(starts_at__lte=now + _SOON_DAYS * DAY)
    return rows.filter(in_phase(Phase.RUNNING, working, now=now) | soon).order_by(
        F("ends_at").asc(nulls_last=True), "pk"
    )


def campaign_table(
    rows: Sequence[Campaign], figures: Mapping[int, CampaignFigures], ways: Ways, *, now: int
) -> Table:
    heads = (gettext("Place"), gettext("Impressions, 28 days"), gettext("Clicks, 28 days"))
    lines = [_line(row, _cells(heads, _seen(row, figures)), ways, CAMPAIGNS.working, now) for row in rows]
    return Table(
        title=gettext("Campaigns"),
        heads=heads,
        lines=lines[:_LISTED],
        left_out=len(lines[_LISTED:]),
        everything=ways.to_list("Campaign"),
        nothing=gettext("No campaign runs or starts within a week."),
    )


def promotion_table(rows: Sequence[Promotion], ways: Ways, *, now: int) -> Table:
    heads = (gettext("Gives"), gettext("Used"))
    lines = [
        _line(row, _cells(heads, (benefit_text(row), _used(row))), ways, PROMOTIONS.working, now)
        for row in rows
    ]
    return Table(
        title=gettext("Promotions"),
        heads=heads,
        lines=lines[:_LISTED],
        left_out=len(lines[_LISTED:]),
        everything=ways.to_list("Promotion"),
        nothing=gettext("No promotion runs or starts within a week."),
    )


def _line(row: Any, cells: _Cells, ways: Ways, working: Any, now: int) -> Line:
    phase, url = phase_of(row, working, now=now), ways.to_row(row._meta.object_name, row.pk)
    return Line(str(row), url, phase, PHASES[phase], cells, _when(row, phase))


def _cells(heads: Sequence[str], figures: Sequence[str | int]) -> _Cells:
    return list(zip(heads, figures, strict=True))


def _when(row: Any, phase: str) -> str:
    """When it starts, for what is to come; else when it ends."""
    if phase == Phase.SCHEDULED:
        return gettext("from %(at)s") % {"at": wall(row.starts_at)}
    return gettext("until %(at)s") % {"at": wall(row.ends_at)} if row.ends_at else gettext("no end")


def wall(instant: Any) -> str:
    """By the shop's clock, to the minute."""
    return wall_text(micros(instant)).replace("T", " ")[:16]


def _seen(row: Campaign, figures: Mapping[int, CampaignFigures]) -> tuple[str | int, ...]:
    place = row.slot if is_place(row.slot) else gettext("%(name)s (no longer declared)") % {"name": row.slot}
    own = figures.get(row.pk, CampaignFigures())
    return place, own.impressions, own.clicks


def _used(row: Promotion) -> str:
    return str(row.taken) if row.limit_total is None else taken_of(row.taken, row.limit_total)
