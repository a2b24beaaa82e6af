"""Celery tasks: thin fronts of the functions that the commands call.

Nothing depends on the broker bringing a message back: what was asked for is a row, and `run_due` finds it.
"""

from __future__ import annotations

import logging
import time
from dataclasses import asdict
from typing import Any, Final

from celery import shared_task
from celery.schedules import crontab

from personalization.capture import order_import
from personalization.capture.turn import TakenTurnError
from personalization.exceptions import PersonalizationError
from personalization.learning import due, rebuild
from personalization.learning.clock import utc_micros
from personalization.learning.job import AlreadyRunningError, RunFailedError
from personalization.privacy import retention
from personalization.store.runs import LostLeaseError

logger = logging.getLogger(__name__)

_OPTIONS: Final[dict[str, Any]] = {
    "ignore_result": True,
    "acks_late": True,
    "reject_on_worker_lost": True,
    "serializer": "json",
}


@shared_task(name="personalization.rebuild_recommendations", **_OPTIONS)
def rebuild_recommendations(
    *,
    tenant: str = "",
    recommender: str | None = None,
    as_of: int | None = None,
    changed: bool = False,
    **kwargs: Any,
) -> None:
    """Learn again and publish. ``as_of``: UTC microseconds. Unknown arguments of newer senders are ignored."""
    aliases = None if recommender is None else [recommender]
    try:
        rebuild.rebuild(tenant=tenant, aliases=aliases, as_of=as_of, changed=changed)
    except (AlreadyRunningError, LostLeaseError) as error:
        logger.info("%s", error)
    except RunFailedError:
        pass  # logged and stored with the run


@shared_task(name="personalization.run_due", **_OPTIONS)
def run_due(**kwargs: Any) -> None:
    """Do what was requested, and finish what a worker left behind."""
    for done in due.run_due():
        logger.info("run #%s (%s): %s", done.run, done.kind, done.error or "done")


@shared_task(name="personalization.import_orders", **_OPTIONS)
def import_orders(*, tenant: str = "", **kwargs: Any) -> None:
    """Pull the shop's orders that nobody told of."""
    try:
        done = order_import.import_orders(tenant=tenant, clock=utc_micros)
    except TakenTurnError as error:
        logger.info("%s", error)
    else:
        logger.info("orders: %s", asdict(done))


@shared_task(name="personalization.forget_old", **_OPTIONS)
def forget_old(**kwargs: Any) -> None:
    """Forget what is older than RETENTION_DAYS."""
    try:
        done = retention.forget_old(now=time.time_ns() // 1000)
    except PersonalizationError as error:
        logger.error("nothing was forgotten: %s", error)  # noqa: TRY400 - a sentence for people, not a fault
    else:
        logger.info("forgotten: %s", dict(done.removed))


#: Merge into the project's ``beat_schedule``: learn and forget every night, pull orders every five minutes, sweep every
#: minute.
BEAT_SCHEDULE: Final[dict[str, dict[str, Any]]] = {
    "personalization-rebuild": {
        "task": "personalization.rebuild_recommendations",
        "schedule": crontab(hour=3, minute=15),
    },
    "personalization-forget-old": {
        "task": "personalization.forget_old",
        "schedule": crontab(hour=4, minute=45),
    },
    "personalization-import-orders": {
        "task": "personalization.import_orders",
        "schedule": 300.0,
        "options": {"expires": 300.0},
    },
    "personalization-run-due": {
        "task": "personalization.run_due",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
}
