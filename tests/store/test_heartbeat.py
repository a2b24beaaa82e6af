import logging
import time

import pytest
from django.db import OperationalError

from personalization.models import Run
from personalization.store import heartbeat as module
from personalization.store.heartbeat import Heartbeat
from personalization.store.runs import Lease, LostLeaseError, claim_run, request_run

NOW = 1_700_000_000_000_000


def clock():
    return NOW + 1


def taken():
    return claim_run(request_run("rebuild", tenant="", now=NOW).run, now=NOW, lease_seconds=0.06)


def lease_end():
    return Run.objects.values_list("lease_until", flat=True).get()


def until(condition, *, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


@pytest.mark.django_db
def test_a_beat_renews_the_lease():
    lease, before = taken(), lease_end()
    with Heartbeat(lease, clock=clock, lease_seconds=60) as heartbeat:
        heartbeat.beat()
    assert lease_end() > before


@pytest.mark.django_db
def test_a_beat_of_a_replaced_worker_says_so():
    lease = taken()
    claim_run(lease.run, now=NOW + 1_000_000, lease_seconds=60)
    with pytest.raises(LostLeaseError), Heartbeat(lease, clock=clock, lease_seconds=60) as heartbeat:
        heartbeat.beat()


@pytest.mark.django_db
def test_inside_a_transaction_there_is_no_second_connection():
    with Heartbeat(taken(), clock=clock, lease_seconds=0.03) as heartbeat:
        assert not heartbeat._thread.is_alive()


def test_the_lease_is_renewed_while_the_worker_is_busy(threads_db):
    lease, before = taken(), lease_end()
    with Heartbeat(lease, clock=clock, lease_seconds=0.06):
        assert until(lambda: lease_end() > before)


def test_the_worker_learns_that_it_was_replaced(threads_db):
    lease = taken()
    claim_run(lease.run, now=NOW + 1_000_000, lease_seconds=60)
    with Heartbeat(lease, clock=clock, lease_seconds=0.03) as heartbeat:
        assert until(lambda: not heartbeat._thread.is_alive())
        with pytest.raises(LostLeaseError):
            heartbeat.beat()


def test_the_thread_lives_through_a_database_that_does_not_answer(monkeypatch, caplog):
    calls = []

    def unreachable(lease, **kwargs):
        calls.append(1)
        if len(calls) < 3:
            raise OperationalError("server closed the connection")
        raise LostLeaseError("taken over")

    monkeypatch.setattr(module, "renew_lease", unreachable)
    monkeypatch.setattr(module, "_second_connection_works", lambda: True)
    lease = Lease(7, fence=1, attempt=1, kind="rebuild", tenant="", arguments={})
    with caplog.at_level(logging.WARNING), Heartbeat(lease, clock=clock, lease_seconds=0.03) as heartbeat:
        assert until(lambda: not heartbeat._thread.is_alive())
    assert len(calls) == 3
    assert caplog.text.count("no sign of life for run #7") == 2
