"""Whether orders are pulled and recommendations rebuilt, and how lately."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from personalization.capture.order_import import ORDERS
from personalization.management.doctor.finding import fine, warning
from personalization.management.doctor.visit import day
from personalization.store.cursors import find_cursor
from personalization.store.overview import look_over

if TYPE_CHECKING:
    from collections.abc import Iterator

    from personalization.management.doctor.finding import Finding
    from personalization.management.doctor.visit import Visit

ABOUT: Final = "Work"
_DAY: Final = 86_400_000_000
_CRON: Final = """\
*/5 * * * * python manage.py import_orders
15 3 * * *  python manage.py rebuild_recommendations
* * * * *   python manage.py run_due
45 4 * * *  python manage.py forget_old"""
_TO: Final = "crontab, or merge personalization.tasks.BEAT_SCHEDULE into Celery's"


def look(visit: Visit, *, reads_orders: bool) -> Iterator[Finding]:
    """``reads_orders``: whether the adapter has orders to pull."""
    there = look_over(visit.tenant)
    pulled = find_cursor(ORDERS, tenant=visit.tenant)
    late = "" if there.built_at is None else _late(there.built_at, visit.now)
    if reads_orders and pulled is None:
        yield warning(
            ABOUT, "Orders were never imported.", add="python manage.py import_orders", to="the shell"
        )
    elif pulled is not None:
        yield fine(ABOUT, f"Orders were imported up to {day(pulled)}.")
    if not there.live:
        add = "python manage.py rebuild_recommendations"
        yield warning(
            ABOUT, "Nothing was learned yet: slots show the newest products.", add=add, to="the shell"
        )
    elif there.built_at is not None:
        yield fine(ABOUT, f"{', '.join(there.live)} were published at {day(there.built_at)}.")
    if late or (reads_orders and pulled is not None and _late(pulled, visit.now)) or not there.live:
        yield warning(ABOUT, "Nobody does the work every night, as far as can be seen.", add=_CRON, to=_TO)


def _late(instant: int, now: int) -> str:
    days = (now - instant) // _DAY
    return f"{days} days ago" if days >= 2 else ""
