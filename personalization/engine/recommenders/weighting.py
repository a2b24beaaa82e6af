"""How much a pair says, before items are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

#: How fast a repeated pair saturates, and how much long columns are held back: the usual values.
_K1: Final = 1.2
_B: Final = 0.75


def damp(pairs: csr_array[np.float64], exponent: float) -> csr_array[np.float64]:
    """``x_ut / n_u ** exponent``: who has many items (n_u of them) says less about each."""
    if exponent == 0:
        return pairs
    sizes = np.diff(pairs.indptr)
    held_back = np.repeat(sizes.astype(np.float64) ** exponent, sizes)
    return _with_data(pairs, np.divide(pairs.data, held_back, out=held_back))


def tf_idf(pairs: csr_array[np.float64]) -> csr_array[np.float64]:
    """``sqrt(x_ut) · log((1 + n_items) / (1 + n_u))``: an item is a document, its visitors are the words.

    Salton and Buckley, Term-weighting approaches in automatic text retrieval, 1988.
    """
    return _with_data(pairs, np.sqrt(pairs.data) * _rarity(pairs))


def bm25(pairs: csr_array[np.float64]) -> csr_array[np.float64]:
    """``x (k1 + 1) / (x + k1 (1 - b + b · l_t / mean(l))) · log((1 + n_items) / (1 + n_u))``, k1 = 1.2, b = 0.75.

    l_t is the sum of the item's column. Compare with "dot": a cosine takes the length of the columns out again,
    and what is left is TF-IDF. Robertson et al., Okapi at TREC-3, 1994.
    """
    lengths = np.bincount(pairs.indices, pairs.data, minlength=pairs.shape[1])
    known = lengths[lengths > 0]
    mean = float(known.mean()) if len(known) else 1.0
    norms = _K1 * (1 - _B + _B * lengths / mean)
    return _with_data(pairs, pairs.data * (_K1 + 1) / (pairs.data + norms[pairs.indices]) * _rarity(pairs))


#: The names of the weightings.
WEIGHTINGS: Final[Mapping[str, Callable[[csr_array[np.float64]], csr_array[np.float64]]]] = {
    "none": lambda pairs: pairs,
    "tf-idf": tf_idf,
    "bm25": bm25,
}


def _rarity(pairs: csr_array[np.float64]) -> NDArray[np.float64]:
    sizes = np.diff(pairs.indptr)
    return np.repeat(np.log((1 + pairs.shape[1]) / (1 + sizes)), sizes)


def _with_data(pairs: csr_array[np.float64], data: NDArray[np.float64]) -> csr_array[np.float64]:
    return csr_array((data, pairs.indices, pairs.indptr), shape=pairs.shape)
