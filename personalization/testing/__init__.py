"""Contract suites for people who extend: subclass one in your own tests, and what must hold is tested."""

from personalization.testing.adapters import AdapterContract
from personalization.testing.recommenders import (
    RecommenderContract,
    assert_same_tables,
    assert_survives_packing,
    checkerboard,
    make_interactions,
    missing_item,
)

__all__ = [
    "AdapterContract",
    "RecommenderContract",
    "assert_same_tables",
    "assert_survives_packing",
    "checkerboard",
    "make_interactions",
    "missing_item",
]
