import numpy as np
import pytest

from personalization.engine.tables import CorruptTableError, Ranking, SparseRows, Tables, unpack_row
from personalization.models import Build, BuildRow, LiveBuild
from personalization.signals import build_published
from personalization.store import builds
from personalization.store.builds import (
    BuildCost,
    NewBuild,
    NotReadyError,
    create_build,
    drop_old_builds,
    fail_build,
    live_builds,
    publish_build,
    serve_build,
    write_tables,
)
from personalization.store.runs import LostLeaseError, claim_run, request_run

pytestmark = pytest.mark.django_db

NOW = 1_000_000_000


def rows(*lists):
    """SparseRows of lists of (column, value)."""
    flat = [pair for pairs in lists for pair in pairs]
    return SparseRows(
        indptr=np.cumsum([0, *map(len, lists)], dtype=np.int64),
        indices=np.array([column for column, _ in flat], np.int32),
        values=np.array([value for _, value in flat], np.float32),
    )


TABLES = Tables(
    neighbors=rows([(1, 0.5), (2, 0.25)], [], [(0, 1.0)]),
    weights=rows([(1, 0.75)], [(2, 0.5)], []),
    ranking=Ranking(np.array([2, 0, 1], np.int32), np.array([1, 0.5, 0.25], np.float32)),
    prior_share=0.3,
)
ITEM_IDS = np.array([70, 80, 90], np.int32)


def built(alias="item-cosine", *, tenant="", publish=True):
    build = create_build(NewBuild(alias=alias, tenant=tenant, as_of=NOW), now=NOW)
    write_tables(build, TABLES, ITEM_IDS)
    if publish:
        publish_build(build, now=NOW)
    return build


def payload(build, table, row):
    return bytes(BuildRow.objects.get(build_id=build, table=table, row=row).payload)


def test_what_is_written_can_be_read():
    build = built()
    assert np.frombuffer(payload(build, BuildRow.Table.VOCABULARY, 0), "<i4").tolist() == [70, 80, 90]
    columns, values = unpack_row(payload(build, BuildRow.Table.NEIGHBORS, 0))
    assert (columns.tolist(), values.tolist()) == ([1, 2], [0.5, 0.25])
    assert unpack_row(payload(build, BuildRow.Table.WEIGHTS, 1))[0].tolist() == [2]
    assert unpack_row(payload(build, BuildRow.Table.RANKING, 0))[0].tolist() == [2, 0, 1]


def test_empty_rows_are_not_stored_and_bytes_are_the_payloads():
    build = built()
    stored = BuildRow.objects.filter(build_id=build)
    assert stored.count() == 6
    assert Build.objects.get(pk=build).bytes == sum(len(row.payload) for row in stored)


def test_the_prior_share_comes_with_the_tables():
    assert Build.objects.get(pk=built()).prior_share == pytest.approx(0.3)


def test_tables_may_be_absent():
    build = create_build(NewBuild(alias="popularity", as_of=NOW), now=NOW)
    write_tables(build, Tables(), ITEM_IDS)
    assert BuildRow.objects.filter(build_id=build).count() == 1


def test_values_that_are_not_finite_are_refused():
    ranking = Ranking(np.array([0], np.int32), np.array([np.inf], np.float32))
    build = create_build(NewBuild(alias="popularity", as_of=NOW), now=NOW)
    with pytest.raises(CorruptTableError):
        write_tables(build, Tables(ranking=ranking), ITEM_IDS)
    assert live_builds("") == {}


def test_publishing_moves_the_pointer_and_keeps_the_cost():
    first, second = built(), built()
    assert live_builds("") == {"item-cosine": second}
    publish_build(first, now=NOW + 1, cost=BuildCost(seconds=2.5, peak_rss_mb=80, metrics={"ndcg@10": 0.1}))
    build = Build.objects.get(pk=first)
    assert live_builds("") == {"item-cosine": first}
    assert (build.state, build.seconds, build.metrics) == (Build.State.READY, 2.5, {"ndcg@10": 0.1})


def test_tenants_and_aliases_have_their_own_pointers():
    ours, other, theirs = built(), built("auto"), built(tenant="b")
    assert live_builds("") == {"item-cosine": ours, "auto": other}
    assert live_builds("b") == {"item-cosine": theirs}


def test_publishing_is_announced(django_capture_on_commit_callbacks):
    heard = []

    def receiver(*, tenant, alias, build, **kwargs):
        heard.append((tenant, alias, build))

    build_published.connect(receiver)
    with django_capture_on_commit_callbacks(execute=True):
        build = built(tenant="b")
    build_published.disconnect(receiver)
    assert heard == [("b", "item-cosine", build)]


def test_a_worker_that_lost_its_lease_cannot_publish():
    run = request_run("rebuild", tenant="", now=NOW).run
    zombie = claim_run(run, now=NOW, lease_seconds=1)
    live, late = built(), built(publish=False)
    claim_run(run, now=NOW + 2_000_000, lease_seconds=1)
    with pytest.raises(LostLeaseError):
        publish_build(late, now=NOW + 3_000_000, lease=zombie)
    assert live_builds("") == {"item-cosine": live}
    assert Build.objects.get(pk=late).state == Build.State.BUILDING


def test_the_worker_that_holds_the_lease_publishes():
    run = request_run("rebuild", tenant="", now=NOW).run
    lease = claim_run(run, now=NOW, lease_seconds=1)
    build = built(publish=False)
    publish_build(build, now=NOW, lease=lease)
    assert live_builds("") == {"item-cosine": build}


def test_rolling_back_is_serving_an_earlier_build():
    first, second = built(), built()
    serve_build(first, now=NOW)
    assert live_builds("") == {"item-cosine": first}
    publish_build(second, now=NOW)
    assert live_builds("") == {"item-cosine": second}


def test_a_failed_build_keeps_its_reason_and_no_rows():
    build = built(publish=False)
    fail_build(build, error="no space left\nTraceback …")
    assert Build.objects.get(pk=build).state == Build.State.FAILED
    assert Build.objects.get(pk=build).metrics == {"error": "no space left"}
    assert not BuildRow.objects.filter(build_id=build).exists()


def test_old_builds_go_and_the_newest_stay():
    made = [built() for _ in range(5)]
    assert drop_old_builds(tenant="", keep=3) == 2
    assert list(Build.objects.order_by("pk").values_list("pk", flat=True)) == made[2:]
    assert set(BuildRow.objects.values_list("build_id", flat=True)) == set(made[2:])


def test_the_live_build_stays_however_old():
    made = [built() for _ in range(5)]
    publish_build(made[0], now=NOW)
    drop_old_builds(tenant="", keep=2)
    assert set(Build.objects.values_list("pk", flat=True)) == {made[0], *made[3:]}


def test_the_build_before_the_live_one_stays_for_readers_that_just_saw_it():
    for _ in range(3):
        built()
    drop_old_builds(tenant="", keep=0)
    assert Build.objects.count() == 2


def test_unfinished_builds_go_once_a_newer_one_is_ready():
    abandoned, ready, current = built(publish=False), built(), built(publish=False)
    other = built("auto", publish=False)
    drop_old_builds(tenant="", keep=3)
    assert set(Build.objects.values_list("pk", flat=True)) == {ready, current, other}
    assert not BuildRow.objects.filter(build_id=abandoned).exists()


def test_other_tenants_keep_their_builds():
    for _ in range(4):
        built(tenant="b")
    assert drop_old_builds(tenant="", keep=2) == 0
    assert LiveBuild.objects.count() == 1


def test_an_older_build_is_served_again_with_its_figures() -> None:
    older, newer = (create_build(NewBuild(alias="auto", as_of=NOW), now=NOW) for _ in range(2))
    for build in (older, newer):
        publish_build(build, now=NOW, cost=BuildCost(seconds=2.5, metrics={"ndcg@10": 0.1}))
    serve_build(older, now=NOW + 1)
    assert live_builds("") == {"auto": older}
    assert (Build.objects.get(pk=older).seconds, Build.objects.get(pk=older).metrics) == (
        2.5,
        {"ndcg@10": 0.1},
    )


def test_only_a_finished_build_is_served() -> None:
    unfinished = create_build(NewBuild(alias="auto", as_of=NOW), now=NOW)
    for build in (unfinished, unfinished + 1):
        with pytest.raises(NotReadyError):
            serve_build(build, now=NOW)
    assert live_builds("") == {}


def test_a_build_that_somebody_rolled_back_to_meanwhile_is_not_dropped(monkeypatch):
    first, _ = built(), built()
    serve_build(first, now=NOW)
    monkeypatch.setattr(builds, "_doomed", lambda tenant, keep: [first])
    assert drop_old_builds(tenant="", keep=2) == 0
    assert BuildRow.objects.filter(build_id=first).count() == 6
