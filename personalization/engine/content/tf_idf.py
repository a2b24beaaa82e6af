"""Items as rows of weighted tokens."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from collections.abc import Iterable


def tf_idf(documents: Iterable[Iterable[str]], *, widest: int) -> csr_array[np.float64]:
    """Rows of unit length over the tokens of documents.

    ``x_dw = (1 + log n_dw) · (1 + log((1 + N) / (1 + N_w)))``, divided by its row's Euclidean norm; n_dw how often the
    token stands in the document, N documents, N_w those that have it. After that the columns are left out that only one
    document has, or more than ``widest``: they compare nothing, or say too little for what comparing them costs.

    Parameters
    ----------
    documents : the tokens of each, read once
    widest    : ≥ 2

    Returns
    -------
    float64 CSR (N, kept tokens); a document without tokens has an empty row. Salton and Buckley,
    Term-weighting approaches in automatic text retrieval, 1988.
    """
    counted = _counts(documents)
    holders = np.bincount(counted.indices, minlength=counted.shape[1])
    rarity = 1 + np.log((1 + counted.shape[0]) / (1 + holders))
    counted.data = (1 + np.log(counted.data)) * rarity[counted.indices]
    kept = np.flatnonzero((holders > 1) & (holders <= widest))
    return csr_array(unit_rows(counted)[:, kept])


def unit_rows(matrix: csr_array[np.float64]) -> csr_array[np.float64]:
    """Each row divided by its Euclidean norm; rows of zeros stay."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    norms = np.sqrt(np.bincount(rows, matrix.data**2, minlength=matrix.shape[0]))
    norms[norms == 0] = 1.0
    return csr_array((matrix.data / norms[rows], matrix.indices, matrix.indptr), shape=matrix.shape)


def _counts(documents: Iterable[Iterable[str]]) -> csr_array[np.float64]:
    """How often each token stands in each document, the columns in the order in which tokens are met first."""
    columns: dict[str, int] = {}
    indices, indptr = array("i"), array("i", [0])
    for tokens in documents:
        indices.extend(columns.setdefault(token, len(columns)) for token in tokens)
        indptr.append(len(indices))
    shape = (len(indptr) - 1, len(columns))
    parts = (np.ones(len(indices)), np.array(indices, np.int32), np.array(indptr, np.int32))
    counted = csr_array(parts, shape=shape)
    counted.sum_duplicates()
    return counted
