import io
import json

import pytest
from django.core.management import CommandError, call_command

from personalization.models import Identity, Rating
from tests.capture.files import TIME, store_items, write

pytestmark = pytest.mark.django_db

COLUMNS = ["--visitor-column=who", "--item-column=sku", "--value-column=stars", "--time-column=at"]


@pytest.fixture
def path(tmp_path, settings):
    settings.PERSONALIZATION = {"ADAPTER": "personalization.store.catalog.CatalogAdapter"}
    store_items("cup")
    rows = [["ann", "cup", "4", TIME, "Nice"], ["bob", "cup", "9", TIME, ""]]
    return write(tmp_path / "ratings.csv", rows, ["who", "sku", "stars", "at", "words"])


def call(path, *options):
    out = io.StringIO()
    call_command("import_ratings", path, *COLUMNS, *options, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_json_is_as_fixed(path):
    first, again = (json.loads(call(path, "--json")) for _ in range(2))
    for result in (first, again):
        assert result.pop("seconds") >= 0
        assert result.pop("quarantine_file").endswith("ratings.quarantine.csv")
    refused = {"bad_value": 1}
    assert first == {"read": 2, "stored": 1, "updated": 0, "older": 0, "quarantined": refused}
    assert again == {"read": 2, "stored": 0, "updated": 1, "older": 0, "quarantined": refused}


def test_people_read_lines(path):
    first, _, reason = call(path).splitlines()
    assert first.startswith("2 rows read: 1 ratings stored, 0 updated, 0 older in")
    assert reason.strip() == "1 × bad_value"


@pytest.mark.parametrize(("identity", "number"), [("user", 2), ("visitor", 1)])
def test_the_visitor_column_holds_what_identity_says(path, identity, number):
    call(path, f"--identity={identity}")
    assert Identity.objects.get().kind == number


def test_words_are_read_where_their_column_is_named(path):
    call(path)
    assert Rating.objects.get().text == ""
    call(path, "--text-column=words")
    assert Rating.objects.get().text == "Nice"


def test_a_column_that_is_not_there_is_refused(path):
    with pytest.raises(CommandError, match="grade"):
        call(path, "--text-column=grade")
