"""The table of a shop with 100,000 items and ten million pairs."""

from __future__ import annotations

from tests.benchmarks import Measurement, _item_table


def measure() -> Measurement:
    return _item_table.measure(500_000, 100_000, 10_000_000)
