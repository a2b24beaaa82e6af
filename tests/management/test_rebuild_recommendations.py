import json

import pytest
from django.core.management import CommandError, call_command

from personalization.models import Build, Run
from personalization.store.builds import live_builds
from tests.learning.shop import busy_shop, happen, visitors

pytestmark = pytest.mark.django_db


def rebuilt(capsys, *arguments):
    call_command("rebuild_recommendations", "--json", *arguments)
    return json.loads(capsys.readouterr().out)


def test_json_says_what_was_built(capsys):
    busy_shop()
    result = rebuilt(capsys)
    assert set(result) == {"report", "recommenders"}
    expected = {"build", "state", "items", "visitors", "bytes", "seconds", "peak_rss_mb", "metrics"}
    for trained in result["recommenders"].values():
        assert expected <= set(trained)


def test_one_recommender_of_one_tenant(capsys):
    busy_shop(people=4, tenant="b")
    result = rebuilt(capsys, "--recommender", "popularity", "--tenant", "b", "--most-per-visitor", "2")
    assert set(result["recommenders"]) == {"popularity"}
    assert result["report"]["events"]["capped"] == 8
    assert set(live_builds("b")) == {"popularity"}


def test_as_of_is_read_in_the_zone_of_the_project(capsys, settings):
    settings.USE_TZ, settings.TIME_ZONE = True, "UTC"
    busy_shop(people=4)
    rebuilt(capsys, "--recommender", "popularity", "--as-of", "2023-11-01")
    assert Build.objects.get().as_of.isoformat() == "2023-11-01T00:00:00+00:00"


def test_people_get_a_table(capsys):
    busy_shop()
    happen((visitors(1)[0], None, 1))
    call_command("rebuild_recommendations")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "240 events read, 240 usable: 60 visitors, 12 items"
    assert lines[1].split() == [
        "recommender",
        "build",
        "items",
        "MB",
        "MB",
        "at",
        "most",
        "seconds",
        "peak",
        "MB",
        "NDCG@10",
    ]
    assert [line.split()[0] for line in lines[2:7]] == [
        "auto",
        "item-cosine",
        "popularity",
        "popularity-recent",
        "repeat-purchase",
    ]
    assert lines[7].startswith("published in")


def test_what_was_left_out_is_listed(capsys):
    busy_shop(people=4)
    from personalization.engine.types import Kind
    from personalization.models import Item, Visitor

    happen((Visitor.objects.first(), Item.objects.first(), 1), kind=Kind.HIDE)
    call_command("rebuild_recommendations", "--recommender", "popularity")
    assert "  left out: 1 hide (no weight)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--as-of", "yesterday"], "as_of: 'yesterday' is not an ISO 8601 date or time"),
        (["--recommender", "nope"], "recommender: there is no 'nope'"),
        (["--most-per-visitor", "0"], "most_per_visitor: must be at least 1"),
        ([], "0 events were read, none of them can be used; import_orders brings"),
    ],
)
def test_refusals_are_one_line(capsys, arguments, line):
    with pytest.raises(CommandError) as refused:
        call_command("rebuild_recommendations", *arguments)
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)
    assert capsys.readouterr().out == ""
    assert live_builds("") == {}


def test_a_second_rebuild_says_who_is_at_it(capsys):
    import time

    from personalization.store.runs import claim_run, request_run

    now = time.time_ns() // 1000
    claim_run(request_run("rebuild", tenant="", now=now).run, now=now, lease_seconds=60)
    with pytest.raises(CommandError, match=r"rebuild: already running \(run #\d+, started 20"):
        call_command("rebuild_recommendations")
    assert Run.objects.count() == 1


def test_history_before_the_first_event_is_empty():
    busy_shop(people=4)
    with pytest.raises(CommandError, match="nothing to learn from"):
        call_command("rebuild_recommendations", "--as-of", "2000-01-01")
