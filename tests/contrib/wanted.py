"""Tests of an extra run where it is installed, and fail where REQUIRE_EXTRAS names it: REQUIRE_EXTRAS="fast dask"."""

import os
from importlib.util import find_spec


def wanted(module: str, extra: str) -> bool:
    return find_spec(module) is not None or extra in os.environ.get("REQUIRE_EXTRAS", "").split()
