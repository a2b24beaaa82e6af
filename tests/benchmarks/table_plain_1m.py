"""The table of `table_1m` without the extra ``[fast]``: numpy and scipy alone."""

from __future__ import annotations

from unittest.mock import patch

from personalization.engine.kernels import compiled
from tests.benchmarks import Measurement, _item_table


def measure() -> Measurement:
    with patch.object(compiled, "compiled", lambda: None):
        return _item_table.measure(30_000, 40_000, 1_000_000)
