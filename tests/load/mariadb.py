"""A MariaDB server of a test's own, which may be killed."""

from __future__ import annotations

import os
import shutil

from tests.load.process import free_port, kill, listens, run, spawn, until

OPTIONS = ["--bind-address=127.0.0.1", "--innodb-buffer-pool-size=64M", "--innodb-flush-log-at-trx-commit=1"]


def programs():
    """The server and what makes its first files; None where one of them is missing."""
    path = f"{os.environ['PATH']}:/usr/sbin:/usr/libexec"
    found = [shutil.which(name, path=path) for name in ("mariadbd", "mariadb-install-db")]
    return found if all(found) else None


class MariaDB:
    """One server with one database."""

    def __init__(self, folder):
        self.port = free_port()
        self.url = f"mysql://shop:shop@127.0.0.1:{self.port}/shop"
        self._folder, self._process = folder, None
        # A server that starts clears its temporary folder of all "#sql" files, other servers' too.
        temporary = folder / "tmp"
        temporary.mkdir()
        self._common = [f"--tmpdir={temporary}"]
        if os.geteuid() == 0:
            for path in (folder, temporary):
                shutil.chown(path, "mysql", "mysql")
            self._common.append("--user=mysql")
        install = programs()[1]
        run(
            [install, "--no-defaults", f"--datadir={folder / 'data'}", "--skip-test-db", *self._common],
            cwd=folder,
        )

    def start(self):
        here = [
            f"--datadir={self._folder / 'data'}",
            f"--socket={self._folder / 'socket'}",
            f"--port={self.port}",
        ]
        command = [programs()[0], "--no-defaults", *self._common, *here, *OPTIONS]
        self._process = spawn(command, log=self._folder / "log", cwd=self._folder)
        until(lambda: listens(self.port), "MariaDB to listen")

    def stop(self):
        kill(self._process)

    def create(self):
        statements = (
            "CREATE DATABASE shop CHARACTER SET utf8mb4",
            "CREATE USER shop@127.0.0.1 IDENTIFIED BY 'shop'",
            "GRANT ALL ON shop.* TO shop@127.0.0.1",
        )
        for statement in statements:
            run(["mariadb", "--no-defaults", f"--socket={self._folder / 'socket'}", "-e", statement])

    def rows(self, sql, *values):
        import MySQLdb

        connection = MySQLdb.connect(
            host="127.0.0.1", port=self.port, user="shop", password="shop", database="shop", autocommit=True
        )
        try:
            cursor = connection.cursor()
            cursor.execute(sql, values or None)
            return list(cursor.fetchall())
        finally:
            connection.close()
