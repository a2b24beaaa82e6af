"""Whether the compiled kernels of the extra ``[fast]`` are at hand."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from types import ModuleType

    import numpy as np
    from scipy.sparse import csr_array

#: Products from which on it pays to load, or once to compile, the compiled kernel: some seconds without it.
WORTH: Final = 50_000_000
#: The same for a sweep of least squares: entries times factors times steps. Without it about a tenth of a second.
WORTH_SWEEP: Final = 20_000_000


@cache
def compiled() -> ModuleType | None:
    """`personalization.contrib.fast`; None without numba."""
    return import_module("personalization.contrib.fast") if find_spec("numba") else None


@cache
def _least_squares() -> ModuleType | None:
    """`personalization.contrib.fast_als`; None without numba."""
    return import_module("personalization.contrib.fast_als") if find_spec("numba") else None


def compiled_als(products: int) -> Any | None:
    """The compiled sweep where it is at hand and worth it."""
    return _least_squares() if products >= WORTH_SWEEP else None


def compiled_for(targets: csr_array[np.float64], sources: csr_array[np.float64]) -> Any | None:
    """The compiled kernel where it is at hand, worth it, and able: it takes a sum of 0 for one that is not begun."""
    sizes = _sizes(sources)
    if int(sizes @ sizes) < WORTH or targets.data.min() * sources.data.min() <= 0:
        return None
    return compiled()


def _sizes(matrix: csr_array[np.float64]) -> np.ndarray[Any, np.dtype[np.int64]]:
    sizes: np.ndarray[Any, np.dtype[np.int64]] = (matrix.indptr[1:] - matrix.indptr[:-1]).astype("int64")
    return sizes
