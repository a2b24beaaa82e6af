from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from personalization.capture.item_import import ItemColumnNames
from personalization.conf import settings
from personalization.exceptions import InvalidInputError
from personalization.models import Item, Run
from tests.capture.files import read_items, write

pytestmark = pytest.mark.django_db

HEADER = ["sku", "title", "category", "price", "currency", "tags"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "products.csv"


def line(sku="cup", title="Cup", category="kitchen", price="2.50", currency="GBP", tags="red|round"):
    return [sku, title, category, price, currency, tags]


def run(path, *rows, **options):
    done = read_items(write(path, list(rows), HEADER), **options)
    return done.read, done.stored, done.updated, dict(done.quarantined)


def test_a_row_becomes_an_item(path):
    assert run(path, line(sku="00123")) == (1, 1, 0, {})
    item = Item.objects.get()
    assert (item.key, item.title, item.category) == ("00123", "Cup", "kitchen")
    assert (str(item.price), item.currency, item.tags) == ("2.5000", "GBP", ["red", "round"])
    assert item.origin == Item.Origin.IMPORT


def test_new_items_are_compared_soon_and_only_they(path):
    run(path, line())
    assert Run.objects.get().kind == "content"
    Run.objects.all().delete()
    run(path, line(title="Mug"))
    assert not Run.objects.exists()


def test_the_file_again_updates(path):
    run(path, line())
    assert run(path, line(title="Mug"), line(sku="pot")) == (2, 1, 1, {})
    assert Item.objects.get(key="cup").title == "Mug"


def test_a_key_on_two_lines_is_one_item_as_the_later_says(path):
    assert run(path, line(title="1"), line(title="2")) == (2, 1, 1, {})
    assert Item.objects.get().title == "2"


def test_a_price_may_be_unknown_and_tags_may_be_none(path):
    run(path, line(price="", currency="", tags=""))
    item = Item.objects.get()
    assert (item.price, item.tags) == (None, [])


def test_bad_rows_are_set_aside_and_the_rest_goes_in(path):
    bad = {
        "missing_key": line(sku=""),
        "bad_key": line(sku="a\0".replace("\0", "\x07")),
        "bad_text": line(title="x" * 256),
        "bad_price": line(price="1,5"),
        "bad_currency": line(currency="£"),
        "wrong_columns": ["cup"],
    }
    assert run(path, *bad.values(), line()) == (7, 1, 0, dict.fromkeys(bad, 1))
    assert path.with_name("products.quarantine.csv").exists()


def test_columns_that_are_not_named_are_not_read(path):
    done = read_items(write(path, [line()], HEADER), names=ItemColumnNames("sku"))
    assert done.stored == 1
    assert Item.objects.get().title == ""


def test_a_broken_end_stores_nothing_of_the_start(path):
    write(path, [line()], HEADER)
    path.write_text(path.read_text() + '"unclosed')
    with pytest.raises(InvalidInputError, match="line 3"):
        read_items(str(path))
    assert not Item.objects.exists()


def test_a_tenant_keeps_its_items_to_itself(path):
    run(path, line(), tenant="t")
    assert Item.objects.get().tenant == "t"
    with pytest.raises(InvalidInputError, match="tenant"):
        run(path, line(), tenant="\0")


FACTS = ["sku", "brand", "stock", "listed_at", "attribute:color", "attribute:Size (EU)", "attributes"]
FACT_NAMES = ItemColumnNames("sku", brand="brand", stock="stock", listed_at="listed_at")


def facts(sku="cup", brand="North", stock="2.5", listed="2025-03-01", color="red", size="38", other="x"):
    return [sku, brand, stock, listed, color, size, other]


def run_facts(path, *rows, header=FACTS):
    return read_items(write(path, list(rows), header), names=FACT_NAMES)


def test_facts_become_facts(path):
    assert run_facts(path, facts(), facts("pot", "", "", "", "", ""), facts("pan", stock="-3")).stored == 3
    cup, pot, pan = (Item.objects.get(key=key) for key in ("cup", "pot", "pan"))
    assert (cup.brand, cup.stock, cup.attributes) == (
        "North",
        Decimal("2.5"),
        {"color": "red", "Size (EU)": "38"},
    )
    assert cup.listed_at == datetime(2025, 3, 1, tzinfo=ZoneInfo(settings.time_zone))
    assert (pot.brand, pot.stock, pot.attributes, pot.listed_at) == ("", None, {}, None)
    assert pan.stock == -3


def test_rows_with_bad_facts_are_set_aside(path):
    bad = {
        "bad_text": facts(brand="x" * 256),
        "bad_stock": facts(stock="plenty"),
        "bad_time": facts(listed="yesterday"),
        "time_out_of_range": facts(listed="1989-12-31"),
    }
    done = run_facts(path, *bad.values(), facts(color="a\x07"), facts())
    assert done.quarantined == {**dict.fromkeys(bad, 1), "bad_text": 2}
    assert done.stored == 1


@pytest.mark.parametrize("name", ["", " ", "x" * 65, "a\x07"])
def test_an_attribute_has_a_name(path, name):
    with pytest.raises(InvalidInputError, match="names no attribute"):
        run_facts(path, ["cup", "", "", "", "red"], header=[*FACTS[:4], f"attribute:{name}"])


def test_an_attribute_stands_once(path):
    with pytest.raises(InvalidInputError, match="stands twice"):
        run_facts(path, facts(), header=[*FACTS[:4], *["attribute:color"] * 2, "x"])
