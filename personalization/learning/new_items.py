"""Items that are new: compared with the whole catalog as soon as a worker finds the run that asks for it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from personalization.conf import settings
from personalization.engine.interactions import Interactions
from personalization.learning.preprocess import Prepared
from personalization.learning.training import train
from personalization.store.builds import drop_old_builds
from personalization.store.sync import sync_items

if TYPE_CHECKING:
    from collections.abc import Mapping

    from personalization.learning.job import Job


def learn_new_items(job: Job) -> Mapping[str, Any]:
    """The work of a content run: read the shop's catalog, learn the recommender of NEW_ITEMS from it alone, and publish."""
    started, alias = job.clock(), settings.NEW_ITEMS
    if not alias:
        return {"skipped": "NEW_ITEMS names no recommender"}
    items = sync_items(tenant=job.lease.tenant, now=started, beat=job.beat)
    trained = train(alias, _nothing_happened(), job, as_of=started)
    dropped = drop_old_builds(tenant=job.lease.tenant, keep=settings.BUILDS_KEPT)
    return {"catalog": asdict(items), "recommenders": {alias: asdict(trained)}, "dropped_builds": dropped}


def _nothing_happened() -> Prepared:
    """Training puts the whole catalog in."""
    nobody, nothing = np.empty(0, np.int64), np.empty(0, np.int32)
    told = Interactions(nothing, nothing, np.empty(0, np.float32), 0, 0, times=np.empty(0, np.int64))
    return Prepared(told, nothing, nobody)
