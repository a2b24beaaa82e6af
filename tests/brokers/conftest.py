from __future__ import annotations

import os
import shutil
import uuid

import pytest
from kombu import Connection
from kombu.exceptions import OperationalError

from tests.brokers.shop import Shop, kill

BROKERS = {
    "redis": os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/3"),
    "rabbitmq": os.environ.get("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//"),
}


def missing(message):
    """A service that is not there fails the suite where it was promised, and skips the test elsewhere."""
    (pytest.fail if os.environ.get("REQUIRE_SERVICES") else pytest.skip)(message)


@pytest.fixture(scope="session")
def filled(tmp_path_factory):
    """A database file with a small busy shop, made once."""
    shop = Shop(tmp_path_factory.mktemp("filled"))
    shop.run("migrate", "--verbosity=0")
    shop.run("shell", "--command=from tests.learning.shop import busy_shop; busy_shop()")
    return shop.database


@pytest.fixture
def shop(filled, tmp_path):
    """A shop of its own, without a broker."""
    mine = Shop(tmp_path)
    shutil.copy(filled, mine.database)
    return mine


@pytest.fixture(params=sorted(BROKERS))
def broker(request):
    """The address of a running broker."""
    address = BROKERS[request.param]
    try:
        with Connection(address, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1, timeout=3)
    except (OSError, OperationalError) as error:
        missing(f"{request.param} at {address} does not answer: {error}")
    return address


@pytest.fixture
def queue(broker):
    """A queue that no other worker reads."""
    name = f"personalization-test-{uuid.uuid4().hex[:12]}"
    yield name
    with Connection(broker) as connection:
        channel = connection.channel()
        channel.queue_delete(name)
        if broker.startswith("redis"):
            channel.client.delete(f"_kombu.binding.{name}", f"_kombu.binding_permanent.{name}")
        else:
            channel.exchange_delete(name)


@pytest.fixture
def broker_shop(filled, tmp_path, broker, queue):
    """A shop of its own with a broker."""
    mine = Shop(tmp_path, broker=broker, queue=queue)
    shutil.copy(filled, mine.database)
    return mine


@pytest.fixture
def send(broker, queue):
    """Send a task by name, as a beat would."""
    from celery import Celery

    app = Celery(broker=broker, set_as_current=False)

    def send(name, **arguments):
        app.send_task(f"personalization.{name}", kwargs=arguments, queue=queue)

    yield send
    app.close()


@pytest.fixture
def start():
    """Start processes that do not outlive the test."""
    started = []

    def start(process):
        started.append(process)
        return process

    yield start
    for process in started:
        kill(process)
