"""The table of a shop with 40,000 items and a million pairs."""

from __future__ import annotations

from tests.benchmarks import Measurement, _item_table


def measure() -> Measurement:
    return _item_table.measure(30_000, 40_000, 1_000_000)
