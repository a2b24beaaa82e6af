"""Many calls at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier


def at_once(calls):
    """What the calls return, in order; each has a thread of its own and waits for all others to be ready."""
    ready = Barrier(len(calls))

    def start(call):
        ready.wait(20)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(start, calls, timeout=60))
