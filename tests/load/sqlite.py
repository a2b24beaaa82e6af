"""A database file; there is no server that could be stopped."""

from __future__ import annotations

import sqlite3


class SQLite:
    def __init__(self, folder):
        self._file = folder / "shop.sqlite3"
        self.url = f"sqlite:///{self._file}"

    def start(self):
        pass

    def stop(self):
        pass

    def create(self):
        pass

    def rows(self, sql, *values):
        connection = sqlite3.connect(self._file, timeout=10)
        try:
            return connection.execute(sql.replace("%s", "?"), values).fetchall()
        finally:
            connection.close()
