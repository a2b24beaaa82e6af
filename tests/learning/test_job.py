import logging

import pytest
from django.db import OperationalError

from personalization.learning import job
from personalization.learning.job import RunFailedError, perform, take_run
from personalization.models import Run
from tests.learning.shop import Clock

pytestmark = pytest.mark.django_db


def broken(job):
    raise ValueError("\n first line \nsecond line")


def test_work_that_fails_closes_its_run_and_says_one_line(caplog):
    clock = Clock()
    lease = take_run("export", tenant="", arguments={}, clock=clock)
    with (
        caplog.at_level(logging.ERROR),
        pytest.raises(RunFailedError, match=r"failed: ValueError: first line$"),
    ):
        perform(lease, broken, clock=clock)
    assert Run.objects.get().error == "ValueError: first line"
    assert "Traceback" in caplog.text


def test_a_database_that_went_away_leaves_the_run_to_its_lease(monkeypatch, caplog):
    clock = Clock()
    lease = take_run("export", tenant="", arguments={}, clock=clock)

    def gone(*args, **kwargs):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(job, "fail_run", gone)
    with pytest.raises(RunFailedError):
        perform(lease, broken, clock=clock)
    assert "its lease ends by itself" in caplog.text
    assert Run.objects.get().state == Run.State.RUNNING


def test_a_report_is_kept():
    clock = Clock()
    lease = take_run("export", tenant="", arguments={"a": 1}, clock=clock)
    assert perform(lease, lambda job: {"rows": job.lease.arguments["a"]}, clock=clock) == {"rows": 1}
    assert Run.objects.get().report == {"rows": 1}
