"""The demo shop behind a real gunicorn: two workers of four threads."""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection
from pathlib import Path

from tests.load.process import free_port, kill, peak, run, spawn, until

ROOT = Path(__file__).parent.parent.parent
WORKERS, THREADS = 2, 4


class Site:
    def __init__(self, folder, database_url, **environment):
        self.port = free_port()
        self.log = folder / "gunicorn.log"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.load.settings",
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": database_url,
            "XDG_RUNTIME_DIR": str(folder),  # newer gunicorns keep a socket there
            **environment,
        }
        self._process = None

    def fill(self):
        run([sys.executable, "-m", "tests.load.fill"], cwd=ROOT, env=self.environment)

    def start(self):
        command = [sys.executable, "-m", "gunicorn", "shop_demo.wsgi", f"--bind=127.0.0.1:{self.port}"]
        command += [f"--workers={WORKERS}", f"--threads={THREADS}", "--log-level=warning"]
        self._process = spawn(command, log=self.log, cwd=ROOT, env=self.environment)
        until(lambda: self._process.poll() is not None or self.answers(), "gunicorn to answer")
        assert self._process.poll() is None, f"gunicorn does not start: {self.said()}"

    def kill(self):
        """kill -9 of the master and its workers, whatever they are at."""
        kill(self._process)

    def answers(self):
        try:
            return self.get("/personalization/v1/nothing/") == 404
        except OSError:
            return False

    def get(self, path, *, timeout=10.0):
        """The status of a page."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()

    def said(self):
        """The end of gunicorn's log, Django's included."""
        return self.log.read_text()[-4000:]

    def memory(self):
        """The most bytes that the workers ever held."""
        return peak(self._process)
