from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def reciprocal_rank(hits: NDArray[np.bool_], relevant: NDArray[np.int64]) -> NDArray[np.float64]:
    """One over the place of the first hit, 0 without one; its mean over visitors is MRR.

    hits bool (m, k); relevant int64 (m,), not used → float64 (m,) in 0 … 1.
    Voorhees, The TREC-8 question answering track report, 1999.
    """
    return np.asarray(hits.any(axis=1) / (hits.argmax(axis=1) + 1.0))
