"""Views whose work is many short transactions, whatever ATOMIC_REQUESTS says."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.db import connections, transaction

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    View = TypeVar("View", bound=Callable[..., Any])


def in_own_transactions(view: View) -> View:
    """The same view, outside of the host's transaction on every database."""
    for alias in connections:
        view = transaction.non_atomic_requests(using=alias)(view)
    return view
