"""Content-based recommendation: what is said of items makes them alike, so that a new one has neighbors at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from scipy.sparse import csr_array, hstack

from personalization.engine.content.tf_idf import tf_idf
from personalization.engine.content.tokens import phrases, pieces, words
from personalization.engine.errors import InvalidInputError
from personalization.engine.kernels.item_kernel import top_products
from personalization.engine.kernels.item_tables import packed_bytes, transpose
from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.hyperparameters import check_days, check_real, check_whole
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.recommenders.prior import with_prior
from personalization.engine.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from personalization.engine.catalog import Catalog
    from personalization.engine.interactions import Interactions
    from personalization.engine.kernels.top_rows import Rescale
    from personalization.engine.tables import SparseRows

#: The parts that bring items together; price and picture only order what these have found.
_TEXTS: Final = ("words", "pieces", "tags", "category", "brand", "attributes")
_PARTS: Final = (*_TEXTS, "price", "picture")
#: Pairs of pictures that are compared at a time, so that a block of rows does not hold a descriptor for each pair.
_PICTURE_PAIRS: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class ContentBased(Recommender):
    """Compares items by what `Interactions.catalog` says of them; needs no event.

    ``sim(t, s) = Σ_p w_p sim_p(t, s) / √(W_t W_s)``, W_i the sum of the weights w_p of the parts that are known of item
    i. sim_p is the cosine of TF-IDF rows (`content.tf_idf`), for prices ``exp(-|log price_t - log price_s| / band)``, for
    pictures the cosine of their descriptors, not below 0. Each is a positive definite kernel, so sim is a cosine too.
    Items are compared that have a word, a piece of a word, a tag, a category, a brand or an attribute in common.
    ``score(u, t) = Σ_{s in history(u)} sim(t, s)``. Without a catalog only what is popular is learned.

    Parameters
    ----------
    words            : weight of the title's words and pairs of words, ≥ 0 as all weights
    pieces           : weight of the pieces of the title's words (see `content.tokens`)
    tags, category, brand, attributes, price, picture : weights of these
    price_band       : at which difference of log prices the likeness has fallen to 1/e; 0.5 is about ± 65 %
    widest           : what more than so many items have in common is not compared, ≥ 2
    neighbors        : sources that each target keeps, ≥ 1
    prior_share, prior_decay_days : as in `RecencyBlend`; with share 0 the ranking only answers visitors without history
    memory_budget_mb : rows, block and tables together

    Raises
    ------
    InvalidInputError naming the parameter; `fit` raises it for a memory budget that is too small.

    Lops, de Gemmis and Semeraro, Content-based recommender systems, Recommender Systems Handbook, 2011; Gower, A general
    coefficient of similarity and some of its properties, Biometrics 1971 (parts that are unknown of some).
    """

    #: Learned from every item of the shop, not only from those that something happened to.
    whole_catalog: ClassVar[bool] = True

    words: float = 1.0
    pieces: float = 0.5
    tags: float = 1.0
    category: float = 0.3
    brand: float = 0.5
    attributes: float = 0.5
    price: float = 0.5
    picture: float = 1.0
    price_band: float = 0.5
    widest: int = 2_000
    neighbors: int = 50
    prior_share: float = 0.0
    prior_decay_days: float | None = 14.0
    memory_budget_mb: float = 512

    def __post_init__(self) -> None:
        for part in _PARTS:
            check_real(part, getattr(self, part), inclusive=True)
        if not any(getattr(self, part) for part in _TEXTS):
            raise InvalidInputError("words", f"one of {', '.join(_TEXTS)} must be more than 0")
        check_real("price_band", self.price_band)
        check_whole("widest", self.widest, minimum=2)
        check_whole("neighbors", self.neighbors, minimum=1)
        check_real("prior_share", self.prior_share, inclusive=True)
        check_days("prior_decay_days", self.prior_decay_days)
        check_real("memory_budget_mb", self.memory_budget_mb)

    def fit(self, interactions: Interactions) -> FittedTables:
        catalog = interactions.catalog
        neighbors = None if catalog is None else self.compare(catalog)
        weights = None if neighbors is None else transpose(neighbors)
        personal = FittedTables(Tables(neighbors=neighbors, weights=weights), pair_matrix(interactions))
        return with_prior(personal, interactions, share=self.prior_share, decay_days=self.prior_decay_days)

    def compare(self, catalog: Catalog) -> SparseRows:
        """For every item, the ``neighbors`` most similar ones, largest first, ties by the lower row."""
        known = np.zeros(len(catalog))
        features = csr_array(hstack([*self._rows(catalog, known)], format="csr").T.tocsr())
        rescale = self._rescale(catalog, known)  # adds what is known of prices and pictures
        budget = int(self.memory_budget_mb * (1 << 20))
        return top_products(features, features, neighbors=self.neighbors, budget=budget, rescale=rescale)

    def table_bytes(self, n_items: int) -> int:
        """Upper bound of what the packed tables of that many items take in the database."""
        return packed_bytes(n_items, self.neighbors)

    def _rows(self, catalog: Catalog, known: NDArray[np.float64]) -> Iterator[csr_array[np.float64]]:
        """The TF-IDF rows of each part times √w; adds the weight of the part to what is known of an item."""
        for name, documents in _documents(catalog).items():
            weight = getattr(self, name)
            if weight > 0:
                told: list[bool] = []
                yield tf_idf(_noted(documents, told), widest=self.widest) * np.sqrt(weight)
                known += weight * np.array(told)
        yield csr_array((len(catalog), 0))

    def _rescale(self, catalog: Catalog, known: NDArray[np.float64]) -> Rescale:
        extra = [*self._prices(catalog, known), *self._pictures(catalog, known)]
        length = np.sqrt(np.where(known > 0, known, 1.0))

        def rescale(
            rows: NDArray[np.int64], columns: NDArray[np.int32], products: NDArray[np.float64]
        ) -> NDArray[np.float64]:
            total = products.copy()
            for add in extra:
                total += add(rows, columns, products)
            return np.asarray(total / (length[rows] * length[columns]))

        return rescale

    def _prices(self, catalog: Catalog, known: NDArray[np.float64]) -> Iterator[Rescale]:
        if catalog.prices is None or self.price == 0:
            return
        usable = np.where(catalog.prices > 0, catalog.prices, np.nan)
        logs, weight, band = np.log(usable), self.price, self.price_band
        known += weight * np.isfinite(logs)
        yield (
            lambda rows, columns, _: (
                weight * np.nan_to_num(np.exp(-np.abs(logs[rows] - logs[columns]) / band))
            )
        )

    def _pictures(self, catalog: Catalog, known: NDArray[np.float64]) -> Iterator[Rescale]:
        if catalog.pictures is None or self.picture == 0:
            return
        norms = np.linalg.norm(catalog.pictures.astype(np.float64), axis=1)
        unit = catalog.pictures / np.where(norms > 0, norms, 1.0)[:, None]
        known += self.picture * (norms > 0)

        def compare(
            rows: NDArray[np.int64], columns: NDArray[np.int32], products: NDArray[np.float64]
        ) -> NDArray[np.float64]:
            likeness = np.empty_like(products)
            for start in range(0, len(products), _PICTURE_PAIRS):
                part = slice(start, start + _PICTURE_PAIRS)
                likeness[part] = np.einsum("ij,ij->i", unit[rows[part]], unit[columns[part]])
            return self.picture * np.maximum(likeness, 0.0)

        yield compare


def _documents(catalog: Catalog) -> dict[str, Iterator[list[str]]]:
    """The tokens of each item by part, read when they are asked for; without the parts that are known of none."""
    read: dict[str, tuple[Sequence[Any], Callable[[Any], list[str]]]] = {
        "words": (catalog.titles, phrases),
        "pieces": (catalog.titles, pieces),
        "tags": (catalog.tags, lambda tags: [" ".join(words(tag)) or tag for tag in tags]),
        "category": (catalog.categories, lambda category: [category] if category else []),
        "brand": (catalog.brands, lambda brand: [brand.casefold()] if brand else []),
        "attributes": (
            catalog.attributes,
            lambda item: [f"{name}={value.casefold()}" for name, value in sorted(item.items()) if value],
        ),
    }
    return {name: map(tokens, said) for name, (said, tokens) in read.items() if said}


def _noted(documents: Iterator[list[str]], told: list[bool]) -> Iterator[list[str]]:
    """The same, while it is noted which of them say anything."""
    for tokens in documents:
        told.append(bool(tokens))
        yield tokens
