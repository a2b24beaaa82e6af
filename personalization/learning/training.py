"""One recommender: learn, write a build, make it live."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from personalization.conf import settings
from personalization.engine.memory import peak_rss_mb
from personalization.learning.changes import find_changed, print_all
from personalization.learning.quality import measure
from personalization.learning.segment import in_segment
from personalization.learning.visitor_lists import list_bytes, shorten
from personalization.learning.whole_catalog import needs_whole_catalog, with_whole_catalog
from personalization.registry import available, get_recommender, segment_of
from personalization.store.builds import (
    BuildCost,
    NewBuild,
    create_build,
    fail_build,
    publish_build,
    write_tables,
)
from personalization.store.earlier_builds import find_build, find_finished, find_live, write_updated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from personalization.engine.interactions import Interactions
    from personalization.engine.recommenders.base import Recommender
    from personalization.engine.tables import Tables
    from personalization.learning.job import Job
    from personalization.learning.preprocess import Prepared
    from personalization.store.builds import Prints
    from personalization.store.earlier_builds import EarlierBuild, FinishedBuild

logger = logging.getLogger(__name__)

#: The field in which a recommender may take a memory budget.
BUDGET: Final = "memory_budget_mb"

_SECOND: Final = 1_000_000
_MB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Trained:
    """What became of one recommender.

    how : "learned"; "updated", row by row where something changed; "unchanged", nothing did, and the live build stays;
          or "kept", this run had published it before its worker stopped
    """

    build: int
    state: str
    items: int
    visitors: int
    expected_bytes: int
    bytes: int
    seconds: float
    peak_rss_mb: float
    metrics: Mapping[str, Any]
    how: str = "learned"


def train(alias: str, prepared: Prepared, job: Job, *, as_of: int, changed: bool = False) -> Trained:
    """Learn from the interactions and publish what was learned, unless the lease is lost meanwhile.

    ``changed``: nothing that the live build holds is learned again, where learning would give the same bytes.
    """
    started = job.clock()
    recommender = make_recommender(alias)
    who = {"backend": available()[alias]["BACKEND"], "options": _options(recommender)}
    segment = segment_of(alias)
    if segment:
        who["segment"] = segment
        prepared = in_segment(prepared, segment, tenant=job.lease.tenant, now=as_of)
    kept = find_finished(job.lease.run, alias, recommender=who) if job.lease.attempt > 1 else None
    if kept is not None:
        return _told(kept, recommender, how="kept")
    if needs_whole_catalog(recommender):
        prepared = with_whole_catalog(prepared, tenant=job.lease.tenant)
    prints = print_all(recommender, prepared)
    live = find_live(alias, tenant=job.lease.tenant, recommender=who) if changed else None
    if live is not None and live.lasts and live.prints.learned == prints.learned:
        return _told(find_build(live.id), recommender, how="unchanged")
    fresh = _update(live, recommender, prepared, prints) or _learn(
        alias, recommender, prepared, job, as_of=as_of
    )
    job.beat()
    build = create_build(_describe(alias, who, prepared, job, as_of=as_of), now=job.clock())
    _write(build, fresh, prepared, prints, job)
    cost = BuildCost((job.clock() - started) / _SECOND, peak_rss_mb(), fresh.metrics)
    publish_build(build, now=job.clock(), lease=job.lease, cost=cost)
    return _told(find_build(build), recommender, how=fresh.how)


@dataclass(frozen=True, slots=True, eq=False)
class _Fresh:
    """What is to be written, how good it is, and how it came about."""

    how: str
    metrics: Mapping[str, Any]
    write: Callable[..., int]


def _learn(alias: str, recommender: Recommender, prepared: Prepared, job: Job, *, as_of: int) -> _Fresh:
    learned = prepared.interactions
    most = expected_bytes(recommender, learned.n_items) / _MB
    logger.info("%s: tables of %d items will take at most %.1f MB", alias, learned.n_items, most)
    fitted = recommender.fit(learned)
    tables = _with_kept_lists(fitted.tables(), learned, as_of=as_of)
    if lists := list_bytes(tables):
        logger.info("%s: what it worked out for each visitor takes %.1f MB more", alias, lists / _MB)
    job.beat()
    metrics = dict(getattr(fitted, "report", {})) or measure(recommender, learned)
    write = partial(write_tables, tables=tables, visitor_ids=prepared.visitor_ids)
    return _Fresh("learned", metrics, write)


def _update(
    live: EarlierBuild | None, recommender: Recommender, prepared: Prepared, prints: Prints
) -> _Fresh | None:
    """The figures are those of the build that was learned as a whole last."""
    rows = None if live is None else find_changed(live, recommender, prepared, prints)
    if live is None or rows is None:
        return None
    metrics = {"of_build": live.id, **live.metrics}
    return _Fresh("updated", metrics, partial(write_updated, earlier=live, updated=rows))


def _told(build: FinishedBuild, recommender: Recommender, *, how: str) -> Trained:
    return Trained(
        build=build.id,
        state="ready",
        items=build.items,
        visitors=build.visitors,
        expected_bytes=expected_bytes(recommender, build.items) + build.visitor_bytes,
        bytes=build.bytes,
        seconds=round(build.seconds, 3),
        peak_rss_mb=build.peak_rss_mb,
        metrics=build.metrics,
        how=how,
    )


def _with_kept_lists(tables: Tables, learned: Interactions, *, as_of: int) -> Tables:
    most, days = settings.VISITOR_ITEMS, settings.VISITOR_DAYS
    return shorten(tables, learned, most=most, days=days, as_of=as_of)


def make_recommender(alias: str) -> Recommender:
    """The recommender of an alias with the project's memory budget, unless it has none or its OPTIONS say another."""
    recommender = get_recommender(alias)
    made: Any = recommender
    names = [field.name for field in fields(made)] if is_dataclass(made) else []
    if BUDGET not in names or BUDGET in available()[alias].get("OPTIONS", {}):
        return recommender
    budgeted: Recommender = replace(made, **{BUDGET: settings.MEMORY_BUDGET_MB})
    return budgeted


def expected_bytes(recommender: Recommender, n_items: int) -> int:
    """Upper bound of a build's payloads: the vocabulary, the prints, one ranking, and what the recommender says of its
    tables."""
    tables = getattr(recommender, "table_bytes", None)
    return 28 + 18 * n_items + (int(tables(n_items)) if callable(tables) else 0)


def _describe(
    alias: str, recommender: Mapping[str, Any], prepared: Prepared, job: Job, *, as_of: int
) -> NewBuild:
    learned = prepared.interactions
    return NewBuild(
        alias=alias,
        tenant=job.lease.tenant,
        run=job.lease.run,
        as_of=as_of,
        recommender=recommender,
        items=learned.n_items,
        visitors=learned.n_visitors,
        interactions=len(learned),
    )


def _options(recommender: Any) -> dict[str, Any]:
    """What JSON can hold of them: a host's recommender may have options of any type."""
    options = asdict(recommender) if is_dataclass(type(recommender)) else {}
    readable: dict[str, Any] = json.loads(json.dumps(options, default=str))
    return readable


def _write(build: int, fresh: _Fresh, prepared: Prepared, prints: Prints, job: Job) -> None:
    try:
        fresh.write(build, item_ids=prepared.item_ids, prints=prints)
        job.beat()
    except Exception as error:
        fail_build(build, error=f"{type(error).__name__}: {error}")
        raise
