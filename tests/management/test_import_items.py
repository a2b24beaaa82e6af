import io
import json

import pytest
from django.core.management import CommandError, call_command

from personalization.models import Item

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "products.csv"
    path.write_text("sku,title,category,price,currency,tags\na,A,c,1,EUR,x|y\nb,B,c,x,EUR,\n")
    return path


def call(path, *options):
    out = io.StringIO()
    columns = [f"--{field}-column={field}" for field in ("title", "category", "price", "currency", "tags")]
    call_command(
        "import_items", str(path), "--key-column=sku", *columns, *options, stdout=out, stderr=io.StringIO()
    )
    return out.getvalue()


def test_json_is_as_fixed(path):
    result = json.loads(call(path, "--json"))
    assert result.pop("seconds") >= 0
    assert result == {
        "read": 2,
        "stored": 1,
        "updated": 0,
        "quarantined": {"bad_price": 1},
        "quarantine_file": str(path.with_name("products.quarantine.csv")),
    }


def test_what_rules_read_is_imported_too(path):
    path.write_text(
        "sku,title,category,price,currency,tags,maker,left,since,attribute:color\na,A,c,1,EUR,,North,4,2025-03-01,red\n"
    )
    call(path, "--brand-column=maker", "--stock-column=left", "--listed-at-column=since")
    item = Item.objects.get()
    assert (item.brand, item.stock, item.attributes) == ("North", 4, {"color": "red"})
    assert item.listed_at is not None


def test_people_read_lines(path):
    lines = call(path, f"--quarantine={path.with_name('mine.csv')}").splitlines()
    assert lines[0].startswith("2 rows read: 1 items stored, 0 updated in")
    assert lines[1:] == [f"refused rows are in {path.with_name('mine.csv')}:", "  1 × bad_price"]


def test_errors_are_one_line_and_store_nothing(path):
    with pytest.raises(CommandError, match=r"^file: the column 'sku'"):
        path.write_text("key\na\n")
        call(path)
    assert not Item.objects.exists()


def test_items_of_a_tenant(path):
    call(path, "--tenant=t")
    assert Item.objects.get().tenant == "t"
