"""What a catalog says of its items, as rows that can stand under those of visitors: one row for each word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from personalization.engine.content.tokens import words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.catalog import Catalog


def content_rows(catalog: Catalog, kept: NDArray[np.bool_]) -> csr_array[np.float64]:
    """TF-IDF of the words of titles, tags, categories and brands; the row of each item has length 1, or 0 without words.

    ``f_wi = log(n / n_w) / |f_i|`` for the distinct words w of item i, n_w of the n items have w. A word
    of one item alone, or of all, compares nothing and is left out. Words are read as in `content.tokens.words`.

    Parameters
    ----------
    kept : bool (n_items,)  the columns of the other items stay empty, and their words do not count

    Returns
    -------
    float64 CSR (n_words, n_items), words in alphabetical order: the same catalog gives the same rows.

    Salton and Buckley, Term-weighting approaches in automatic text retrieval, 1988.
    """
    n_items = len(catalog)
    said = [sorted(_said(catalog, item)) if kept[item] else [] for item in range(n_items)]
    sizes = np.array([len(words) for words in said], dtype=np.int64)
    known = sorted({word for words in said for word in words})
    numbers = {word: number for number, word in enumerate(known)}
    rows = np.array([numbers[word] for words in said for word in words], dtype=np.int64)
    return _weighed(
        rows, np.repeat(np.arange(n_items), sizes), n_words=len(known), n_items=n_items, n=int(kept.sum())
    )


def _said(catalog: Catalog, item: int) -> set[str]:
    """The distinct words of one item; what is a label as a whole can be no word of a title."""
    found = set(words(catalog.titles[item]))
    if catalog.tags:
        found.update(f"tag {tag}" for tag in catalog.tags[item])
    for name, labels in (("category", catalog.categories), ("brand", catalog.brands)):
        if labels and labels[item]:
            found.add(f"{name} {labels[item]}")
    return found


def _weighed(
    rows: NDArray[np.int64], columns: NDArray[np.int64], *, n_words: int, n_items: int, n: int
) -> csr_array[np.float64]:
    counts = np.bincount(rows, minlength=n_words)
    kept = (counts[rows] > 1) & (counts[rows] < n)
    rows, columns = rows[kept], columns[kept]
    values = np.log(n / counts[rows])
    lengths = np.sqrt(np.bincount(columns, values**2, minlength=n_items))
    used, row = np.unique(rows, return_inverse=True)
    values = values / lengths[columns]
    return csr_array((values, (row, columns)), shape=(len(used), n_items))
