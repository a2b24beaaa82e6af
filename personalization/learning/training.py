"""One recommender: learn, write a build, make it live."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from personalization.conf import settings
from personalization.engine.memory import peak_rss_mb
from personalization.learning.quality import measure
from personalization.learning.visitor_lists import list_bytes, shorten
from personalization.learning.whole_catalog import needs_whole_catalog, with_whole_catalog
from personalization.registry import available, get_recommender
from personalization.store.builds import (
    BuildCost,
    NewBuild,
    create_build,
    fail_build,
    publish_build,
    write_tables,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from personalization.engine.interactions import Interactions
    from personalization.engine.recommenders.base import Recommender
    from personalization.engine.tables import Tables
    from personalization.learning.job import Job
    from personalization.learning.preprocess import Prepared

logger = logging.getLogger(__name__)

#: The field in which a recommender may take a memory budget.
BUDGET: Final = "memory_budget_mb"

_SECOND: Final = 1_000_000
_MB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Trained:
    """What became of one recommender."""

    build: int
    state: str
    items: int
    visitors: int
    expected_bytes: int
    bytes: int
    seconds: float
    peak_rss_mb: float
    metrics: Mapping[str, Any]


def train(alias: str, prepared: Prepared, job: Job, *, as_of: int) -> Trained:
    """Learn from the interactions and publish what was learned, unless the lease is lost meanwhile."""
    started = job.clock()
    recommender = make_recommender(alias)
    if needs_whole_catalog(recommender):
        prepared = with_whole_catalog(prepared, tenant=job.lease.tenant)
    learned = prepared.interactions
    expected = expected_bytes(recommender, learned.n_items)
    logger.info("%s: tables of %d items will take at most %.1f MB", alias, learned.n_items, expected / _MB)
    fitted = recommender.fit(learned)
    tables = _with_kept_lists(fitted.tables(), learned, as_of=as_of)
    if lists := list_bytes(tables):
        expected += lists
        logger.info("%s: what it worked out for each visitor takes %.1f MB more", alias, lists / _MB)
    job.beat()
    metrics = dict(getattr(fitted, "report", {})) or measure(recommender, learned)
    job.beat()
    build = create_build(_describe(alias, recommender, prepared, job, as_of=as_of), now=job.clock())
    size = _write(build, tables, prepared, job)
    cost = BuildCost((job.clock() - started) / _SECOND, peak_rss_mb(), metrics)
    publish_build(build, now=job.clock(), lease=job.lease, cost=cost)
    return Trained(
        build=build,
        state="ready",
        items=learned.n_items,
        visitors=learned.n_visitors,
        expected_bytes=expected,
        bytes=size,
        seconds=round(cost.seconds, 3),
        peak_rss_mb=cost.peak_rss_mb,
        metrics=metrics,
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
    """Upper bound of a build's payloads: the vocabulary, one ranking, and what the recommender says of its tables."""
    tables = getattr(recommender, "table_bytes", None)
    return 12 + 10 * n_items + (int(tables(n_items)) if callable(tables) else 0)


def _describe(alias: str, recommender: Recommender, prepared: Prepared, job: Job, *, as_of: int) -> NewBuild:
    learned = prepared.interactions
    return NewBuild(
        alias=alias,
        tenant=job.lease.tenant,
        run=job.lease.run,
        as_of=as_of,
        recommender={"backend": available()[alias]["BACKEND"], "options": _options(recommender)},
        items=learned.n_items,
        visitors=learned.n_visitors,
        interactions=len(learned),
    )


def _options(recommender: Any) -> dict[str, Any]:
    """What JSON can hold of them: a host's recommender may have options of any type."""
    options = asdict(recommender) if is_dataclass(type(recommender)) else {}
    readable: dict[str, Any] = json.loads(json.dumps(options, default=str))
    return readable


def _write(build: int, tables: Tables, prepared: Prepared, job: Job) -> int:
    try:
        size = write_tables(build, tables, prepared.item_ids, visitor_ids=prepared.visitor_ids)
        job.beat()
    except Exception as error:
        fail_build(build, error=f"{type(error).__name__}: {error}")
        raise
    return size
