"""What one answer of the API costs: "similar items" as JSON, beside a view that does nothing."""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import include
from django.urls import path as route

from personalization.engine.tables import SparseRows, Tables
from personalization.engine.types import ItemRecord
from personalization.store.builds import NewBuild, create_build, publish_build, write_tables
from personalization.store.catalog import forget_cards
from personalization.store.items import IMPORTED, item_ids, upsert_items
from personalization.store.live_tables import forget_tables
from tests.benchmarks import Measurement, MissingRequirementError, interleave

ITEMS, NEIGHBORS, CARDS, REQUESTS, ROUNDS, SEED = 5_000, 50, 20, 400, 15, 11
NOW = 1_700_000_000_000_000
EMPTY = b"x" * 900


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse(EMPTY)


urlpatterns = [route("plain/", plain), route("api/", include("personalization.urls"))]


def measure() -> Measurement:
    if connections["default"].vendor != "sqlite":
        raise MissingRequirementError("CPU of the client alone says little about other databases; use SQLite")
    with tempfile.TemporaryDirectory() as folder, _site(Path(folder)):
        keys = _fill()
        handler = WSGIHandler()
        seeds = random.Random(SEED).choices(keys, k=REQUESTS)
        similar = [_environ(f"/api/v1/items/{key}/similar/?count={CARDS}") for key in seeds]
        empty = [_environ("/plain/")] * REQUESTS
        _check(_call(handler, similar[0]))
        for environ in similar:  # the cards and the tables of a worker that has been running for a while
            _call(handler, environ)
        ours, reference = interleave(
            lambda: _cpu_micros(handler, similar), lambda: _cpu_micros(handler, empty), rounds=ROUNDS
        )
    return Measurement(
        ours,
        reference,
        "CPU microseconds per request",
        f"{CARDS} cards with reason and evidence, one id and one token, for {REQUESTS} seeds drawn evenly from {ITEMS:,} "
        f"imported items (seed {SEED}, {NEIGHBORS} random neighbors each), no middleware, SQLite file, lasting "
        f"connection, warm process; reference: HttpResponse of {len(EMPTY)} bytes; WSGI handler called in process; "
        f"medians of {ROUNDS} rounds",
    )


@contextmanager
def _site(folder: Path) -> Iterator[None]:
    shared = connections["default"].settings_dict
    name, age = shared["NAME"], shared["CONN_MAX_AGE"]
    connections["default"].close()
    shared |= {"NAME": str(folder / "shop.sqlite3"), "CONN_MAX_AGE": None}
    options = {
        "ADAPTER": "personalization.store.catalog.CatalogAdapter",
        "MAP_DIR": str(folder / "builds"),
    }
    try:
        with override_settings(DEBUG=False, MIDDLEWARE=[], ROOT_URLCONF=__name__, PERSONALIZATION=options):
            call_command("migrate", verbosity=0, stdout=sys.stderr)
            yield
    finally:
        connections["default"].close()
        shared |= {"NAME": name, "CONN_MAX_AGE": age}
        forget_tables()
        forget_cards()


def _fill() -> list[str]:
    keys = [f"SKU-{number:05}" for number in range(ITEMS)]
    records = [
        ItemRecord(
            key,
            f"Product number {number}",
            "tents/light",
            "49.90",
            "EUR",
            url=f"/product/{key}/",
            image=f"/i/{key}.jpg",
        )
        for number, key in enumerate(keys)
    ]
    upsert_items(records, tenant="", origin=IMPORTED, now=NOW)
    ids = item_ids(keys, tenant="")
    random_rows = np.random.default_rng(SEED)
    columns = np.concatenate([random_rows.choice(ITEMS, NEIGHBORS, replace=False) for _ in keys]).astype(
        np.int32
    )
    values = np.tile(np.linspace(1, 0.1, NEIGHBORS, dtype=np.float32), ITEMS)
    table = SparseRows(np.arange(0, ITEMS * NEIGHBORS + 1, NEIGHBORS), columns, values)
    build = create_build(NewBuild(alias="item-cosine", as_of=NOW), now=NOW)
    write_tables(build, Tables(neighbors=table), np.array([ids[key] for key in keys], np.int32))
    publish_build(build, now=NOW)
    return keys


def _environ(path: str) -> dict[str, object]:
    request = RequestFactory().get(path)
    return request.environ


def _call(handler: WSGIHandler, environ: dict[str, object]) -> bytes:
    response = handler(dict(environ), _ignore)
    try:
        return b"".join(response)
    finally:
        response.close()


def _ignore(status: str, headers: object, exc_info: object = None) -> Callable[[bytes], object]:
    if not status.startswith("200"):
        raise AssertionError(status)
    return bytes


def _check(body: bytes) -> None:
    answer = json.loads(body)
    if not (len(answer["items"]) == CARDS and answer["token"] and answer["items"][0]["reason"]["evidence"]):
        raise AssertionError("this is not the answer that was to be measured")


def _cpu_micros(handler: WSGIHandler, environs: list[dict[str, object]]) -> float:
    started = time.process_time_ns()
    for environ in environs:
        _call(handler, environ)
    return (time.process_time_ns() - started) / len(environs) / 1000
