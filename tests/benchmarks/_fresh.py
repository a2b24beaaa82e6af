"""Work in a process of its own, so that its memory is nobody else's."""

from __future__ import annotations

from multiprocessing import get_context
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")


def in_fresh_process(work: Callable[..., Answer], *arguments: object) -> Answer:
    """What ``work``, a function of a module, answers there."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)
