from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from personalization.engine.promotions import allocate

splits = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 500)), min_size=1, max_size=10)


def split(total: int, pairs: list[tuple[int, int]], order: Any = None) -> tuple[int, ...]:
    weights, caps = [one for one, _ in pairs], [cap for _, cap in pairs]
    return allocate(total, weights, caps=caps, order=order or range(len(pairs)))


def test_known_splits() -> None:
    assert allocate(10, [1, 1, 1], caps=[10, 10, 10], order=[0, 1, 2]) == (4, 3, 3)
    assert allocate(10, [1, 1, 1], caps=[10, 10, 10], order=[2, 1, 0]) == (3, 3, 4)
    assert allocate(100, [50, 30, 20], caps=[100] * 3, order="abc") == (50, 30, 20)
    assert allocate(5, [7, 2], caps=[9, 9], order="ab") == (4, 1)


def test_what_a_cap_cuts_off_goes_to_the_others() -> None:
    assert allocate(90, [1, 1, 1], caps=[10, 100, 100], order="abc") == (10, 40, 40)
    assert allocate(90, [1, 1, 1], caps=[10, 35, 100], order="abc") == (10, 35, 45)
    assert allocate(90, [1, 1], caps=[10, 20], order="ab") == (10, 20)


def test_weights_of_nothing_get_nothing() -> None:
    assert allocate(5, [0, 1], caps=[9, 9], order="ab") == (0, 5)
    assert allocate(5, [0, 0], caps=[9, 9], order="ab") == (0, 0)
    assert allocate(5, [], caps=[], order=[]) == ()


@given(st.integers(0, 3000), splits)
def test_parts_sum_to_the_total_and_keep_their_caps(total: int, pairs: list[tuple[int, int]]) -> None:
    parts = split(total, pairs)
    assert sum(parts) == min(total, sum(cap for weight, cap in pairs if weight))
    assert all(0 <= part <= cap for part, (_, cap) in zip(parts, pairs, strict=True))
    assert all(part == 0 for part, (weight, _) in zip(parts, pairs, strict=True) if not weight)


@given(st.integers(0, 3000), splits, st.randoms())
def test_where_a_line_stands_does_not_matter(total: int, pairs: list[tuple[int, int]], dice: Any) -> None:
    places = list(range(len(pairs)))
    dice.shuffle(places)
    moved = split(total, [pairs[place] for place in places], order=places)
    parts = split(total, pairs)
    assert [parts[place] for place in places] == list(moved)


@given(st.integers(1, 3000), st.lists(st.integers(1, 1000), min_size=1, max_size=10))
def test_no_part_is_a_unit_away_from_its_proportion(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights, caps=[total] * len(weights), order=range(len(weights)))
    exact = [total * weight / sum(weights) for weight in weights]
    assert all(abs(part - share) < 1 + 1e-9 for part, share in zip(parts, exact, strict=True))
