"""A host behind a real ASGI server, on the database of the test."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application
from django.db import connections

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def served() -> Iterator[str]:
    """The address of the host, served by one event loop in a thread.

    Connections end with their request, as Django asks of ASGI sites: each request has a thread of its own there, and
    what a thread keeps open nobody closes.
    """
    database = connections.settings["default"]
    kept_for, database["CONN_MAX_AGE"] = database["CONN_MAX_AGE"], 0
    application = ASGIStaticFilesHandler(get_asgi_application())
    config = uvicorn.Config(application, port=0, log_level="warning", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < deadline, "the server does not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
        database["CONN_MAX_AGE"] = kept_for
