"""Events that are good → rows, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from personalization.engine.types import Kind
from personalization.privacy.standing import Standing, bar, is_closed, standing_of
from personalization.store.answers import append_answers
from personalization.store.events import Source, ToldColumns, append_told, event_digest, stored_digests
from personalization.store.viewed import View, record_views
from personalization.store.visitors import ensure_visitors

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from personalization.capture.beacon_row import Told
    from personalization.engine.types import Identity
    from personalization.store.answers import AnswerRow


class Fact(NamedTuple):
    """What is told of an item of ours (None: of none), which an answer of ours showed at a place (None: of none)."""

    told: Told
    item: int | None
    answer: AnswerRow | None
    place: int | None


@dataclass(frozen=True, slots=True)
class Teller:
    """Whom a batch is told of: ``identity``, or where that is None or closed, the first of ``successors`` that is not.

    ``flags``: those of the traffic. ``now``: UTC microseconds.
    """

    identity: Identity | None
    now: int
    successors: Callable[[], Iterable[Identity]] = tuple
    tenant: str = ""
    store: str = ""
    flags: int = 0


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
    reasons = {fact.told.id: bar(standing, occurred_at=fact.told.occurred_at) for fact in facts}
    dropped = {identifier: reason for identifier, reason in reasons.items() if reason is not None}
    kept = [fact for fact in facts if fact.told.id not in dropped]
    if not kept:
        return Stored(None, dropped=dropped)
    while is_closed(identity.kind, standing):
        following = next(candidates, None)
        if following is None:
            return Stored(None, dropped=dropped | {fact.told.id: "closed" for fact in kept})
        identity, standing = following
    visitor = standing.visitor or _new_visitor(identity, teller)
    digests = [
        event_digest(tenant=teller.tenant, source=Source.BEACON, visitor=visitor, client_id=fact.told.id)
        for fact in kept
    ]
    known = set() if all_new else stored_digests(digests)
    fresh = [(digest, fact) for digest, fact in zip(digests, kept, strict=True) if digest not in known]
    if fresh:
        _append([digest for digest, _ in fresh], [fact for _, fact in fresh], visitor, teller)
    news = {fact.told.id for _, fact in fresh}
    return Stored(identity, {fact.told.id for fact in kept} - news, dropped)


def _standings(teller: Teller) -> Iterator[tuple[Identity, Standing]]:
    """Those under whom something may be stored, and what is known of them; asked one by one."""
    if teller.identity is not None:
        yield teller.identity, standing_of(teller.identity, tenant=teller.tenant)
    for identity in teller.successors():
        yield identity, standing_of(identity, tenant=teller.tenant)


def _new_visitor(identity: Identity, teller: Teller) -> int:
    made = ensure_visitors(identity.kind, [identity.key], tenant=teller.tenant, now=teller.now)
    return made[identity.key]


def _append(digests: list[bytes], facts: list[Fact], visitor: int, teller: Teller) -> None:
    answers = {fact.answer.key: fact.answer for fact in facts if fact.answer is not None}
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


def _columns(digests: list[bytes], facts: list[Fact]) -> ToldColumns:
    told, items, answers, places = zip(*facts, strict=True)
    return ToldColumns(
        digests=digests,
        kinds=[int(one.kind) for one in told],
        items=items,
        occurred_at=[one.occurred_at for one in told],
        quantities=[one.quantity for one in told],
        unit_prices=[one.unit_price for one in told],
        currencies=[one.currency for one in told],
        orders=[one.order for one in told],
        queries=[one.query for one in told],
        recommendations=["" if answer is None else answer.key for answer in answers],
        positions=places,
    )
