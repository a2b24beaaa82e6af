"""Readers while builds come and go."""

import time
from threading import Event, Thread

import numpy as np
from django.db import connections

from personalization.models import BuildRow
from personalization.store.builds import (
    NewBuild,
    create_build,
    drop_old_builds,
    live_builds,
    publish_build,
    write_tables,
)
from tests.store.test_builds import ITEM_IDS, NOW, TABLES


class Reader(Thread):
    """Looks at the pointer, then at the rows of the build it names, again and again."""

    def __init__(self, *, rows):
        super().__init__(daemon=True)
        self.rows, self.reads, self.short, self.builds, self.stopped = rows, 0, 0, set(), Event()

    def run(self):
        try:
            while not self.stopped.is_set():
                build = live_builds("")["auto"]
                self.short += BuildRow.objects.filter(build_id=build).count() != self.rows
                self.builds.add(build)
                self.reads += 1
        finally:
            connections.close_all()


def publish():
    build = create_build(NewBuild(alias="auto", as_of=NOW), now=NOW)
    write_tables(build, TABLES, np.tile(ITEM_IDS, 10_000))
    publish_build(build, now=NOW)
    drop_old_builds(tenant="", keep=3)
    return build


def test_a_reader_always_sees_a_whole_build(threads_db):
    first = publish()
    reader = Reader(rows=BuildRow.objects.filter(build_id=first).count())
    reader.start()
    for _ in range(20):
        publish()
        seen, deadline = reader.reads, time.monotonic() + 5
        while reader.reads < seen + 2 and time.monotonic() < deadline:
            time.sleep(0.002)
    reader.stopped.set()
    reader.join()
    assert reader.reads >= 40
    assert len(reader.builds) > 10
    assert reader.short == 0
