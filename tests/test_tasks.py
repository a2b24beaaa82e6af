import json
import logging
import time

import pytest
from celery import Task

from personalization import tasks
from personalization.engine.types import IdentityKind
from personalization.models import Event, Run
from personalization.store.builds import live_builds
from personalization.store.cursors import take_turn
from personalization.store.runs import claim_run, request_run
from tests.capture.ordering import ORDERING, line, open_shop, place
from tests.learning.shop import DAY, NOW, busy_shop
from tests.privacy.people import busy, known

pytestmark = pytest.mark.django_db


def test_the_task_is_the_command():
    busy_shop(people=4)
    tasks.rebuild_recommendations(recommender="popularity", as_of=NOW - 30 * DAY)
    assert set(live_builds("")) == {"popularity"}


def test_messages_of_newer_senders_are_understood():
    busy_shop(people=4)
    tasks.rebuild_recommendations(recommender="popularity", added_in_version_nine=True)
    assert set(live_builds("")) == {"popularity"}


def test_a_second_message_does_nothing_while_one_is_worked_on(caplog):
    now = time.time_ns() // 1000
    claim_run(request_run("rebuild", tenant="", now=now).run, now=now, lease_seconds=60)
    with caplog.at_level(logging.INFO):
        tasks.rebuild_recommendations()
    assert "already running" in caplog.text
    assert Run.objects.count() == 1


def test_a_failure_is_a_row_not_a_crashed_task():
    tasks.rebuild_recommendations()
    assert "nothing to learn from" in Run.objects.get().error


def test_the_sweep_says_what_it_did(caplog):
    busy_shop(people=4)
    request_run("rebuild", tenant="", now=NOW, arguments={"aliases": ["popularity"]})
    request_run("rebuild", tenant="b", now=NOW)
    with caplog.at_level(logging.INFO):
        tasks.run_due()
    assert "(rebuild): done" in caplog.text
    assert "nothing to learn from" in caplog.text


def test_the_night_forgets_what_is_old_and_says_when_it_does_not(caplog):
    old, new = known(IdentityKind.USER, "old"), known(IdentityKind.USER, "new")
    busy(old, "olds", at=NOW - 3000 * DAY)
    with caplog.at_level(logging.INFO):
        tasks.forget_old()
    assert "nothing was forgotten: 3 of 3 events" in caplog.text
    busy(new, "news", events=4, at=time.time_ns() // 1000)
    with caplog.at_level(logging.INFO):
        tasks.forget_old(added_in_version_nine=True)
    assert "'events': 3" in caplog.text
    assert Event.objects.count() == 4


def test_orders_are_pulled_once_at_a_time(settings, caplog):
    settings.PERSONALIZATION = ORDERING
    open_shop()
    place(line(), placed_at=time.time_ns() // 1000)
    with caplog.at_level(logging.INFO):
        tasks.import_orders(added_in_version_nine=True)
        take_turn("orders", tenant="", now=2**62, until=2**62 + 1)
        tasks.import_orders()
    assert "'stored': 1" in caplog.text
    assert "another process is reading them" in caplog.text


TASKS = [tasks.rebuild_recommendations, tasks.run_due, tasks.import_orders, tasks.forget_old]


@pytest.mark.parametrize("task", TASKS)
def test_messages_are_safe_to_deliver_twice_and_hold_no_objects(task):
    assert (task.acks_late, task.reject_on_worker_lost, task.ignore_result) == (True, True, True)
    assert task.serializer == "json"


def test_the_schedule_names_tasks_that_exist():
    names = {entry["task"] for entry in tasks.BEAT_SCHEDULE.values()}
    assert names == {task.name for task in vars(tasks).values() if isinstance(task, Task)}
    assert json.dumps([entry.get("kwargs", {}) for entry in tasks.BEAT_SCHEDULE.values()])
