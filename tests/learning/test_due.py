import pytest

from personalization.learning.due import run_due
from personalization.models import Run
from personalization.store.builds import live_builds
from personalization.store.runs import claim_run, request_run
from tests.learning.shop import Clock, busy_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock():
    return Clock()


def request(clock, *, tenant="", **arguments):
    return request_run("rebuild", tenant=tenant, now=clock(), arguments=arguments).run


def test_nothing_may_be_due(clock):
    assert run_due(clock=clock) == []


def test_what_was_requested_is_done(clock):
    busy_shop(people=4)
    run = request(clock, aliases=["popularity"])
    assert [(done.run, done.error) for done in run_due(clock=clock)] == [(run, "")]
    assert set(live_builds("")) == {"popularity"}


def test_what_a_worker_left_behind_is_finished(clock):
    busy_shop(people=4)
    run = request(clock, aliases=["popularity"])
    claim_run(run, now=clock(), lease_seconds=60)
    assert run_due(clock=clock) == []
    clock.now += 61_000_000
    assert [done.run for done in run_due(clock=clock)] == [run]
    assert Run.objects.get().attempt == 2
    assert set(live_builds("")) == {"popularity"}


def test_a_run_that_fails_does_not_stop_the_next(clock):
    busy_shop(people=4, tenant="b")
    request(clock)
    request(clock, tenant="b", aliases=["popularity"])
    empty, full = run_due(clock=clock)
    assert ("nothing to learn from" in empty.error, full.error) == (True, "")


def test_a_run_that_kills_its_workers_is_given_up(clock):
    run = request(clock)
    for _ in range(3):
        claim_run(run, now=clock(), lease_seconds=60)
        clock.now += 61_000_000
    assert run_due(clock=clock) == []
    assert Run.objects.get().state == Run.State.FAILED
