"""What stands between our failures and the host: swallowed, unless the host's transaction went with them."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.transaction import TransactionManagementError

from personalization.store.shield import shielded
from tests.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)


def refused():
    with connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")


def lose():
    """The open transaction goes, with its connection. SQLite keeps one in memory, whatever happens."""
    connection.close()
    if connection.vendor == "sqlite":
        connection.needs_rollback = True


def lose_loudly():
    lose()
    raise DatabaseError("gone")


def guarded(work):
    return shielded(work, what="this", otherwise="otherwise")


def test_an_answer_comes_through():
    assert guarded(lambda: "answer") == "answer"


@pytest.mark.parametrize("inside", [True, False])
def test_a_failure_is_logged_once_and_spoils_nothing(inside, caplog):
    def ask():
        assert guarded(refused) == "otherwise"
        make_person("ann")

    if inside:
        with transaction.atomic():
            ask()
    else:
        ask()
    assert [record.message for record in caplog.records] == ["this failed"]


def test_a_lost_transaction_is_told():
    with pytest.raises(DatabaseError, match="gone"), transaction.atomic():
        guarded(lose_loudly)


def test_even_when_nobody_said_so():
    with pytest.raises(TransactionManagementError, match="this"), transaction.atomic():
        guarded(lose)


def test_what_the_host_gave_up_before_is_not_our_loss():
    with transaction.atomic():
        transaction.set_rollback(True)
        assert guarded(refused) == "otherwise"
        assert guarded(lambda: "answer") == "answer"


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server")
def test_a_connection_that_broke_is_made_anew():
    def hang_up():
        with connection.cursor() as cursor:
            own = {"postgresql": "SELECT pg_terminate_backend(pg_backend_pid())"}
            cursor.execute(own.get(connection.vendor, "KILL CONNECTION_ID()"))

    assert guarded(hang_up) == "otherwise"
    make_person("ann")
