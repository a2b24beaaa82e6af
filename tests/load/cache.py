"""A Redis of a test's own, which may be killed."""

from __future__ import annotations

import os
import shutil
import signal

from tests.load.process import free_port, kill, listens, spawn, until


def program():
    return shutil.which("redis-server")


class Cache:
    def __init__(self, folder):
        self.port = free_port()
        self.url = f"rediscache://127.0.0.1:{self.port}/0"
        self.broker = f"redis://127.0.0.1:{self.port}/1"
        self._folder, self._process = folder, None

    def start(self):
        command = [
            program(),
            "--bind",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        self._process = spawn(command, log=self._folder / "redis.log", cwd=self._folder)
        until(lambda: listens(self.port), "Redis to listen")

    def hang(self):
        """It takes connections, and never answers."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def kill(self):
        kill(self._process)
