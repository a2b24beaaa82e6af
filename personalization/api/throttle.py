"""No more than so many requests of one address in one window, exactly, however many ask at once."""

from __future__ import annotations

import logging
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django.core.cache import caches
from django.utils.crypto import salted_hmac
from rest_framework.exceptions import Throttled

from personalization.api.outage import Outage
from personalization.conf import settings
from personalization.identity.address import client_address, is_hidden, network_of
from personalization.identity.headless import is_server

if TYPE_CHECKING:
    from django.core.cache import BaseCache
    from django.http import HttpRequest

logger = logging.getLogger("personalization")

_SECONDS: Final = {"sec": 1, "min": 60, "hour": 3_600, "day": 86_400}
_SALT: Final = "personalization.throttle"

#: Name of a caller → when its window began, as this process was told.
_windows: Final[dict[str, int]] = {}
_MOST_WINDOWS: Final = 10_000

#: What we know of the cache's failures; see there.
outage: Final = Outage("the cache of throttles")


def require_rate(request: HttpRequest, scope: str) -> str:
    """Count a request in the scope of a throttle; raises Throttled, with the seconds to wait, beyond its limit.

    The shop's own server is never throttled: it speaks for many. Nor is anybody while the cache is dead, or behind a
    proxy that TRUSTED_PROXIES does not name: a shop without its counters is better than no shop.
    What it was counted in may be passed to `give_back_rate`.
    """
    rate = _parsed(settings.throttles.get(scope))
    if rate is None or is_server(request) or outage.lasts():
        return ""
    if is_hidden(request):
        _say_once()
        return ""
    limit, window = rate
    name = f"personalization.throttle.{scope}.{_caller(client_address(request), settings.secret_keys[0])}"
    try:
        count, begun = _count(caches[settings.CACHE], name, window)
    except Exception as error:  # noqa: BLE001 - whatever a cache raises: its drivers have their own errors
        outage.note(error)
        return ""
    if count > limit:
        raise Throttled(wait=max(1, min(window, begun + window - int(time.time()))))
    return _counter(name, begun)


def give_back_rate(counter: str) -> None:
    """Take back a request that `require_rate` has counted: it was none of those that are limited."""
    if not counter or outage.lasts():
        return
    try:
        caches[settings.CACHE].decr(counter)
    except ValueError:  # its window is over
        return
    except Exception as error:  # noqa: BLE001 - as above
        outage.note(error)


def _count(cache: BaseCache, name: str, window: int) -> tuple[int, int]:
    """This call's number in its window, and when that began.

    The counter is named after its window, so that one which outlived it is never counted on. Only `add` and `incr` of
    Redis and Memcached decide, and no two calls get one number.
    """
    begun = _begun(cache, name, window, int(time.time()))
    counter = _counter(name, begun)
    try:
        return cache.incr(counter), begun
    except ValueError:  # nobody has called in this window yet
        return (1 if cache.add(counter, 1, window + 60) else cache.incr(counter)), begun


def _counter(name: str, begun: int) -> str:
    return f"{name}.{begun}"


def _begun(cache: BaseCache, name: str, window: int, now: int) -> int:
    """When the window of this caller began: now, when it has none. Asked once in each window and process."""
    begun: int | None = _windows.get(name)
    if begun is not None and begun <= now < begun + window:
        return begun
    begun = cache.get(name)
    if begun is None:
        begun = now if cache.add(name, now, window) else int(cache.get(name, now))
    if len(_windows) >= _MOST_WINDOWS:
        _windows.clear()
    _windows[name] = begun
    return begun


@lru_cache(maxsize=1)
def _say_once() -> None:
    logger.warning("requests come through a proxy: name it in TRUSTED_PROXIES, or nobody is throttled")


@lru_cache(maxsize=64)
def _parsed(rate: object) -> tuple[int, int] | None:
    """``"600/min"`` → 600 requests in 60 seconds. What is no rate is no limit: the system checks say so."""
    count, _, unit = str(rate).partition("/")
    return (int(count), _SECONDS[unit]) if count.isdecimal() and unit in _SECONDS else None


@lru_cache(maxsize=4096)
def _caller(address: str, secret: str) -> str:
    """What an address is called in the cache: keyed, so that nobody reads addresses there."""
    return salted_hmac(_SALT, network_of(address), secret, algorithm="sha256").hexdigest()[:32]
