"""What a step of the pipeline answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    #: Which events are left, bool (n,), and how many are not, under their names in the report.
    Left: TypeAlias = tuple[NDArray[np.bool_], Mapping[str, Any]]
