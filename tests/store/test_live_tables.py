import json
import logging
import shutil
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest

from personalization import conf
from personalization.models import BuildRow, Item
from personalization.store import live_tables
from personalization.store.builds import live_builds, serve_build
from personalization.store.live_tables import StoredRows, find_tables, forget_tables
from personalization.store.mapped import MANIFEST, exclusive
from personalization.store.page import read_page
from tests.served import CATALOG, NOW, Shop

WEIGHTS = {"a": {"b": 0.5, "c": 0.25}, "c": {"a": 1.0}}
NEIGHBORS = {"a": {"c": 0.5}}


@pytest.fixture
def shop(db, settings):
    settings.PERSONALIZATION = CATALOG
    return Shop("abcd")


@pytest.fixture(params=["mapped", "memory", "rows"])
def way(request, settings, monkeypatch):
    """The three ways to hold a build."""
    settings.PERSONALIZATION = {**CATALOG, "MAP_BUILDS": request.param == "mapped"}
    if request.param == "rows":
        monkeypatch.setattr(live_tables, "MEMORY_LIMIT", 0)
    return request.param


def publish(shop, ranking="dc", **options):
    return shop.publish("auto", keys="abcd", weights=WEIGHTS, neighbors=NEIGHBORS, ranking=ranking, **options)


def live(alias="auto", tenant=""):
    key = read_page(tenant=tenant, identity=None, before=NOW).builds.get(alias)
    return find_tables(alias, key, tenant=tenant)


def ranked(tables):
    return "".join(tables.vocabulary.keys(tables.ranking.items))


def folders():
    return sorted(path for path in conf.settings.map_dir.glob("*-*") if path.is_dir())


def test_a_build_is_served_as_it_was_written(shop, way):
    build = publish(shop, prior_share=0.25)
    tables = live()
    assert (tables.key.id, tables.prior_share, ranked(tables)) == (build, 0.25, "dc")
    assert tables.prior.tolist() == [0, 0, 0.5, 1]
    said = tables.said_by(np.array([0, 1, 2], np.int32))
    assert said.columns.tolist() == [1, 2, 0]
    assert said.values.tolist() == [0.5, 0.25, 1.0]
    assert said.sources.tolist() == [0, 0, 2]
    assert tables.near(np.array([0], np.int32)).columns.tolist() == [2]
    assert isinstance(tables.weights, StoredRows) == (way == "rows")
    assert bool(folders()) == (way == "mapped")


def test_a_build_is_read_once(shop, way, django_assert_num_queries):
    publish(shop)
    live()
    with django_assert_num_queries(1):  # the page's own statement
        assert ranked(live()) == "dc"


def test_another_process_maps_the_same_files(shop, django_assert_num_queries):
    publish(shop)
    live()
    forget_tables()
    with django_assert_num_queries(1):
        tables = live()
    assert ranked(tables) == "dc"
    assert not tables.weights.indices.flags.writeable


def test_an_alias_without_a_build_has_no_tables(shop):
    assert live() is None


def test_a_ranking_alone_is_enough(shop, way):
    shop.publish("popularity", keys="abcd", ranking="ba")
    tables = live("popularity")
    assert ranked(tables) == "ba"
    assert not len(tables.said_by(np.array([0], np.int32)).columns)


def test_a_new_build_takes_over_and_a_rolled_back_one_returns(shop, way):
    publish(shop)
    assert ranked(live()) == "dc"
    first = live_builds("")["auto"]
    publish(shop, ranking="ab")
    assert ranked(live()) == "ab"
    serve_build(first, now=NOW)
    assert ranked(live()) == "dc"


def test_old_files_are_removed(shop):
    for _ in range(4):
        publish(shop)
        live()
    assert len(folders()) == 2


def test_tenants_have_tables_of_their_own(shop):
    publish(shop)
    assert live() is not None
    assert live(tenant="other") is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "weights.values.npy").write_bytes(b""),
        lambda folder: (folder / "weights.values.npy").unlink(),
        lambda folder: (folder / "weights.indices.npy").write_bytes(
            (folder / "weights.indices.npy").read_bytes()[:-1]
        ),
        lambda folder: (folder / MANIFEST).write_text("{"),
        lambda folder: (folder / MANIFEST).write_text("[]"),
        lambda folder: (folder / MANIFEST).unlink(),
        shutil.rmtree,
    ],
)
def test_damaged_files_are_written_anew(shop, spoil):
    publish(shop)
    live()
    spoil(folders()[0])
    forget_tables()
    assert ranked(live()) == "dc"
    assert (folders()[0] / MANIFEST).exists()


def test_files_of_somebody_else_are_not_read(shop):
    publish(shop)
    live()
    manifest = folders()[0] / MANIFEST
    content = json.loads(manifest.read_text())
    content["content"] = content["content"].replace('"prior_share": 0.0', '"prior_share": 9.0')
    manifest.write_text(json.dumps(content))
    forget_tables()
    assert live().prior_share == 0.0


def test_an_unusable_folder_is_said_once_and_memory_serves(shop, settings, tmp_path, caplog):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    settings.PERSONALIZATION = {**CATALOG, "MAP_DIR": str(blocked)}
    publish(shop)
    assert [ranked(live()), ranked(live())] == ["dc", "dc"]
    assert [record.levelno for record in caplog.records if record.levelno >= logging.WARNING] == [
        logging.WARNING
    ]


def test_a_disk_that_loses_what_was_written_is_survived(shop, monkeypatch):
    monkeypatch.setattr(live_tables, "write_arrays", lambda *args: None)
    publish(shop)
    assert ranked(live()) == "dc"


@pytest.mark.parametrize("spoil", [lambda rows: rows.delete(), lambda rows: rows.update(payload=b"damaged")])
def test_a_damaged_build_is_said_once_and_the_old_one_serves(shop, caplog, spoil):
    publish(shop)
    assert ranked(live()) == "dc"
    build = publish(shop, ranking="ab")
    spoil(
        BuildRow.objects.filter(build_id=build, table__in=[BuildRow.Table.VOCABULARY, BuildRow.Table.RANKING])
    )
    assert [ranked(live()), ranked(live())] == ["dc", "dc"]
    assert len([record for record in caplog.records if record.levelno >= logging.ERROR]) == 1


def test_rows_outside_the_vocabulary_are_damage(shop):
    build = publish(shop)
    rows = BuildRow.objects.filter(build_id=build, table=BuildRow.Table.VOCABULARY)
    rows.update(payload=bytes(rows.get().payload)[:8])
    assert live() is None


def test_an_item_that_is_gone_has_no_key(shop):
    Item.objects.filter(key="d").delete()
    publish_ids = [Item.objects.get(key=key).pk for key in "abc"]
    shop.publish("auto", keys="abc", ranking="ca")
    Item.objects.filter(key="c").delete()
    assert ranked(live()) == "a"
    assert live().vocabulary.find_row("c") is None
    assert live().vocabulary.find_row("") is None
    assert len(publish_ids) == 3


def test_the_old_build_serves_while_another_process_writes_the_new_one(shop):
    publish(shop)
    assert ranked(live()) == "dc"
    publish(shop, ranking="ab")
    (lock,) = conf.settings.map_dir.glob("*.lock")
    with exclusive(lock, wait=False) as held:
        assert held
        assert ranked(live()) == "dc"
    assert ranked(live()) == "ab"


def test_the_old_build_serves_while_another_thread_loads_the_new_one(shop):
    publish(shop)
    live()
    publish(shop, ranking="ab")
    started, done = Event(), Event()

    def load():
        with live_tables._loading:
            started.set()
            done.wait(5)

    thread = Thread(target=load)
    thread.start()
    started.wait(5)
    assert ranked(live()) == "dc"
    done.set()
    thread.join()
    assert ranked(live()) == "ab"


def test_buffers_are_reused(shop):
    publish(shop)
    tables = live()
    scratch = tables.take_scratch()
    assert tables.take_scratch() is not scratch
    tables.return_scratch(scratch)
    assert tables.take_scratch() is scratch


@pytest.mark.parametrize("small", [0, 20_000])
def test_large_vocabularies_find_keys_without_keeping_them(shop, monkeypatch, small):
    monkeypatch.setattr("personalization.store.vocabulary.SMALL", small)
    publish(shop)
    vocabulary = live().vocabulary
    assert bool(vocabulary.texts) == bool(small)
    assert [vocabulary.find_row(key) for key in ("c", "nowhere", "\ud800", "")] == [2, None, None, None]
    assert vocabulary.keys(np.array([3, 1], np.int32)) == ["d", "b"]


def test_ids_outside_the_vocabulary_have_no_row(shop):
    publish(shop)
    vocabulary = live().vocabulary
    ids = [int(vocabulary.ids[2]), 999_999, int(vocabulary.ids[0]), -5]
    assert vocabulary.rows_of(np.array(ids, np.int32)).tolist() == [2, -1, 0, -1]
    assert [vocabulary.find_row(key) for key in ("c", "nowhere", "\ud800")] == [2, None, None]
    assert Path(conf.settings.map_dir).is_dir()


def test_an_empty_build_is_no_trouble(shop, way):
    shop.publish("popularity", keys="")
    tables = live("popularity")
    assert len(tables.vocabulary) == 0
    assert tables.vocabulary.rows_of(np.array([3], np.int32)).tolist() == [-1]
    assert tables.vocabulary.find_row("a") is None
