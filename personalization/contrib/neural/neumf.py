"""NeuMF: who likes what, by the product of factors and a perceptron together."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from personalization.contrib.extras import check_extra
from personalization.contrib.neural.budget import check_budget
from personalization.engine.errors import InvalidInputError
from personalization.engine.kernels.factors import cosine_neighbors
from personalization.engine.kernels.item_tables import packed_bytes, transpose
from personalization.engine.kernels.visitor_rows import keep_best
from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.hyperparameters import check_days, check_real, check_whole
from personalization.engine.recommenders.pairs import pair_matrix
from personalization.engine.recommenders.popularity import rank_items, shares
from personalization.engine.tables import Tables

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_array

    from personalization.engine.interactions import Interactions
    from personalization.engine.tables import Ranking

#: A parameter with its gradient and two moments; one number of a layer for one example, with its gradient; a pair.
_PARAMETER, _ACTIVATION, _PAIR = 16, 8, 64
#: What scoring a block of visitors takes (module `factorization`).
_SCORING: Final = 128 << 20


@dataclass(frozen=True, slots=True)
class NeuMF(Recommender):
    """Scores an item by the chance that the visitor takes it, from factors of both.

    ``P(u, i) = sigmoid(hᵀ [p_u ⊙ q_i ; MLP(p'_u, q'_i)])``: generalized matrix factorization and a perceptron, with embeddings
    of their own, learned by binary cross-entropy on pairs and ``num_neg`` items for each that the visitor does not have,
    drawn anew for each epoch. Both halves learn together from the start; the paper also tries to begin with each alone.

    Published are a row of each visitor; neighbors by the cosine of an item's embeddings, which are the weights, too, so
    that new events count before the next build; what is popular for who has no history.

    Parameters
    ----------
    num_factors      : of the product, ≥ 1
    layers           : widths of the perceptron; the first is that of both embeddings together, so it is even
    num_neg          : drawn items for each pair, ≥ 1
    reg              : L2 on all parameters (weight decay), ≥ 0
    lr, batch_size   : of Adam; a batch is so many pairs, each with its drawn items
    epochs, patience, decay_days, neighbors, list_length, seed, threads, memory_budget_mb : as in `SelfAttention`

    Raises
    ------
    InvalidInputError naming the parameter; `fit` raises it for a memory budget that is too small, and naming
    ``recommender`` without torch.

    He et al., Neural collaborative filtering, WWW 2017. Rendle et al., Neural collaborative filtering vs. matrix
    factorization revisited, RecSys 2020, says what to expect of it.
    """

    num_factors: int = 8
    layers: tuple[int, ...] = (64, 32, 16, 8)
    num_neg: int = 4
    reg: float = 0.0
    lr: float = 0.002
    batch_size: int = 1024
    epochs: int = 40
    patience: int | None = 4
    decay_days: float | None = None
    neighbors: int = 50
    list_length: int = 100
    seed: int = 0
    threads: int = 2
    memory_budget_mb: float = 512

    def __post_init__(self) -> None:
        self._check_layers()
        for name in ("num_factors", "num_neg", "batch_size", "epochs", "neighbors", "list_length", "threads"):
            check_whole(name, getattr(self, name), minimum=1)
        if self.patience is not None:
            check_whole("patience", self.patience, minimum=1)
        check_whole("seed", self.seed, minimum=0)
        check_real("reg", self.reg, inclusive=True)
        check_real("lr", self.lr)
        check_days("decay_days", self.decay_days)
        check_real("memory_budget_mb", self.memory_budget_mb)

    def fit(self, interactions: Interactions) -> FittedTables:
        check_extra("torch", "neural")
        pairs = pair_matrix(interactions)
        ranking = rank_items(shares(pairs), pairs)
        if not pairs.nnz:
            return FittedTables(Tables(ranking=ranking), pairs)
        self._check_memory(pairs)
        parts = import_module("personalization.contrib.neural.factorization")
        training = import_module("personalization.contrib.neural.stopping")
        with import_module("personalization.contrib.neural.seeding").repeatable(self.threads):
            model = training.train(
                lambda part: parts.FactorizationModel(self, part),
                interactions,
                epochs=self.epochs,
                patience=self.patience,
            )
            return FittedTables(self._tables(model, pairs, ranking), pairs)

    def table_bytes(self, n_items: int) -> int:
        """Upper bound of what the packed item tables of that many items take in the database."""
        return packed_bytes(n_items, self.neighbors)

    def _tables(self, model: Any, pairs: csr_array[np.float64], ranking: Ranking) -> Tables:
        neighbors = cosine_neighbors(model.item_vectors(), self.neighbors)
        visitors = keep_best(model.score, pairs, self.list_length)
        return Tables(neighbors=neighbors, weights=transpose(neighbors), ranking=ranking, visitors=visitors)

    def _check_layers(self) -> None:
        given: Any = self.layers  # settings files bring lists
        if not isinstance(given, list | tuple) or not given:
            raise InvalidInputError("layers", f"expected widths, the first of them even, got {given!r}")
        for width in given:
            check_whole("layers", width, minimum=1)
        if given[0] % 2:
            raise InvalidInputError("layers", f"half of the first is each embedding: {given[0]} is odd")
        object.__setattr__(self, "layers", tuple(given))

    def _check_memory(self, pairs: csr_array[np.float64]) -> None:
        rows = sum(pairs.shape)
        parameters = rows * (self.num_factors + self.layers[0] // 2)
        examples = self.batch_size * (1 + self.num_neg)
        activations = examples * (2 * sum(self.layers) + 4 * self.num_factors)
        tables = 16 * self.neighbors * pairs.shape[1] + 16 * self.list_length * pairs.shape[0]
        learned = _PAIR * pairs.nnz * (1 + self.num_neg)
        needed = _PARAMETER * parameters + _ACTIVATION * activations + learned + tables + _SCORING
        check_budget(self.memory_budget_mb, needed, advice="fewer factors or layers")
