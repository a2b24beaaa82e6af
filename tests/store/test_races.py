"""Many workers at once, on every database."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

from django.db import connections

from personalization.models import Build, LiveBuild, Run
from personalization.store.builds import NewBuild, create_build, live_builds, publish_build
from personalization.store.runs import claim_run, request_run

NOW = 1_000_000_000
WORKERS = 8


def at_once(*works):
    """The results of all, started together, each in its thread with its own connection."""
    gate = Barrier(len(works))

    def run(work):
        try:
            gate.wait(10)
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_of_many_requests_one_makes_the_run(threads_db):
    asked = at_once(*[partial(request_run, "rebuild", tenant="", now=NOW)] * WORKERS)
    assert [live.created for live in asked].count(True) == 1
    assert {live.run for live in asked} == {Run.objects.get().pk}


def test_of_many_workers_one_gets_the_run(threads_db):
    run = request_run("rebuild", tenant="", now=NOW).run
    leases = at_once(*[partial(claim_run, run, now=NOW, lease_seconds=60)] * WORKERS)
    assert [lease is not None for lease in leases].count(True) == 1
    assert Run.objects.get().fence == 1


def test_of_many_first_builds_one_is_live(threads_db):
    builds = [create_build(NewBuild(alias="auto", as_of=NOW), now=NOW) for _ in range(4)]
    at_once(*[partial(publish_build, build, now=NOW) for build in builds])
    assert LiveBuild.objects.count() == 1
    assert live_builds("")["auto"] in builds
    assert Build.objects.filter(state=Build.State.READY).count() == 4
