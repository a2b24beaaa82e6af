"""Orders as they are told in the middle of the shop's own work: by its code, or by its signals."""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from personalization.adapters import get_adapter
from personalization.capture.checked_order import checked_key
from personalization.capture.orders import cancel_order, record_order
from personalization.capture.told import told
from personalization.exceptions import InvalidInputError
from personalization.identity.resolve import find_consent, find_identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from personalization.capture.order_counts import OrderCounts
    from personalization.capture.told import Work

logger = logging.getLogger("personalization")

#: Why lines are not stored although nothing is wrong.
_AS_WISHED: Final = frozenset({"refused", "erased"})


def tell_order(order: object, request: HttpRequest | None, *, tenant: str, what: str) -> bool:
    """Record an order, or what has its key, after the commit; whether it was taken. It never fails."""

    def prepare() -> Work:
        key = _key(order)
        say = partial(record_order, key, now=_now())
        if request is None:
            return partial(_taken, key, partial(say, tenant=tenant))
        adapter = get_adapter()
        say = partial(say, tenant=tenant or adapter.tenant(request))
        if adapter.is_staff(request):  # the order is not theirs, and they cannot agree for its customer
            return partial(_taken, key, say)
        browser, agreed = find_identity(request), find_consent(request)
        return partial(_taken, key, partial(say, browser=browser, agreed=agreed))

    return told(prepare, what=what)


def tell_cancellation(order: object, *, tenant: str, what: str) -> bool:
    """Cancel an order, or what has its key, after the commit; whether it was taken. It never fails."""

    def prepare() -> Work:
        key = _key(order)
        return partial(_taken, key, partial(cancel_order, key, tenant=tenant, now=_now()))

    return told(prepare, what=what)


def _key(order: object) -> str:
    if getattr(order, "pk", order) is None:
        raise InvalidInputError("order", _("Save the order first: it has no key yet."))
    return checked_key(get_adapter().order_key(order))


def _taken(key: str, say: Callable[[], OrderCounts]) -> bool:
    done = say()
    odd = [f"{count} × {reason}" for reason, count in done.skipped.items() if reason not in _AS_WISHED]
    if odd:
        logger.warning("lines of order %s are not stored: %s", key, ", ".join(odd))
    return done.orders > 0


def _now() -> int:
    return time.time_ns() // 1000
