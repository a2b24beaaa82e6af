"""What somebody should do something about, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext, ngettext

from personalization.admin.campaign_place import is_place
from personalization.admin.coupon import taken_of
from personalization.admin.overview.running import wall
from personalization.admin.phase import phase_of
from personalization.engine.rules import read_rule
from personalization.engine.rules.wall_time import DAY
from personalization.exceptions import InvalidInputError
from personalization.registry import get_vocabulary
from personalization.store.campaign_content import CAMPAIGN_SCOPES
from personalization.store.campaigns import CAMPAIGNS
from personalization.store.promotion_content import RULE_SCOPES, TARGET_SCOPES, micros
from personalization.store.promotions import PROMOTIONS
from personalization.store.schedule import Phase

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from personalization.admin.overview.ways import Ways
    from personalization.engine.rules import Scope
    from personalization.models import Campaign, Promotion
    from personalization.store.recent import RecentEvents

#: A promotion that has used this share of its limit, or ends so soon, is told of.
_NEARLY: Final = 0.9
_ENDS_DAYS: Final = 3


@dataclass(frozen=True, slots=True)
class Need:
    """``text``: what is the matter; ``todo``: what to do; ``url``: where that is done, or more is read of it;
    ``urgent``: something does not work."""

    text: str
    todo: str
    url: str
    urgent: bool = False


def campaign_needs(rows: Iterable[Campaign], ways: Ways, *, now: int) -> Iterator[Need]:
    for row in rows:
        if phase_of(row, CAMPAIGNS.working, now=now) == Phase.RUNNING:
            yield from _campaign(row, ways, now)


def _campaign(row: Campaign, ways: Ways, now: int) -> Iterator[Need]:
    url, title = ways.to_row("Campaign", row.pk), {"title": row.title}
    if not _readable(row.rule, CAMPAIGN_SCOPES):
        text = gettext("Nobody sees the campaign “%(title)s”: its conditions cannot be read any more.")
        yield Need(text % title, gettext("Open it and say anew who sees it"), url, urgent=True)
    if not is_place(row.slot):
        text = gettext(
            "Nobody sees the campaign “%(title)s”: the settings no longer declare its place %(place)s."
        )
        yield Need(text % {**title, "place": row.slot}, gettext("Choose another place"), url, urgent=True)
    promotion = row.promotion
    if promotion is None or not ways.may_view("Promotion"):
        return
    if phase_of(promotion, PROMOTIONS.working, now=now) != Phase.RUNNING:
        text = gettext("The campaign “%(title)s” shows the promotion “%(promotion)s”, which does not run.")
        there = ways.to_row("Promotion", promotion.pk)
        told = {**title, "promotion": promotion.title}
        yield Need(text % told, gettext("Open the promotion and start it"), there, urgent=True)


def promotion_needs(rows: Iterable[Promotion], ways: Ways, *, now: int) -> Iterator[Need]:
    for row in rows:
        if phase_of(row, PROMOTIONS.working, now=now) == Phase.RUNNING:
            yield from _promotion(row, ways, now)


def _promotion(row: Promotion, ways: Ways, now: int) -> Iterator[Need]:
    url, title = ways.to_row("Promotion", row.pk), {"title": row.title}
    if not (_readable(row.rule, RULE_SCOPES) and _readable(row.targets, TARGET_SCOPES)):
        text = gettext("Nobody gets the promotion “%(title)s”: its conditions cannot be read any more.")
        yield Need(text % title, gettext("Open it and say anew who gets what"), url, urgent=True)
    if row.limit_total is not None and row.taken >= _NEARLY * row.limit_total:
        text = gettext("The promotion “%(title)s” is nearly used up: %(taken)s.")
        told = {**title, "taken": taken_of(row.taken, row.limit_total)}
        yield Need(text % told, gettext("Raise its limit, or let it end"), url)
    ends_at = micros(row.ends_at)
    if ends_at is not None and ends_at - now <= _ENDS_DAYS * DAY:
        text = gettext("The promotion “%(title)s” ends on %(at)s.")
        yield Need(
            text % {**title, "at": wall(row.ends_at)}, gettext("Prolong it, or prepare what follows"), url
        )


def _readable(rule: str, scopes: Collection[Scope]) -> bool:
    try:
        if rule:
            read_rule(rule, get_vocabulary(), scopes=scopes)
    except InvalidInputError:
        return False
    return True


def event_needs(recent: RecentEvents, ways: Ways, *, now: int) -> Iterator[Need]:
    if recent.received_at is None:
        if recent.whole:
            text = gettext("No event was ever recorded: nobody's interests can be known.")
            todo = gettext(
                "Put the tags into the shop's pages, or import events; the command personalization_doctor says what is missing"
            )
            yield Need(text, todo, ways.to_list("Event"))
        return
    days = (now - recent.received_at) // DAY
    if days >= 1:
        text = ngettext(
            "No event has arrived for %(count)d day, though there were some before.",
            "No event has arrived for %(count)d days, though there were some before.",
            days,
        )
        todo = gettext("See what came last; the command personalization_doctor says what is missing")
        yield Need(text % {"count": days}, todo, ways.to_list("Event"), urgent=True)
