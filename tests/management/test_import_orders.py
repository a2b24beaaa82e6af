import io
import json

import pytest
from django.core.management import CommandError, call_command

from personalization.engine.instants import from_micros
from personalization.models import Event
from personalization.store.cursors import take_turn
from tests.capture.ordering import DAY, NOON, ORDERING, line, open_shop, place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shop(settings):
    settings.PERSONALIZATION = {**ORDERING, "RETENTION_DAYS": None}
    open_shop()
    place(line("cup", "2"), line("unknown"), key="o-1", refunds=(line("cup"),))
    place(line("plate"), key="o-2", placed_at=NOON + DAY, identity=None)


def call(*options):
    out = io.StringIO()
    call_command("import_orders", *options, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_json_is_as_fixed():
    result = json.loads(call("--json"))
    assert result.pop("seconds") >= 0
    assert result == {
        "orders": 2,
        "stored": 2,
        "duplicates": 0,
        "anonymous": 1,
        "refunds": 1,
        "skipped": {"unknown_item": 1},
    }


def test_people_read_lines():
    lines = call().splitlines()
    assert lines[0].startswith("2 orders read: 2 lines stored, 0 known already, 1 refunds in")
    assert lines[1:] == ["  1 × unknown_item"]


def test_since_and_tenant():
    since = from_micros(NOON + 1).isoformat()
    assert json.loads(call("--json", "--tenant=t", f"--since={since}"))["orders"] == 1
    assert Event.objects.get().tenant == "t"


@pytest.mark.parametrize(
    ("option", "error"),
    [("--since=yesterday", r"^since: 'yesterday' is not"), (f"--tenant={'x' * 65}", r"^tenant: ")],
)
def test_errors_are_one_line(option, error):
    with pytest.raises(CommandError, match=error):
        call(option)


def test_a_second_one_says_that_another_is_at_it():
    take_turn("orders", tenant="", now=2**62, until=2**62 + 1)
    with pytest.raises(CommandError, match="another process"):
        call()
