"""Real servers for one test run: databases, Redis and gunicorn, each on a port of its own and ended by its id."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from django.conf import settings

from tests.load import cache, mariadb, postgresql
from tests.load.cache import Cache
from tests.load.mariadb import MariaDB
from tests.load.postgresql import PostgreSQL
from tests.load.site import Site
from tests.load.sqlite import SQLite


def runs_with(*databases):
    """The suite runs under several shops and databases. These tests bring their own: once is enough."""
    database = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
    if settings.SETTINGS_MODULE != "shop_demo.settings" or database not in databases:
        pytest.skip(f"runs with the suite of the demo shop on {' or '.join(databases)}")


def missing(message):
    """A service that is not there fails the suite where it was promised, and skips the test elsewhere."""
    (pytest.fail if os.environ.get("REQUIRE_SERVICES") else pytest.skip)(message)


@pytest.fixture(scope="session")
def new_folder():
    """Short paths (sockets need them) that a server's own user may enter, gone at the end."""
    made = []

    def new_folder():
        made.append(Path(tempfile.mkdtemp(prefix="load-")))
        return made[-1]

    yield new_folder
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)


def _filled(database, folder):
    database.start()
    database.create()
    Site(folder, database.url).fill()
    return database


@pytest.fixture(scope="session")
def postgres(new_folder):
    runs_with("sqlite3")
    if postgresql.programs() is None:
        missing("no PostgreSQL server is installed")
    database = PostgreSQL(new_folder())
    yield _filled(database, new_folder())
    database.stop()


@pytest.fixture(scope="session")
def maria(new_folder):
    runs_with("sqlite3", "mysql")
    if importlib.util.find_spec("MySQLdb") is None:
        pytest.skip("the driver comes with the extra mysql")
    if mariadb.programs() is None:
        missing("no MariaDB server is installed")
    database = MariaDB(new_folder())
    yield _filled(database, new_folder())
    database.stop()


@pytest.fixture(scope="session")
def file(new_folder):
    runs_with("sqlite3")
    folder = new_folder()
    return _filled(SQLite(folder), folder)


@pytest.fixture
def database(request):
    """A database with a shop in it: the one that the test names, else PostgreSQL."""
    return request.getfixturevalue(getattr(request, "param", "postgres"))


@pytest.fixture
def redis(new_folder):
    """A Redis that nobody else uses."""
    if cache.program() is None:
        missing("no Redis server is installed")
    server = Cache(new_folder())
    server.start()
    yield server
    server.kill()


@pytest.fixture
def serve(new_folder, database):
    """Start the shop; the test may vary its environment."""
    sites = []

    def serve(**environment):
        sites.append(Site(new_folder(), database.url, **environment))
        sites[-1].start()
        return sites[-1]

    yield serve
    for site in sites:
        site.kill()
        print(site.said())  # pytest shows it when the test failed


@pytest.fixture(scope="session")
def running(new_folder):
    """Shops that many tests use, started when they are needed, whoever killed them."""
    sites = {}

    def running(database, **environment):
        key = (database.url, *environment.items())
        site = sites.setdefault(key, Site(new_folder(), database.url, **environment))
        if not site.answers():
            site.kill()
            site.start()
        return site

    yield running
    for site in sites.values():
        site.kill()


@pytest.fixture
def site(running, database):
    """The usual shop."""
    yield running(database)
    print(running(database).said())  # pytest shows it when the test failed


@pytest.fixture
def unchecked_site(running, database):
    """A shop that uses its kept connections without looking whether they still live."""
    yield running(database, HEALTH_CHECKS="False")
    print(running(database, HEALTH_CHECKS="False").said())
