import json

import pytest
from django.core.management import CommandError, call_command

from personalization.store.builds import live_builds
from personalization.store.runs import request_run
from tests.learning.shop import NOW, busy_shop

pytestmark = pytest.mark.django_db


def test_nothing_is_due(capsys):
    call_command("run_due")
    assert capsys.readouterr().out == "nothing is due\n"


def test_what_was_requested_is_done(capsys):
    busy_shop(people=4)
    run = request_run("rebuild", tenant="", now=NOW, arguments={"aliases": ["popularity"]}).run
    call_command("run_due", "--json")
    assert json.loads(capsys.readouterr().out) == {"runs": [{"run": run, "kind": "rebuild", "error": ""}]}
    assert set(live_builds("")) == {"popularity"}


def test_people_read_what_was_done(capsys):
    busy_shop(people=4)
    run = request_run("rebuild", tenant="", now=NOW).run
    call_command("run_due")
    assert capsys.readouterr().out == f"run #{run} (rebuild): done\n"


def test_a_failure_is_no_success():
    request_run("rebuild", tenant="", now=NOW)
    with pytest.raises(CommandError, match=r"1 of 1 failed: run #.* nothing to learn from"):
        call_command("run_due")
