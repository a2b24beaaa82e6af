"""Events that are good → rows, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from personalization.capture.beacon_row import Told
from personalization.engine.types import Kind
from personalization.privacy.standing import Standing, bar, is_closed, standing_of
from personalization.store.answers import append_answers
from personalization.store.campaign_views import CampaignSeen, record_campaign_views
from personalization.store.events import Source, ToldColumns, append_told, stored_digests, told_digests
from personalization.store.people import family_of
from personalization.store.viewed import View, record_views
from personalization.store.visitors import ensure_visitors

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from personalization.engine.types import Identity
    from personalization.store.answers import AnswerRow


class Fact(NamedTuple):
    """What is told of an item of ours, and of the answer of ours that showed it at a place, ``recommendation``."""

    told: Told
    item: int | None = None
    answer: AnswerRow | None = None
    recommendation: str = ""
    place: int | None = None

    @property
    def client_id(self) -> str:
        """What tells the event apart from others of its visitor. That a campaign was seen, or clicked, counts once for
        each answer; no sender's id has a space."""
        if self.answer is None or self.told.item:
            return self.told.id
        return f"{self.recommendation} {self.told.kind}"


@dataclass(frozen=True, slots=True)
class Teller:
    """Whom a batch is told of: ``identity``, or where that is None or closed, the first of ``successors`` that is not.

    ``flags``: those of the traffic. ``now``: UTC microseconds. ``browser``: the one that sends it, when somebody else
    is told of.
    """

    identity: Identity | None
    now: int
    successors: Callable[[], Iterable[Identity]] = tuple
    tenant: str = ""
    store: str = ""
    flags: int = 0
    browser: Identity | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """``identity``: under which events are stored, None when none is; ``duplicates``: ids of events that were stored
    before; ``dropped``: ids of others → why they must not be stored."""

    identity: Identity | None
    duplicates: Collection[str] = ()
    dropped: Mapping[str, str] = field(default_factory=dict)


def store_facts(facts: Sequence[Fact], teller: Teller, *, all_new: bool) -> Stored:
    """Store events of different ids, to be called in a transaction: what people said of being known then holds until
    it ends. With ``all_new``, raises IntegrityError when one of them is stored already."""
    candidates = _standings(teller)
    identity, standing = next(candidates)
    dropped = _barred(facts, standing)
    kept = [fact for fact in facts if fact.told.id not in dropped] if dropped else facts
    if not kept:
        return Stored(None, dropped=dropped)
    earlier = _earlier(teller)
    while is_closed(identity.kind, standing):
        earlier |= {standing.visitor, standing.person}
        following = next(candidates, None)
        if following is None:
            return Stored(None, dropped=dropped | {fact.told.id: "closed" for fact in kept})
        identity, standing = following
    again = _told_before(kept, earlier - {standing.visitor}, teller)
    kept = [fact for fact in kept if fact.told.id not in again] if again else kept
    if not kept:
        return Stored(None, again, dropped)
    visitor = standing.visitor or _new_visitor(identity, teller)
    digests = told_digests(
        [fact.client_id for fact in kept], tenant=teller.tenant, source=Source.BEACON, visitor=visitor
    )
    known = set() if all_new else stored_digests(digests)
    duplicates = {fact.told.id for digest, fact in zip(digests, kept, strict=True) if digest in known}
    if known:
        kept = [fact for fact in kept if fact.told.id not in duplicates]
        digests = [digest for digest in digests if digest not in known]
    if kept:
        _append(digests, kept, visitor, teller)
    return Stored(identity, duplicates | again, dropped)


def _earlier(teller: Teller) -> set[int | None]:
    """Under whom this browser may have told the same events before somebody signed in: a page that is left does not
    hear that its last events were stored, and the next page tells them again."""
    return set() if teller.browser is None else {*family_of(teller.browser, tenant=teller.tenant)}


def _told_before(facts: Sequence[Fact], visitors: Collection[int | None], teller: Teller) -> set[str]:
    """Ids of events that are stored under one of these visitors."""
    keys = [fact.client_id for fact in facts]
    digests = {
        digest: fact.told.id
        for visitor in visitors
        if visitor is not None
        for digest, fact in zip(
            told_digests(keys, tenant=teller.tenant, source=Source.BEACON, visitor=visitor),
            facts,
            strict=True,
        )
    }
    return {digests[digest] for digest in stored_digests(digests)} if digests else set()


def _barred(facts: Sequence[Fact], standing: Standing) -> dict[str, str]:
    """Ids of events that must not be stored → why. Only an erasure makes a difference between events."""
    if standing.erased_at is None and bar(standing, occurred_at=facts[0].told.occurred_at) is None:
        return {}
    reasons = {fact.told.id: bar(standing, occurred_at=fact.told.occurred_at) for fact in facts}
    return {identifier: reason for identifier, reason in reasons.items() if reason is not None}


def _standings(teller: Teller) -> Iterator[tuple[Identity, Standing]]:
    """Those under whom something may be stored, and what is known of them; asked one by one."""
    if teller.identity is not None:
        yield teller.identity, standing_of(teller.identity, tenant=teller.tenant)
    for identity in teller.successors():
        yield identity, standing_of(identity, tenant=teller.tenant)


def _new_visitor(identity: Identity, teller: Teller) -> int:
    made = ensure_visitors(identity.kind, [identity.key], tenant=teller.tenant, now=teller.now)
    return made[identity.key]


def _append(digests: list[bytes], facts: Sequence[Fact], visitor: int, teller: Teller) -> None:
    answers = {fact.recommendation: fact.answer for fact in facts if fact.answer is not None}
    append_answers(answers.values(), tenant=teller.tenant)
    append_told(
        _columns(digests, facts),
        visitor=visitor,
        tenant=teller.tenant,
        store=teller.store,
        flags=teller.flags,
        source=Source.BEACON,
        now=teller.now,
    )
    if teller.flags:
        return  # machines and staff have no history
    views = [
        View(visitor, fact.item, fact.told.occurred_at)
        for fact in facts
        if fact.told.kind == Kind.VIEW and fact.item is not None
    ]
    if views:
        record_views(views, tenant=teller.tenant)
    seen = [
        CampaignSeen(
            fact.answer.campaign, visitor, fact.told.occurred_at, clicked=fact.told.kind == Kind.CLICK
        )
        for fact in facts
        if fact.answer is not None and fact.answer.campaign is not None and not fact.told.item
    ]
    if seen:
        record_campaign_views(seen, tenant=teller.tenant)


def _columns(digests: list[bytes], facts: Sequence[Fact]) -> ToldColumns:
    told, items, _, recommendations, places = zip(*facts, strict=True)
    columns: Any = Told._make(zip(*told, strict=True))
    return ToldColumns(
        digests=digests,
        kinds=columns.kind,
        items=items,
        occurred_at=columns.occurred_at,
        quantities=columns.quantity,
        unit_prices=columns.unit_price,
        currencies=columns.currency,
        orders=columns.order,
        queries=columns.query,
        recommendations=recommendations,
        positions=places,
    )
