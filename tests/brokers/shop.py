"""A shop in processes of its own: a database file, commands, workers, and readers that look at the rows."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Thread

ROOT = Path(__file__).parent.parent.parent
RUNNING, SUCCEEDED = 2, 3


class Shop:
    """One database file, and everything that a host runs on it."""

    def __init__(self, folder, *, broker="", queue=""):
        self.database = folder / "shop.sqlite3"
        self.log = folder / "worker.log"
        self.slow = folder / "slow"
        self.queue = queue
        self.environment = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{self.database}",
            "CELERY_BROKER_URL": broker,
            "DJANGO_SETTINGS_MODULE": "tests.brokers.settings",
            "SLOW_RECOMMENDER": str(self.slow),
            "PYTHONPATH": str(ROOT),
        }

    def run(self, *arguments):
        """A management command, to its end."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def worker(self):
        """A Celery worker in a process group of its own."""
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "shop_demo",
            "worker",
            "--concurrency=1",
            "-l",
            "INFO",
        ]
        return self.start(*command, "-Q", self.queue, "--without-gossip", "--without-mingle")

    def start(self, *command):
        with self.log.open("a") as log:
            return subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def rows(self, sql, *values):
        connection = sqlite3.connect(self.database, timeout=10)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def live(self, alias):
        """The id of the build that is served; None when there is none."""
        sql = "SELECT build_id FROM personalization_livebuild WHERE alias = ?"
        return next((build for (build,) in self.rows(sql, alias)), None)

    def runs(self):
        """(state, attempt) of every run."""
        return self.rows("SELECT state, attempt FROM personalization_run ORDER BY id")


class Reader:
    """Looks at the live build again and again, and remembers whether it ever was not whole."""

    def __init__(self, shop, alias, *, rows):
        self.builds, self.reads, self.short = set(), 0, 0
        self._shop, self._alias, self._rows = shop, alias, rows
        self._stopped = Event()
        self._thread = Thread(target=self._read, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc_info):
        self._stopped.set()
        self._thread.join()

    def _read(self):
        while not self._stopped.wait(0.02):
            build = self._shop.live(self._alias)
            sql = "SELECT COUNT(*) FROM personalization_buildrow WHERE build_id = ?"
            ((found,),) = self._shop.rows(sql, build)
            self.builds.add(build)
            self.reads += 1
            self.short += found != self._rows


def until(condition, what, *, seconds=60.0):
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {seconds:g} s for {what}"
        time.sleep(0.05)
    return value


def kill(process):
    """kill -9 of a process and its children."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)
