"""A PostgreSQL cluster of a test's own, which may be stopped as if the machine had failed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import psycopg

from tests.load.process import free_port, run

#: fsync stays on: what is told to be committed must be on disk. The rest keeps a small cluster small.
OPTIONS = "-c listen_addresses=127.0.0.1 -c fsync=on -c synchronous_commit=on -c shared_buffers=32MB -c max_connections=40"


def programs():
    """The folder of the newest installed server; None where there is none."""
    found = shutil.which("pg_ctl")
    folders = [Path(found).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def _version(folder):
    return float(folder.parent.name) if folder.parent.name.replace(".", "", 1).isdigit() else 0.0


class PostgreSQL:
    """One cluster with one database."""

    def __init__(self, folder):
        self.port = free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/shop"
        self._folder, self._data = folder, folder / "data"
        # The server refuses to run as root; its folder then belongs to the user that the package made for it.
        self._as = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] * (os.geteuid() == 0)
        if self._as:
            shutil.chown(folder, "postgres", "postgres")
        self._run(
            "initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"
        )

    def start(self):
        options = f"{OPTIONS} -p {self.port} -k {self._folder}"
        self._run(
            "pg_ctl", "start", "--wait", "--silent", f"--log={self._folder / 'log'}", f"--options={options}"
        )

    def stop(self):
        """No checkpoint, no farewell: sessions are cut off, and the next start replays the log."""
        self._run("pg_ctl", "stop", "--mode=immediate", "--silent")

    def create(self):
        self.rows("CREATE DATABASE shop", database="postgres")

    def rows(self, sql, *values, database="shop"):
        address = f"host=127.0.0.1 port={self.port} user=postgres dbname={database}"
        with psycopg.connect(address, autocommit=True) as connection:
            cursor = connection.execute(sql, values or None)
            return cursor.fetchall() if cursor.description else []

    def _run(self, program, *arguments):
        run([*self._as, programs() / program, f"--pgdata={self._data}", *arguments], cwd=self._folder)
