"""What this machine takes: events per second over HTTP, through gunicorn into PostgreSQL. ``python -m tests.load.measure``"""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from tests.load.crowd import Crowd
from tests.load.postgresql import PostgreSQL
from tests.load.site import Site

SECONDS, ROUNDS = 5.0, 3


def figures(port, batch):
    """Events per second, and the time that 19 of 20 requests stay below."""
    with Crowd(port, batch=batch, most=100_000) as crowd:
        crowd.work(1)
        began, before = time.perf_counter(), len(crowd)
        time.sleep(SECONDS)
        rate = (len(crowd) - before) / (time.perf_counter() - began)
    waits = crowd.seconds
    return rate, waits[int(len(waits) * 0.95)]


def measure():
    folders = [Path(tempfile.mkdtemp(prefix="load-")) for _ in range(2)]
    database = PostgreSQL(folders[0])
    database.start()
    database.create()
    site = Site(folders[1], database.url)
    try:
        site.fill()
        site.start()
        for _ in range(ROUNDS):  # in turn, so that a busy machine is busy for both
            for batch in (1, 50):
                rate, wait = figures(site.port, batch)
                print(f"{batch:3} events a request: {rate:7,.0f} events/s, p95 {wait * 1000:5.0f} ms")
    finally:
        site.kill()
        database.stop()
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    measure()
