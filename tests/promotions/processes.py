"""Calls from several processes at once, on the database of the test."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PROCESSES = 8
THREADS = 4


class Crowd:
    """Eight processes that stay, each with four connections."""

    def __init__(self) -> None:
        server = multiprocessing.get_context("forkserver")
        server.set_forkserver_preload(["tests.promotions.forked"])
        gate = server.Barrier(PROCESSES)
        self._pool = ProcessPoolExecutor(PROCESSES, mp_context=server, initializer=_begin, initargs=[gate])

    def __call__(self, database: dict[str, Any], calls: Sequence[Callable[[], Any]]) -> list[Any]:
        """What the calls return, dealt out to the processes like cards, which all begin at the same moment."""
        hands = [calls[start::PROCESSES] for start in range(PROCESSES)]
        results = list(self._pool.map(partial(_play, database), hands))
        return [result for hand in results for result in hand]

    def close(self) -> None:
        self._pool.shutdown()


def _begin(gate: Any) -> None:
    globals()["_gate"] = gate


def _play(database: dict[str, Any], calls: Sequence[Callable[[], Any]]) -> list[Any]:
    from django.db import connections

    connections.settings["default"] |= database  # every thread below opens its own

    def run(some: Sequence[Callable[[], Any]]) -> list[Any]:
        try:
            return [call() for call in some]
        finally:
            connections.close_all()

    globals()["_gate"].wait(60)
    with ThreadPoolExecutor(THREADS) as pool:
        dealt = pool.map(run, [calls[start::THREADS] for start in range(THREADS)])
        return [result for some in dealt for result in some]
