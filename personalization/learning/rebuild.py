"""Learn again from everything that happened, and publish."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from personalization.conf import settings
from personalization.engine.types import Kind
from personalization.exceptions import InvalidInputError, PersonalizationError
from personalization.learning.clock import utc_micros
from personalization.learning.job import perform, reason, take_run
from personalization.learning.preprocess import clean, prepare
from personalization.learning.training import train
from personalization.registry import declared, get_recommender
from personalization.store.builds import drop_old_builds
from personalization.store.described import describe_items
from personalization.store.event_counts import count_events
from personalization.store.extract import extract_events
from personalization.store.new_items import ask_for_neighbors
from personalization.store.rating_arrays import extract_ratings
from personalization.store.runs import LostLeaseError
from personalization.store.sync import sync_items

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from personalization.learning.clock import Clock
    from personalization.learning.job import Job
    from personalization.learning.preprocess import Cleaned, Prepared
    from personalization.store.rating_arrays import RatingArrays

logger = logging.getLogger(__name__)

#: The kind of these runs.
REBUILD: Final = "rebuild"

_SECOND: Final = 1_000_000


class NothingToLearnError(PersonalizationError):
    """No event is left to learn from; what is live stays live."""


class RecommenderFailedError(PersonalizationError):
    """A recommender could not be learned; what it had published before stays live."""


def rebuild(
    *,
    tenant: str = "",
    aliases: Sequence[str] | None = None,
    as_of: int | None = None,
    most_per_visitor: int | None = None,
    changed: bool = False,
    clock: Clock = utc_micros,
) -> Mapping[str, Any]:
    """Learn every recommender, or those of ``aliases``, and publish each; what was learned, JSON-ready.

    Events at or after ``as_of`` (UTC microseconds) are ignored. Of each visitor only the newest ``most_per_visitor``
    events count; default: the setting of that name. With ``changed``, a recommender for which nothing has changed keeps
    its live build, and item tables that compare items by their own visitors are updated row by row, to the same bytes.

    Raises
    ------
    InvalidInputError naming what is wrong with the arguments or the settings.
    AlreadyRunningError when another worker rebuilds this tenant.
    RunFailedError when it cannot be done: what was published before stays live.
    LostLeaseError when another worker took over because this one did not answer for too long.
    """
    arguments = _checked(aliases, as_of, most_per_visitor, changed=changed)
    while True:
        lease = take_run(REBUILD, tenant=tenant, arguments=arguments, clock=clock)
        report = perform(lease, learn, clock=clock)
        if lease.arguments == arguments:
            return report
        logger.info("run #%s had been asked for before; now what was asked here", lease.run)


def learn(job: Job) -> Mapping[str, Any]:
    """The work of a rebuild run."""
    started, asked = job.clock(), job.lease.arguments
    as_of = asked.get("as_of")
    items = sync_items(tenant=job.lease.tenant, now=started, beat=job.beat)
    if items.stored:
        ask_for_neighbors(tenant=job.lease.tenant, now=started)
    until = started if as_of is None else as_of
    ratings = extract_ratings(job.lease.tenant, until)
    cleaned = _read(job, ratings, until=until)
    prepared = _prepare(cleaned, ratings, job)
    report = {
        "run": job.lease.run,
        "tenant": job.lease.tenant,
        "attempt": job.lease.attempt,
        "catalog": asdict(items),
        "events": cleaned.report,
        "items": prepared.interactions.n_items,
        "visitors": prepared.interactions.n_visitors,
        "ratings": _count_ratings(prepared),
    }
    aliases = asked.get("aliases") or sorted(declared())
    trained = _train_all(aliases, prepared, job, as_of=until)
    count_events(now=job.clock())
    report["dropped_builds"] = drop_old_builds(tenant=job.lease.tenant, keep=settings.BUILDS_KEPT)
    report["seconds"] = round((job.clock() - started) / _SECOND, 3)
    return {"report": report, "recommenders": trained}


def _checked(
    aliases: Sequence[str] | None, as_of: int | None, most_per_visitor: int | None, *, changed: bool
) -> dict[str, Any]:
    for alias in aliases or declared():
        get_recommender(alias)
    if most_per_visitor is not None and most_per_visitor < 1:
        raise InvalidInputError("most_per_visitor", "must be at least 1")
    asked = {
        "aliases": sorted(set(aliases)) if aliases else None,
        "as_of": as_of,
        "most_per_visitor": most_per_visitor,
        "changed": changed or None,
    }
    return {name: value for name, value in asked.items() if value is not None}


def _read(job: Job, ratings: RatingArrays, *, until: int) -> Cleaned:
    events = extract_events(job.lease.tenant, until)
    job.beat()
    cleaned = clean(
        events,
        weights=_weights(),
        ratings=ratings,
        most_per_visitor=job.lease.arguments.get("most_per_visitor", settings.MOST_PER_VISITOR),
    )
    if not len(cleaned.events):
        told = f"{len(events)} events were read, none of them can be used"
        advice = "" if len(events) else "; import_orders brings the shop's orders, import_events a file"
        raise NothingToLearnError(f"there is nothing to learn from: {told}{advice}")
    return cleaned


def _prepare(cleaned: Cleaned, ratings: RatingArrays, job: Job) -> Prepared:
    items = describe_items(set(cleaned.events.item.tolist()), tenant=job.lease.tenant)
    job.beat()
    as_of = job.lease.arguments.get("as_of")
    prepared = prepare(
        cleaned.events,
        weights=_weights(),
        order=items.highest_key_first,
        as_of=as_of,
        half_life_days=settings.HALF_LIFE_DAYS,
        ratings=ratings,
        scale=settings.RATING_SCALE,
    )
    catalog = items.catalog(prepared.item_ids.tolist())
    return prepared.described(catalog if as_of is None else catalog.as_of(as_of))


def _count_ratings(prepared: Prepared) -> int:
    """How many ratings recommenders are told, low ones too."""
    ratings, dislikes = prepared.interactions.ratings, prepared.interactions.dislikes
    liked = 0 if ratings is None else int(np.count_nonzero(~np.isnan(ratings)))
    return liked + (0 if dislikes is None else len(dislikes))


def _train_all(aliases: Sequence[str], prepared: Prepared, job: Job, *, as_of: int) -> dict[str, Any]:
    """A recommender that fails does not keep the others from being published; the run fails at the end."""
    changed = bool(job.lease.arguments.get("changed"))
    trained: dict[str, Any] = {}
    failed: dict[str, Exception] = {}
    for alias in aliases:
        try:
            trained[alias] = asdict(train(alias, prepared, job, as_of=as_of, changed=changed))
        except LostLeaseError:
            raise
        except Exception as error:  # noqa: BLE001 - a recommender is the host's code; raised again below
            failed[alias] = error
    if failed:
        first = next(iter(failed.values()))
        raise RecommenderFailedError(
            f"{', '.join(failed)} failed, {len(trained)} published: {reason(first)}"
        ) from first
    return trained


def _weights() -> dict[int, float]:
    kinds = {kind.name.lower(): kind.value for kind in Kind}
    return {kinds[name]: float(weight) for name, weight in settings.event_weights.items() if name in kinds}
