"""Events under load: what was acknowledged is stored, once, whoever is killed meanwhile."""

import copy
import time
from functools import partial

import pytest

from tests.load.browser import CUT, EVENTS, Browser, counts
from tests.load.crowd import Crowd
from tests.load.ledger import Balance, balance, stored
from tests.load.site import THREADS, WORKERS
from tests.load.together import at_once

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]

on_every_database = pytest.mark.parametrize("database", ["postgres", "maria", "file"], indirect=True)
on_servers = pytest.mark.parametrize("database", ["postgres", "maria"], indirect=True)
of_every_kind = pytest.mark.parametrize(
    "habits",
    [{"batch": 50}, {"batch": 1}, {"batch": 5, "stay": 3}],
    ids=["batches", "single events", "newcomers"],
)

NOTHING_WRONG = Balance()
BEFORE, AFTER = 0.5, 0.7  #: seconds of load around a failure
TRIES, ROUNDS = 8, 3


def strike(database, crowd, failure):
    """A failure in the middle of the load, and the bill."""
    had = stored(database)
    with crowd:
        crowd.work(BEFORE)
        failure()
        crowd.work(AFTER)
    assert set(crowd.replies) <= {202, 503, CUT}
    assert balance(database, crowd.browsers) == NOTHING_WRONG
    assert stored(database) - had == len(crowd) == crowd.verdicts["stored"] + crowd.verdicts["duplicates"]


def tell(browser, events):
    with browser:
        return browser.tell(events).document


@on_servers
@of_every_kind
def test_nothing_acknowledged_is_lost_with_the_database(unchecked_site, database, habits):
    """The server is cut off without a farewell (PostgreSQL: stop -m immediate; MariaDB: kill -9) and started again."""
    crowd = Crowd(unchecked_site.port, **habits)

    def failure():
        database.stop()
        time.sleep(0.3)
        database.start()

    strike(database, crowd, failure)
    assert crowd.replies[503] > 0, "the failure was not in the middle of the load"


@on_every_database
@of_every_kind
def test_nothing_acknowledged_is_lost_with_gunicorn(site, database, habits):
    """The master and its workers are killed -9 and started again."""
    crowd = Crowd(site.port, **habits)

    def failure():
        site.kill()
        site.start()

    strike(database, crowd, failure)
    assert crowd.replies[CUT] > 0, "the failure was not in the middle of the load"


@on_every_database
@pytest.mark.parametrize("known", [True, False], ids=["known browser", "new browser"])
def test_a_batch_that_is_told_many_times_at_once_is_stored_once(site, database, known):
    """A client without patience: the first try is still under way when the others arrive."""
    for _ in range(ROUNDS):
        with Browser(site.port) as browser:
            if known:
                browser.tell(browser.views(1))
        had, events = stored(database), browser.views(20)
        tries = [copy.deepcopy(browser) for _ in range(TRIES)]
        answers = at_once([partial(tell, one, events) for one in tries])
        assert stored(database) - had == len(events)
        assert sum(answer["stored"] for answer in answers) == len(events)
        assert sum(answer["duplicates"] for answer in answers) == len(events) * (TRIES - 1)
        assert balance(database, tries[:1]) == NOTHING_WRONG


def test_every_event_is_counted(site):
    """received = stored + duplicates + rejected + dropped"""
    with Browser(site.port) as browser:
        told, fresh = browser.views(3), browser.views(4)
        browser.tell(told)
        documents = [event.document() for event in [*told, *fresh]]
        documents += [{**fresh[0].document(), "id": "no-such-item-here", "item": "?"}, {}]
        answer = browser.post(EVENTS, {"events": documents}).document
    assert counts(answer) == {"stored": 4, "duplicates": 3, "rejected": 2, "dropped": 0}


@on_servers
@pytest.mark.parametrize(("shop", "most"), [("site", 0), ("unchecked_site", WORKERS * THREADS)])
def test_a_restarted_database_is_found_at_once(request, database, shop, most):
    """Every thread keeps a connection. A dead one costs one answer 503, or none where Django checks it first."""
    site = request.getfixturevalue(shop)
    with Crowd(site.port, batch=1, most=10):
        pass  # every thread has been at the database
    database.stop()
    database.start()
    with Browser(site.port) as browser:
        for _ in range(5 * WORKERS * THREADS):
            browser.tell(browser.views(1))
            browser.close()  # the next request goes to any thread
    assert set(browser.replies) <= {202, 503}
    assert browser.replies[503] <= most
    assert balance(database, [browser]) == NOTHING_WRONG
