"""A limit is exact over processes and threads as long as Redis lives, and no limit at all when it does not."""

from collections import Counter
from functools import partial
from itertools import chain

import pytest
from redis import Redis

from tests.load.browser import EVENTS, Browser
from tests.load.cache import Cache
from tests.load.crowd import Crowd
from tests.load.ledger import Balance, balance
from tests.load.together import at_once

pytestmark = [pytest.mark.slow, pytest.mark.postgresql, pytest.mark.broker]

LIMIT, CALLERS, CALLS = 20, 100, 3


def call(port):
    """A browser of its own; all of them come from one address."""
    with Browser(port) as browser:
        bodies = [{"events": [event.document()]} for event in browser.views(CALLS)]
        return [browser.post(EVENTS, body) for body in bodies]


def test_exactly_the_limit_is_let_through(redis, serve):
    # A cache that answers late counts as dead, and lets everybody through: here it only has much to do.
    site = serve(CACHE_URL=redis.url, EVENTS_RATE=f"{LIMIT}/hour", CACHE_PATIENCE="15")
    for _ in range(3):
        Redis(port=redis.port).flushall()
        replies = list(chain.from_iterable(at_once([partial(call, site.port)] * CALLERS)))
        assert Counter(reply.status for reply in replies) == {202: LIMIT, 429: CALLERS * CALLS - LIMIT}
        assert all(int(reply.headers["Retry-After"]) > 0 for reply in replies if reply.status == 429)


@pytest.mark.parametrize("failure", [Cache.kill, Cache.hang], ids=["dead", "hanging"])
def test_events_arrive_without_redis(redis, serve, database, failure):
    """Redis holds the counters and the queue; it fails in the middle of the load."""
    site = serve(CACHE_URL=redis.url, CELERY_BROKER_URL=redis.broker, EVENTS_RATE="1000000/hour")
    with Crowd(site.port) as crowd:
        crowd.work(0.3)
        failure(redis)
        crowd.work(1)
    assert set(crowd.replies) == {202}
    assert balance(database, crowd.browsers) == Balance()
    assert "the cache of throttles does not work" in site.said()
