"""Three-valued logic (Kleene): what depends on something unknown is unknown, and nothing else is."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray


class Truth(IntEnum):
    """Whether something holds. The numbers are those of the columns."""

    UNKNOWN = -1
    FALSE = 0
    TRUE = 1

    def __bool__(self) -> bool:
        return self is Truth.TRUE


def truth_of(holds: object) -> Truth:
    return Truth.TRUE if holds else Truth.FALSE


def negated(truth: Truth) -> Truth:
    return truth if truth is Truth.UNKNOWN else truth_of(truth is Truth.FALSE)


def conjunction(truths: Collection[Truth]) -> Truth:
    """FALSE when one is, else UNKNOWN when one is, else TRUE."""
    return Truth.FALSE if Truth.FALSE in truths else min(truths)


def disjunction(truths: Collection[Truth]) -> Truth:
    """TRUE when one is, else UNKNOWN when one is, else FALSE."""
    return Truth.TRUE if Truth.TRUE in truths else min(truths)


def negated_columns(truths: NDArray[np.int8]) -> NDArray[np.int8]:
    """`negated` of int8 (n,)."""
    return np.where(truths < 0, truths, 1 - truths).astype(np.int8)


def conjoined_columns(left: NDArray[np.int8], right: NDArray[np.int8]) -> NDArray[np.int8]:
    """`conjunction` of two int8 (n,)."""
    return np.where((left == 0) | (right == 0), np.int8(0), np.minimum(left, right))


def disjoined_columns(left: NDArray[np.int8], right: NDArray[np.int8]) -> NDArray[np.int8]:
    """`disjunction` of two int8 (n,)."""
    return np.where((left == 1) | (right == 1), np.int8(1), np.minimum(left, right))


def truth_columns(holds: NDArray[np.bool_], known: NDArray[np.bool_]) -> NDArray[np.int8]:
    """int8 (n,): whether it holds where that is known, -1 elsewhere."""
    return np.where(known, holds, np.int8(Truth.UNKNOWN)).astype(np.int8)
