import pytest

from personalization.models import Run
from personalization.store.runs import (
    MAX_ATTEMPTS,
    LostLeaseError,
    claim_run,
    confirm_lease,
    due_runs,
    fail_run,
    finish_run,
    one_line,
    renew_lease,
    request_run,
)

pytestmark = pytest.mark.django_db

NOW = 1_000_000_000
SECOND = 1_000_000


def requested(kind="rebuild", *, tenant=""):
    return request_run(kind, tenant=tenant, now=NOW, arguments={"as_of": 5}).run


def taken(*, at=NOW):
    return claim_run(requested(), now=at, lease_seconds=60)


def test_one_live_run_per_kind_and_tenant():
    first = request_run("rebuild", tenant="", now=NOW)
    second = request_run("rebuild", tenant="", now=NOW + 5)
    assert (first.created, second.created) == (True, False)
    assert (second.run, second.running, second.since) == (first.run, False, NOW)
    assert request_run("rebuild", tenant="b", now=NOW).created
    assert request_run("export", tenant="", now=NOW).created


def test_a_second_request_learns_who_is_running_and_since_when():
    lease = taken(at=NOW + SECOND)
    again = request_run("rebuild", tenant="", now=NOW + 2 * SECOND)
    assert (again.run, again.running, again.since) == (lease.run, True, NOW + SECOND)


def test_a_claim_says_what_to_do():
    lease = taken()
    assert (lease.kind, lease.tenant, lease.arguments) == ("rebuild", "", {"as_of": 5})
    assert (lease.attempt, lease.fence) == (1, 1)


def test_only_one_worker_gets_a_run():
    run = requested()
    assert claim_run(run, now=NOW, lease_seconds=60)
    assert claim_run(run, now=NOW + SECOND, lease_seconds=60) is None
    assert claim_run(run + 1, now=NOW, lease_seconds=60) is None


def test_a_run_whose_worker_stopped_answering_is_taken_over():
    old = taken()
    assert due_runs(now=NOW + 59 * SECOND) == []
    assert due_runs(now=NOW + 61 * SECOND) == [old.run]
    new = claim_run(old.run, now=NOW + 61 * SECOND, lease_seconds=60)
    assert (new.attempt, new.fence) == (2, 2)


def test_a_sign_of_life_keeps_the_lease():
    lease = taken()
    renew_lease(lease, now=NOW + 50 * SECOND, lease_seconds=60)
    assert due_runs(now=NOW + 61 * SECOND) == []
    assert due_runs(now=NOW + 111 * SECOND) == [lease.run]


def test_a_worker_that_was_replaced_can_do_nothing_to_the_run():
    zombie = taken()
    later = NOW + 61 * SECOND
    claim_run(zombie.run, now=later, lease_seconds=60)
    with pytest.raises(LostLeaseError):
        renew_lease(zombie, now=later, lease_seconds=60)
    with pytest.raises(LostLeaseError):
        confirm_lease(zombie, now=later)
    with pytest.raises(LostLeaseError):
        finish_run(zombie, report={}, now=later)
    fail_run(zombie, error="late", now=later)
    assert Run.objects.get().state == Run.State.RUNNING


def test_it_is_given_up_after_three_workers():
    run, now = requested(), NOW
    for _ in range(MAX_ATTEMPTS):
        assert claim_run(run, now=now, lease_seconds=1)
        now += 2 * SECOND
    assert claim_run(run, now=now, lease_seconds=1) is None
    ended = Run.objects.get()
    assert (ended.state, ended.busy) == (Run.State.FAILED, None)
    assert "3 workers" in ended.error
    assert due_runs(now=now) == []


def test_a_finished_run_makes_room_for_the_next():
    lease = taken()
    finish_run(lease, report={"rows": 3}, now=NOW + SECOND)
    ended = Run.objects.get()
    assert (ended.state, ended.report, ended.busy) == (Run.State.SUCCEEDED, {"rows": 3}, None)
    assert request_run("rebuild", tenant="", now=NOW).created


def test_a_failed_run_keeps_one_line():
    fail_run(taken(), error="\n  disk full \nTraceback\n", now=NOW + SECOND)
    ended = Run.objects.get()
    assert (ended.state, ended.error) == (Run.State.FAILED, "disk full")


def test_due_runs_come_oldest_first():
    second = request_run("rebuild", tenant="b", now=NOW + 2).run
    first = request_run("rebuild", tenant="a", now=NOW + 1).run
    assert due_runs(now=NOW + 3) == [first, second]


def test_an_error_without_text_still_says_something():
    assert one_line(" \n") == "unknown error"
