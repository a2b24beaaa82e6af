"""One look at everything, in the order in which faults are mended."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import DatabaseError

from personalization.adapters import get_adapter
from personalization.management.doctor import (
    configuration,
    declared,
    installation,
    orders,
    pages,
    people,
    products,
    work,
)
from personalization.management.doctor.finding import Finding, error
from personalization.management.doctor.visit import Visit
from personalization.store.overview import look_over, missing_migrations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def examine(*, tenant: str, now: int) -> list[Finding]:
    """What was found. Whatever fails on the way is a finding too."""
    tables = _holds(lambda: not missing_migrations())
    found = _seen(installation.ABOUT, installation.look)
    if configuration.is_configured() or _holds(lambda: look_over(tenant).items):
        found += _shop(tenant, now, tables=tables)
    else:
        found += _seen(configuration.ABOUT, configuration.look)
    return found + _seen(pages.ABOUT, pages.look)


def _shop(tenant: str, now: int, *, tables: bool) -> list[Finding]:
    """The host's own data, and what became of it in our tables."""
    try:
        visit = Visit(get_adapter(), tenant, now)
    except Exception as failure:  # noqa: BLE001 - as below
        return [_failure(declared.ABOUT, failure)]
    found: list[Finding] = []
    for each in (declared, products, orders, people):
        found += _seen(each.ABOUT, partial(each.look, visit))
    if tables:
        found += _seen(work.ABOUT, lambda: work.look(visit, reads_orders=orders.are_read(visit)))
    return found


def _seen(about: str, look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """What a look finds until it fails; the host's code may fail in any way."""
    found: list[Finding] = []
    try:
        found.extend(look())
    except Exception as failure:  # noqa: BLE001 - the doctor says what is wrong, and goes on
        found.append(_failure(about, failure))
    return found


def _failure(about: str, failure: Exception) -> Finding:
    first_line = (str(failure).strip() or "no message").splitlines()[0]
    return error(about, f"{type(failure).__name__}: {first_line}")


def _holds(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except DatabaseError:
        return False
