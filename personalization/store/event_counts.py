"""How often what happened, day by day: events are counted once, behind those who write them.

Nobody who stores an event touches a count: a row that every page view updates would be waited for by all of them. The
counter walks along the primary key instead, over each event once.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db import connections
from django.db.models import BigIntegerField, Count, F
from django.db.models.functions import Cast

from personalization.engine import ids
from personalization.engine.types import Kind
from personalization.models import Answer, CountedEvents, Event, EventCount
from personalization.store.bulk import batches, insert_rows
from personalization.store.campaign_views import day_of
from personalization.store.events import LOOKUP, events_database
from personalization.store.transaction import in_transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Ids that one transaction walks over.
STEP: Final = 50_000
#: One call does no more: 10 million ids.
MOST_STEPS: Final = 200
#: An event whose transaction lasts longer may be passed by.
GRACE: Final = 600_000_000

_QUARTER: Final = 900_000_000  #: no zone is shifted by less
_ONLY: Final = 1  #: the row of CountedEvents
_HELD_OUT: Final = "holdout"
_OF_CAMPAIGNS: Final = (Kind.IMPRESSION, Kind.CLICK)


class Counted(NamedTuple):
    """What is counted together, as the columns of `EventCount` name it."""

    tenant: str
    day: int
    kind: int
    campaign: int = 0
    held_out: bool = False


class Seen(NamedTuple):
    """An event by which a campaign was seen or clicked."""

    tenant: str
    kind: int
    occurred_at: int
    recommendation: str


def count_events(*, now: int) -> int:
    """Count the events that are not counted yet; how many ids that were. Of two callers at once, one counts."""
    last = _countable(now)
    first = upto = counted_upto()
    for _ in range(MOST_STEPS):
        target = min(upto + STEP, last)
        if target <= upto or not in_transaction(partial(_step, upto, target), using=events_database()):
            break
        upto = target
    return upto - first


def counted_upto() -> int:
    """The id of the last event that is counted."""
    return CountedEvents.objects.filter(pk=_ONLY).values_list("upto", flat=True).first() or 0


def shows_campaign(kind: int, item: int | None, recommendation: str) -> bool:
    """Whether an event may be of a campaign as a whole, not of one of its items."""
    return item is None and bool(recommendation) and kind in _OF_CAMPAIGNS


def campaigns_of(seen: Iterable[Seen]) -> Counter[Counted]:
    """Those events by campaign; what no answer of a campaign tells of is left out."""
    events = [(ids.digest(one.tenant, one.recommendation), one) for one in seen]
    answers: dict[bytes, tuple[int, str]] = {}
    for some in batches(sorted({digest for digest, _ in events}), LOOKUP):
        rows = Answer.objects.filter(digest__in=some).values_list("digest", "campaign", "arm")
        answers |= {bytes(digest): (campaign, arm) for digest, campaign, arm in rows if campaign is not None}
    counts: Counter[Counted] = Counter()
    for digest, one in events:
        if digest in answers:
            campaign, arm = answers[digest]
            counts[Counted(one.tenant, day_of(one.occurred_at), one.kind, campaign, arm == _HELD_OUT)] += 1
    return counts


def _countable(now: int) -> int:
    """The id up to which no event can still be on its way."""
    newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    insert_rows(
        CountedEvents, ("id", "upto", "newest", "looked_at"), [(_ONLY, 0, newest, now)], ignore_conflicts=True
    )
    wait = patience()
    if not wait:
        return newest
    rows = CountedEvents.objects.filter(pk=_ONLY, looked_at__lte=now - wait)
    settled = rows.values_list("newest", flat=True).first() or 0
    rows.update(newest=newest, looked_at=now)
    return settled


def patience() -> int:
    """How long an event may be on its way, in microseconds. SQLite lets in one writer at a time: ids commit in order."""
    return 0 if connections[events_database()].vendor == "sqlite" else GRACE


def _step(upto: int, target: int) -> bool:
    """Count the events after an id, up to another; False when somebody else did."""
    if not CountedEvents.objects.filter(pk=_ONLY, upto=upto).update(upto=target):
        return False
    _add(_counts(upto, target))
    return True


def _counts(upto: int, target: int) -> Mapping[Counted, int]:
    """What people did, without machines and staff."""
    rows = Event.objects.filter(pk__gt=upto, pk__lte=target, flags=0)
    at = Cast("occurred_at", BigIntegerField())
    quarters = rows.annotate(at=at).annotate(quarter=F("at") - F("at") % _QUARTER).order_by()
    counts: Counter[Counted] = Counter()
    for tenant, kind, quarter, count in quarters.values_list("tenant", "kind", "quarter").annotate(
        Count("pk")
    ):
        counts[Counted(tenant, day_of(quarter), kind)] += count
    shown = rows.filter(kind__in=_OF_CAMPAIGNS, item=None).exclude(recommendation="").annotate(at=at)
    of_campaigns = campaigns_of(
        Seen(*row) for row in shown.values_list("tenant", "kind", "at", "recommendation").iterator()
    )
    for one, count in of_campaigns.items():
        counts[one] += count
        counts[one._replace(campaign=0, held_out=False)] -= count
    return counts


def _add(counts: Mapping[Counted, int]) -> None:
    """In the transaction that moves ``upto``, whose row lets in one at a time."""
    days = {one.day for one in counts}
    stored = EventCount.objects.filter(day__gte=min(days, default=0), day__lte=max(days, default=0))
    known = {Counted(row.tenant, row.day, row.kind, row.campaign, row.held_out): row for row in stored}
    fresh, changed = [], []
    for one, count in counts.items():
        if count and one in known:
            known[one].count += count
            changed.append(known[one])
        elif count:
            fresh.append(EventCount(**one._asdict(), count=count))
    EventCount.objects.bulk_update(changed, ["count"], batch_size=LOOKUP)
    EventCount.objects.bulk_create(fresh, batch_size=LOOKUP)
