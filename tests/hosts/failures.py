"""What may go wrong in code of ours while a shop's page or order is made, for real: the database itself refuses, waits
too long, picks a victim, or hangs up."""

from __future__ import annotations

import threading
import time
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.core.cache.backends.base import BaseCache
from django.db import DatabaseError, connection
from django.test import override_settings

from personalization.adapters import Adapter, get_adapter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCRATCH = "survival_scratch"
ADAPTER_METHODS = sorted(
    name for name, value in vars(Adapter).items() if callable(value) and not name.startswith("_")
)
TABLES = [model._meta.db_table for model in apps.get_app_config("personalization").get_models()]


class Failure(AbstractContextManager):
    """Something that goes wrong while it is entered; ``hits`` says how often it did."""

    def __init__(self, name: str) -> None:
        self.name, self.hits = name, 0
        self._undo = ExitStack()

    def __exit__(self, *exc_info: object) -> None:
        self._undo.close()


class TablesGone(Failure):
    """Nobody has migrated yet, or somebody migrated to zero."""

    def __init__(self) -> None:
        super().__init__("tables gone")

    def __enter__(self) -> TablesGone:
        _rename({table: f"{table}_gone" for table in TABLES})
        self._undo.callback(_rename, {f"{table}_gone": table for table in TABLES})
        self._undo.enter_context(connection.execute_wrapper(self._count))
        return self

    def _count(self, execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        self.hits += "personalization_" in sql
        return execute(sql, *arguments)


def _rename(names: dict[str, str]) -> None:
    pairs = [
        f"{connection.ops.quote_name(old)} TO {connection.ops.quote_name(new)}" for old, new in names.items()
    ]
    at_once = connection.vendor == "mysql"
    statements = [f"RENAME TABLE {', '.join(pairs)}"] if at_once else []
    if not at_once:
        statements = ["ALTER TABLE {} RENAME TO {}".format(*pair.split(" TO ")) for pair in pairs]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


class AdapterFails(Failure):
    """One method of the shop's adapter has a bug."""

    def __init__(self, method: str, behave: Callable[[], Any]) -> None:
        super().__init__(f"adapter.{method} {behave.__name__}")
        self._method, self._behave = method, behave

    def __enter__(self) -> AdapterFails:
        adapter = type(get_adapter())
        own = vars(adapter).get(self._method)
        setattr(adapter, self._method, self._fail)
        self._undo.callback(
            lambda: delattr(adapter, self._method) if own is None else setattr(adapter, self._method, own)
        )
        return self

    @property
    def _fail(self) -> Callable[..., Any]:
        def fail(adapter: object, *args: object, **kwargs: object) -> Any:
            self.hits += 1
            return self._behave()

        return fail


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise ValueError("not even its text is right")


def raises() -> None:
    raise UnprintableError


def asks_wrongly() -> None:
    """A statement that the database refuses: PostgreSQL then refuses all others of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")


def answers_nothing() -> None:
    """What a method returns that was not finished."""


def hides_an_error() -> None:
    """The same statement, caught by the adapter itself: nobody sees that the transaction is spoiled."""
    with suppress(DatabaseError):
        asks_wrongly()


def closes_the_connection() -> None:
    """As code that was written for threads does."""
    connection.close()


#: What adapters do wrong; SQLite in memory bears the last two.
BUGS = (raises, asks_wrongly, answers_nothing)
BUGS_ON_SERVERS = (*BUGS, hides_an_error, closes_the_connection)


class StatementFails(Failure):
    """The database refuses one statement of ours, in one of its ways. ``number`` counts from 1; 0 is every one."""

    def __init__(self, number: int, how: Callable[..., None]) -> None:
        super().__init__(f"statement {number or 'each'} {how.__name__}")
        self._number, self._refuse, self.seen = number, how, 0

    def __enter__(self) -> StatementFails:
        self.seen = 0
        self._undo.enter_context(connection.execute_wrapper(self._execute))
        if self._refuse is hangs_up:
            self._undo.callback(connection.close)
        return self

    def _execute(self, execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        if "personalization_" in sql:
            self.seen += 1
            if self._number in {0, self.seen}:
                self.hits += 1
                self._refuse(arguments[-1]["cursor"].execute)
        return execute(sql, *arguments)


@contextmanager
def statements_of_ours() -> Iterator[list[str]]:
    """The texts of our statements, as they come."""
    texts: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        if "personalization_" in sql:
            texts.append(sql)
        return execute(sql, *arguments)

    with connection.execute_wrapper(note):
        yield texts


def is_refused(execute: Callable[[str], Any]) -> None:
    execute("SELECT nothing FROM nowhere")


def takes_too_long(execute: Callable[[str], Any]) -> None:
    """The statement runs longer than the host allows."""
    if connection.vendor == "postgresql":  # the same error as that of a statement_timeout
        execute("SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(5)")
    else:
        execute(
            "SET STATEMENT max_statement_time = 0.02 FOR"
            " SELECT COUNT(*) FROM information_schema.columns a, information_schema.columns b"
        )


def waits_in_vain(execute: Callable[[str], Any]) -> None:
    """Somebody else holds the row for longer than the host waits."""
    with _somebody_else() as other:
        other(f"SELECT id FROM {SCRATCH} WHERE id = 1 FOR UPDATE")
        execute(f"SELECT id FROM {SCRATCH} WHERE id = 1 FOR UPDATE NOWAIT")


def is_the_victim(execute: Callable[[str], Any]) -> None:
    """A deadlock: each holds a row and wants that of the other. On MariaDB the host's whole transaction is gone then,
    savepoints and all. Without a transaction nothing is held, and nothing happens."""
    if not connection.in_atomic_block:
        return
    if connection.vendor == "postgresql":
        execute("SET LOCAL deadlock_timeout = 20")
    execute(f"SELECT id FROM {SCRATCH} WHERE id = 1 FOR UPDATE")
    holds = threading.Event()
    threading.Thread(target=_hold_and_want, args=[holds], daemon=True).start()
    assert holds.wait(5)
    time.sleep(0.05)  # until it waits for us
    execute(f"SELECT id FROM {SCRATCH} WHERE id = 2 FOR UPDATE")


def _hold_and_want(holds: threading.Event) -> None:
    with _somebody_else() as other:
        if connection.vendor == "postgresql":
            other("SET deadlock_timeout = '5s'")
        other(
            f"UPDATE {SCRATCH} SET n = n + 1 WHERE id > 1"
        )  # heavier than an order: the order is the victim
        holds.set()
        other(f"SELECT id FROM {SCRATCH} WHERE id = 1 FOR UPDATE")


def hangs_up(execute: Callable[[str], Any]) -> None:
    """The server closes the connection in the middle of it."""
    with suppress(DatabaseError):
        if connection.vendor == "postgresql":
            execute("SELECT pg_terminate_backend(pg_backend_pid())")
        else:
            execute("KILL CONNECTION_ID()")
    execute("SELECT 1")


#: What servers do; SQLite, inside the process, can only refuse.
SERVERS_WAYS = (takes_too_long, waits_in_vain, is_the_victim, hangs_up)


@contextmanager
def _somebody_else() -> Iterator[Callable[[str], None]]:
    """Another connection to the same database, with a transaction open."""
    other = connection.copy()
    other.inc_thread_sharing()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            yield cursor.execute
    finally:
        other.rollback()
        other.close()


@contextmanager
def scratch() -> Iterator[None]:
    """A table of nobody's, to fight for rows in."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {SCRATCH} (id integer PRIMARY KEY, n integer)")
        cursor.execute(f"INSERT INTO {SCRATCH} VALUES {', '.join(f'({n}, 0)' for n in range(1, 1001))}")
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {SCRATCH}")


class DeadCache(BaseCache):
    """Nobody answers at its address."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def _dead(self, *args: object, **kwargs: object) -> Any:
        raise ConnectionError("the cache does not answer")

    add = get = set = touch = delete = incr = decr = has_key = clear = _dead
    get_many = set_many = delete_many = get_or_set = __contains__ = _dead


class CacheDead(Failure):
    """Our cache, and nobody else's, is down."""

    def __init__(self) -> None:
        super().__init__("cache dead")

    def __enter__(self) -> CacheDead:
        written = {**settings.PERSONALIZATION, "CACHE": "dead"}
        dead = {"BACKEND": f"{__name__}.DeadCache"}
        self._undo.enter_context(
            override_settings(CACHES={**settings.CACHES, "dead": dead}, PERSONALIZATION=written)
        )
        return self
