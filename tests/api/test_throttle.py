"""No more than so many requests of one address, exactly."""

from __future__ import annotations

import logging
import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache, caches
from django.core.cache.backends.locmem import LocMemCache
from django.test import Client, RequestFactory
from redis.exceptions import ConnectionError as NoRedisError
from rest_framework.exceptions import Throttled

from personalization.api import outage as outage_module
from personalization.api import throttle
from personalization.api.throttle import give_back_rate, outage, require_rate
from tests.api.beacons import SERVER_KEY, a_browser, event, tell, tell_as_server

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 20


class DeadCache(LocMemCache):
    """A cache whose server is away."""

    asked = 0

    def get(self, *args: Any, **kwargs: Any) -> Any:
        type(self).asked += 1
        raise NoRedisError("refused")

    def decr(self, *args: Any, **kwargs: Any) -> Any:
        raise NoRedisError("refused")


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000_000.0
        for name in ("time", "monotonic"):
            monkeypatch.setattr(f"time.{name}", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def limit(settings: Any, **rates: str | None) -> None:
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "THROTTLES": rates}


def call(address: str = "203.0.113.9", scope: str = "events", **headers: str) -> int:
    """0 when it is let through, else the seconds to wait."""
    try:
        require_rate(RequestFactory().post("/", REMOTE_ADDR=address, headers=headers), scope)
    except Throttled as refusal:
        return int(refusal.wait)
    return 0


@pytest.fixture(autouse=True)
def _goods(goods: None) -> None:
    """A shop that knows nobody."""


def test_the_limit_is_let_through_and_no_more(settings: Any, clock: Clock) -> None:
    limit(settings, events="3/min")
    assert [call() for _ in range(5)] == [0, 0, 0, 60, 60]


def test_the_window_begins_with_the_first_call(settings: Any, clock: Clock) -> None:
    limit(settings, events="2/min")
    assert call() == 0
    clock.now += 59
    assert [call(), call()] == [0, 1]
    clock.now += 1
    assert [call(), call(), call()] == [0, 0, 60]


def test_addresses_and_scopes_are_counted_apart(settings: Any, clock: Clock) -> None:
    limit(settings, events="1/min", ratings="1/min")
    assert [call(), call("203.0.113.10"), call(scope="ratings")] == [0, 0, 0]
    assert [call(), call("203.0.113.10"), call(scope="ratings")] == [60, 60, 60]
    assert [call("2001:db8::1"), call("2001:db8::2")] == [0, 60]


def test_what_is_given_back_may_be_done_again_in_its_window(settings: Any, clock: Clock) -> None:
    limit(settings, events="2/min")
    request = RequestFactory().post("/", REMOTE_ADDR="203.0.113.9")
    counted = require_rate(request, "events")
    give_back_rate(counted)
    assert [call(), call(), call()] == [0, 0, 60]
    clock.now += 60
    assert call() == 0
    give_back_rate(counted)  # of a window that is over: nothing of this one
    assert [call(), call()] == [0, 60]
    cache.clear()
    give_back_rate(counted)


def test_what_was_not_counted_is_not_given_back(settings: Any) -> None:
    limit(settings, events=None)
    counted = require_rate(RequestFactory().post("/"), "events")
    assert counted == ""
    give_back_rate(counted)


@pytest.mark.parametrize(
    ("rate", "seconds"), [("1/sec", 1), ("1/min", 60), ("1/hour", 3600), ("1/day", 86_400)]
)
def test_units(settings: Any, clock: Clock, rate: str, seconds: int) -> None:
    limit(settings, events=rate)
    assert [call(), call()] == [0, seconds]


@pytest.mark.parametrize("rate", [None, "often", "5", "5/fortnight", "-5/min", 7])
def test_what_is_no_rate_is_no_limit(settings: Any, rate: Any) -> None:
    limit(settings, events=rate)
    assert not any(call() for _ in range(1_300))


def test_the_shops_server_is_not_counted(settings: Any) -> None:
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "SERVER_KEYS": [SERVER_KEY]}
    limit(settings, events="1/min")
    assert not any(call(authorization=f"Bearer {SERVER_KEY}") for _ in range(5))


def test_the_cache_holds_no_address(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(settings, events="1/min")
    call("203.0.113.9")
    assert cache._cache  # type: ignore[attr-defined]
    assert "203.0.113.9" not in str(cache._cache)  # type: ignore[attr-defined]


def test_a_counter_that_outlived_its_window_is_not_counted_on(settings: Any, clock: Clock) -> None:
    """Redis may make a counter without an end when it expires between two commands."""
    limit(settings, events="1/min")
    call()
    for name in list(cache._cache):  # type: ignore[attr-defined]
        if name.rpartition(".")[2].isdigit():
            cache._expire_info[name] = None  # type: ignore[attr-defined]
    clock.now += 61
    assert [call(), call()] == [0, 60]


class TestWithoutCache:
    @pytest.fixture(autouse=True)
    def _dead(self, settings: Any) -> None:
        settings.CACHES = {**settings.CACHES, "dead": {"BACKEND": f"{__name__}.DeadCache"}}
        settings.PERSONALIZATION = {**settings.PERSONALIZATION, "CACHE": "dead"}
        limit(settings, events="1/min")
        DeadCache.asked = 0

    def test_everybody_is_let_through(self) -> None:
        assert not any(call() for _ in range(5))

    def test_nothing_is_given_back(self, caplog: pytest.LogCaptureFixture) -> None:
        give_back_rate("personalization.throttle.events.x.1")
        assert "the cache of throttles does not work" in caplog.text

    def test_it_is_asked_again_after_a_pause(self, clock: Clock) -> None:
        for _ in range(5):
            call()
        assert DeadCache.asked == 1
        clock.now += outage_module.PAUSE
        call()
        assert DeadCache.asked == 2

    def test_it_is_said_once_a_minute_with_how_often(
        self, clock: Clock, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.ERROR, "personalization"):
            for _ in range(61):
                call()
                clock.now += 1
        assert [record.args[1] for record in caplog.records] == [1, 60]  # type: ignore[index]
        assert outage.count == 0

    def test_a_cache_that_does_not_exist_is_a_dead_one(self, settings: Any) -> None:
        settings.PERSONALIZATION = {**settings.PERSONALIZATION, "CACHE": "nowhere"}
        assert not any(call() for _ in range(5))


def hang_up() -> None:
    """Close what this thread opened: Django keeps a pool of connections for each."""
    for pool in caches["redis"]._cache._pools.values():
        pool.disconnect()


def at_once(work: Any, *, threads: int, calls: int) -> list[Any]:
    together = Barrier(threads)

    def caller(_: int) -> list[Any]:
        together.wait(20)
        try:
            return [work() for _ in range(calls)]
        finally:
            hang_up()

    with ThreadPoolExecutor(threads) as pool:
        return [result for results in pool.map(caller, range(threads)) for result in results]


@pytest.mark.broker
class TestRedis:
    @pytest.fixture(autouse=True)
    def _redis(self, settings: Any) -> Iterator[None]:
        address = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/3")
        backend = "django.core.cache.backends.redis.RedisCache"
        own = {"BACKEND": backend, "LOCATION": address, "KEY_PREFIX": uuid.uuid4().hex}
        settings.CACHES = {**settings.CACHES, "redis": own}
        settings.PERSONALIZATION = {**settings.PERSONALIZATION, "CACHE": "redis"}
        limit(settings, events=f"{LIMIT}/min")
        try:
            caches["redis"].get("")
        except NoRedisError as error:
            missing = pytest.fail if os.environ.get("REQUIRE_SERVICES") else pytest.skip
            missing(f"Redis at {address} does not answer: {error}")
        yield
        hang_up()

    @pytest.mark.parametrize("run", range(3))
    def test_exactly_the_limit(self, run: int) -> None:
        waits = at_once(call, threads=100, calls=3)
        assert (waits.count(0), len(waits)) == (LIMIT, 300)
        assert all(0 < wait <= 60 for wait in waits if wait)

    def test_a_first_call_that_many_make_at_once(self) -> None:
        for number in range(20):
            waits = at_once(lambda number=number: call(f"203.0.113.{number}"), threads=30, calls=1)
            assert waits.count(0) == LIMIT


def test_the_address_of_a_client_behind_a_proxy_counts(settings: Any) -> None:
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "TRUSTED_PROXIES": ["10.0.0.1"]}
    limit(settings, events="1/min")
    assert call("10.0.0.1", **{"x-forwarded-for": "203.0.113.9"}) == 0
    assert call("10.0.0.1", **{"x-forwarded-for": "203.0.113.10"}) == 0
    assert call("10.0.0.1", **{"x-forwarded-for": "1.1.1.1, 203.0.113.9"}) > 0


def test_behind_a_proxy_that_is_not_named_nobody_shares_a_limit(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    limit(settings, events="1/min")
    throttle._say_once.cache_clear()  # other tests of this process may have made it speak
    for _ in range(3):
        assert call("10.0.0.1", **{"x-forwarded-for": "8.8.8.8"}) == 0
    assert len([record for record in caplog.records if "TRUSTED_PROXIES" in record.message]) == 1
    assert call("8.8.4.4", **{"x-forwarded-for": "1.1.1.1"}) == 0
    assert (
        call("8.8.4.4", **{"x-forwarded-for": "1.1.1.2"}) > 0
    )  # no proxy of the shop: it may say what it wants
    assert call("10.0.0.2") == 0
    assert call("10.0.0.2") > 0


class TestOverHttp:
    @pytest.mark.parametrize(
        ("method", "path", "scope"),
        [
            ("post", "v1/events/", "events"),
            ("post", "v1/ratings/", "ratings"),
            ("delete", "v1/ratings/mug/", "ratings"),
            ("get", "v1/slots/for_you/", "slots"),
            ("get", "v1/items/mug/similar/", "slots"),
            ("get", "v1/blocks/", "slots"),
        ],
    )
    def test_beyond_the_limit_is_a_problem(
        self, client: Client, settings: Any, mug: Any, method: str, path: str, scope: str
    ) -> None:
        limit(settings, **{scope: "1/min"})
        assert getattr(client, method)(f"/personalization/{path}").status_code != 429
        response = getattr(client, method)(f"/personalization/{path}")
        assert response.status_code == 429
        assert 0 < int(response["Retry-After"]) <= 60
        assert response["Content-Type"] == "application/problem+json"
        assert response["Cache-Control"] == "private, no-store"

    def test_reading_ratings_is_free(self, browser: Client, settings: Any, mug: Any) -> None:
        limit(settings, ratings="1/min")
        statuses = {browser.get("/personalization/v1/ratings/mug/").status_code for _ in range(3)}
        assert statuses == {404}

    def test_nothing_of_a_refused_batch_is_read(self, settings: Any, page: Client) -> None:
        limit(settings, events="1/min")
        assert tell(page, event()).status_code == 202
        assert tell(page, event()).status_code == 429
        assert tell_as_server(event(), personalization_user="anna").status_code == 202
        assert tell(a_browser(), "not even an event").status_code == 429
