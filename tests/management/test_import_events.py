import io
import json

import pytest
from django.core.management import CommandError, call_command

from personalization.models import Event, Identity
from tests.capture.files import order_line, store_items, write

pytestmark = pytest.mark.django_db

COLUMNS = ["--visitor-column=customer_id", "--item-column=sku", "--time-column=ordered_at"]
ORDER = ["--quantity-column=quantity", "--price-column=unit_price", "--order-column=order_id"]


@pytest.fixture
def path(tmp_path, settings):
    settings.PERSONALIZATION = {"ADAPTER": "personalization.store.catalog.CatalogAdapter"}
    store_items("cup")
    return tmp_path / "orders.csv"


def call(path, *options, kind="purchase"):
    out = io.StringIO()
    arguments = [f"--kind={kind}", *COLUMNS, *ORDER, *options]
    call_command("import_events", str(path), *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_json_is_as_fixed(path):
    write(path, [order_line(), order_line(), order_line(sku="no")])
    first, again = (json.loads(call(path, "--json")) for _ in range(2))
    for result in (first, again):
        assert result.pop("seconds") >= 0
        assert result.pop("cpu_seconds") >= 0
        assert result.pop("peak_rss_mb") > 10
        assert result.pop("quarantine_file") == str(path.with_name("orders.quarantine.csv"))
    assert first == {"read": 3, "stored": 2, "duplicates": 0, "quarantined": {"unknown_item": 1}}
    assert again == {"read": 3, "stored": 0, "duplicates": 2, "quarantined": {"unknown_item": 1}}


def test_nothing_refused_means_no_file(path):
    write(path, [order_line()])
    assert json.loads(call(path, "--json"))["quarantine_file"] is None


def test_people_read_lines(path):
    write(path, [order_line()])
    assert call(path).startswith("1 rows read: 1 events stored, 0 known already in")


@pytest.mark.parametrize(("identity", "number"), [("user", 2), ("email", 3), ("visitor", 1)])
def test_the_visitor_column_holds_what_identity_says(path, identity, number):
    write(path, [order_line(visitor="ann@example.com")])
    call(path, f"--identity={identity}")
    assert Identity.objects.get().kind == number


def test_the_default_identity_is_the_user(path):
    write(path, [order_line()])
    call(path)
    assert (Identity.objects.get().kind, Event.objects.get().kind) == (2, 7)


@pytest.mark.parametrize("kind", ["rate", "search", "nonsense", ""])
def test_other_kinds_are_refused(path, kind):
    write(path, [order_line()])
    with pytest.raises(CommandError, match="--kind"):
        call(path, kind=kind)


def test_errors_are_one_line(path):
    with pytest.raises(CommandError, match=r"^file: .*No such file"):
        call(path)
