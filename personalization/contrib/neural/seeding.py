"""Training that can be repeated."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def repeatable(threads: int) -> Iterator[None]:
    """Deterministic algorithms on so many threads, and the process's own settings and random state after that.

    The number of threads decides in what order sums are made, so it is part of what gives the same bits again.
    """
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    with torch.random.fork_rng(devices=[]):
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(True)  # noqa: FBT003 - torch takes it by place only
        try:
            yield
        finally:
            torch.set_num_threads(before[0])
            torch.use_deterministic_algorithms(before[1])
