"""Splitting an amount over lines so that the parts sum to it exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def allocate(
    total: int, weights: Sequence[int], *, caps: Sequence[int], order: Sequence[Any]
) -> tuple[int, ...]:
    """The parts of ``total`` in proportion to the weights, by the method of the largest remainder.

    part_i = ⌊total · w_i / Σw⌋, and one unit more for those with the largest remainders until the sum is right; ties
    go to the lower ``order`` key, so that where a line stands does not matter. No part is larger than its cap: what is
    cut off is split again over the others until nothing is. The sum is min(total, Σ caps of positive weights).

    Parameters
    ----------
    total   : whole units, ≥ 0
    weights : (n,) whole numbers ≥ 0; a part of weight 0 is 0
    caps    : (n,) whole units ≥ 0
    order   : (n,) keys that can be compared, all different

    Source: Balinski & Young, Fair Representation (1982), on Hamilton's method.
    """
    parts = [0] * len(weights)
    open_ = [i for i, weight in enumerate(weights) if weight > 0 and caps[i] > 0]
    left = min(total, sum(caps[i] for i in open_))
    while left and open_:
        shares = _largest_remainder(left, open_, weights, order)
        over = {i for i in open_ if parts[i] + shares[i] > caps[i]}
        for i in over:  # a full line keeps what it may, and the rest is split again without it
            left -= caps[i] - parts[i]
            parts[i] = caps[i]
        if not over:
            for i in open_:
                parts[i] += shares[i]
            break
        open_ = [i for i in open_ if i not in over]
    return tuple(parts)


def _largest_remainder(
    total: int, places: Sequence[int], weights: Sequence[int], order: Sequence[Any]
) -> dict[int, int]:
    whole = sum(weights[i] for i in places)
    parts = {i: total * weights[i] // whole for i in places}
    by_remainder = sorted(places, key=lambda i: (-(total * weights[i] % whole), order[i]))
    for i in by_remainder[: total - sum(parts.values())]:
        parts[i] += 1
    return parts
