"""Deadlocks are done again, other errors are not, and never inside the caller's transaction."""

import time
from functools import partial

import pytest
from django.db import OperationalError, connection, connections, transaction

from personalization.models import Stamp
from personalization.store.transaction import ATTEMPTS, in_transaction
from tests.store.test_races import at_once


class Sequence:
    """Work that fails a number of times after it wrote something."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> int:
        self.calls += 1
        Stamp.objects.create(name=str(self.calls))
        if self.errors:
            raise self.errors.pop(0)
        return self.calls


def serialization_failure() -> OperationalError:
    error = OperationalError("deadlock detected")
    error.__cause__ = type("Detected", (Exception,), {"sqlstate": "40P01"})()
    return error


def names() -> list[str]:
    return list(Stamp.objects.values_list("name", flat=True))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [OperationalError(1213, "Deadlock found"), serialization_failure()])
def test_a_deadlock_is_done_again_from_the_start(error: OperationalError) -> None:
    assert in_transaction(Sequence(error), using="default") == 2
    assert names() == ["2"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [OperationalError("disk full"), OperationalError(), ValueError("no")])
def test_any_other_error_is_told_at_once(error: Exception) -> None:
    work = Sequence(error)
    with pytest.raises(type(error)):
        in_transaction(work, using="default")
    assert work.calls == 1
    assert names() == []


@pytest.mark.django_db(transaction=True)
def test_it_gives_up_in_the_end() -> None:
    work = Sequence(*[OperationalError(1213, "Deadlock found")] * 99)
    with pytest.raises(OperationalError):
        in_transaction(work, using="default")
    assert work.calls == ATTEMPTS


@pytest.mark.django_db(transaction=True)
def test_the_callers_transaction_is_the_callers() -> None:
    work = Sequence(OperationalError(1213, "Deadlock found"))
    with pytest.raises(OperationalError), transaction.atomic():
        in_transaction(work, using="default")
    assert work.calls == 1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="other databases lock rows")
def test_who_reads_and_then_writes_waits_whatever_mode_the_host_chose(
    threads_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connections.settings["default"], "OPTIONS", {"timeout": 20})
    stamp = Stamp.objects.create(name="counted", version=0)

    def count() -> None:
        version = Stamp.objects.values_list("version", flat=True).get(pk=stamp.pk)
        time.sleep(0.005)
        Stamp.objects.filter(pk=stamp.pk).update(version=version + 1)

    at_once(*[partial(in_transaction, count, using="default")] * 8)
    assert Stamp.objects.get(pk=stamp.pk).version == 8
