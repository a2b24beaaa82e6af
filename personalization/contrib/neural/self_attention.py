"""SASRec: the next item from the order of those before it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from personalization.contrib.extras import check_extra
from personalization.contrib.neural.budget import check_budget
from personalization.engine.errors import InvalidInputError
from personalization.engine.kernels.dense_table import keep_largest
from personalization.engine.kernels.factors import cosine_neighbors
from personalization.engine.kernels.item_tables import packed_bytes
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

#: A parameter with its gradient and two moments; states of one step in one block, and its logits, with gradients.
_PARAMETER, _STATES, _LOGITS = 16, 4 * 16, 4 * 3


@dataclass(frozen=True, slots=True)
class SelfAttention(Recommender):
    """Scores an item by the chance that it comes next, by self-attention over the visitor's items in their order.

    ``P(t | i_1 … i_n) = softmax_t(h_n · e_t)``, h_n the last state of causal self-attention over the embeddings e of the
    last ``maxlen`` items and of their places. Learned by cross-entropy, at every step of every sequence: over all items,
    where SASRec draws one negative and its binary loss is known to be overconfident.

    Published are a row of each visitor; as weights, for who comes after the build, P(t | s) after s alone, summed over
    the history; as neighbors the cosine of embeddings; what is popular for who has no history.

    Parameters
    ----------
    maxlen           : items that are looked back at, ≥ 1; longer histories are learned from in pieces
    hidden_units     : width of embeddings and states, a multiple of num_heads
    num_blocks, num_heads : of attention, ≥ 1
    dropout_rate     : 0 … 1, exclusive
    num_neg          : None: the loss is over all items; a number: over so many drawn for each batch, with correction
    lr, batch_size   : of Adam; a batch is so many sequences
    epochs           : at most
    patience         : epochs without gain on the last tenth of the time, after which training stops (module
                       `stopping`); None: all epochs
    decay_days       : as in `ItemKNN`: how much a step counts in the loss
    neighbors, list_length : items kept for each item and each visitor, ≥ 1
    seed, threads    : both decide what comes out, to the last bit on one kind of machine
    memory_budget_mb : network, optimizer, one batch and tables, the interactions themselves not counted

    Raises
    ------
    InvalidInputError naming the parameter; `fit` raises it for a memory budget that is too small, and naming
    ``recommender`` without torch.

    Kang and McAuley, Self-attentive sequential recommendation, ICDM 2018; Klenitskiy and Vasilev, Turning dross into
    gold loss: is BERT4Rec really better than SASRec?, RecSys 2023 (the loss over all items).
    """

    maxlen: int = 50
    hidden_units: int = 64
    num_blocks: int = 2
    num_heads: int = 1
    dropout_rate: float = 0.3
    num_neg: int | None = None
    lr: float = 0.003
    batch_size: int = 32
    epochs: int = 40
    patience: int | None = 3
    decay_days: float | None = None
    neighbors: int = 50
    list_length: int = 100
    seed: int = 0
    threads: int = 2
    memory_budget_mb: float = 512

    def __post_init__(self) -> None:
        for name in ("maxlen", "hidden_units", "num_blocks", "num_heads", "batch_size", "epochs"):
            check_whole(name, getattr(self, name), minimum=1)
        for name in ("neighbors", "list_length", "threads"):
            check_whole(name, getattr(self, name), minimum=1)
        for name in ("num_neg", "patience"):
            if getattr(self, name) is not None:
                check_whole(name, getattr(self, name), minimum=1)
        check_whole("seed", self.seed, minimum=0)
        check_real("lr", self.lr)
        check_real("dropout_rate", self.dropout_rate, inclusive=True)
        if self.dropout_rate >= 1:
            raise InvalidInputError("dropout_rate", f"expected less than 1, got {self.dropout_rate!r}")
        if self.hidden_units % self.num_heads:
            raise InvalidInputError("hidden_units", f"must be a multiple of num_heads = {self.num_heads}")
        check_days("decay_days", self.decay_days)
        check_real("memory_budget_mb", self.memory_budget_mb)

    def fit(self, interactions: Interactions) -> FittedTables:
        check_extra("torch", "neural")
        pairs = pair_matrix(interactions)
        ranking = rank_items(shares(pairs), pairs)
        if not len(interactions):
            return FittedTables(Tables(ranking=ranking), pairs)
        self._check_memory(interactions)
        parts = import_module("personalization.contrib.neural.attention")
        training = import_module("personalization.contrib.neural.stopping")
        with import_module("personalization.contrib.neural.seeding").repeatable(self.threads):
            model = training.train(
                lambda part: parts.AttentionModel(self, part),
                interactions,
                epochs=self.epochs,
                patience=self.patience,
            )
            return FittedTables(self._tables(model, pairs, ranking), pairs)

    def table_bytes(self, n_items: int) -> int:
        """Upper bound of what the packed item tables of that many items take in the database."""
        return packed_bytes(n_items, self.neighbors)

    def _tables(self, model: Any, pairs: csr_array[np.float64], ranking: Ranking) -> Tables:
        return Tables(
            neighbors=cosine_neighbors(model.item_vectors(), self.neighbors),
            weights=keep_largest(model.after, pairs.shape[1], self.neighbors),
            ranking=ranking,
            visitors=keep_best(model.score, pairs, self.list_length),
        )

    def _check_memory(self, interactions: Interactions) -> None:
        n_items, width = interactions.n_items, self.hidden_units
        steps = min(self.batch_size, interactions.n_visitors + len(interactions) // self.maxlen) * self.maxlen
        parameters = width * (n_items + self.maxlen) + 6 * self.num_blocks * width**2
        logits = steps * (n_items if self.num_neg is None else self.num_neg)
        states = steps * self.num_blocks * (width + self.num_heads * self.maxlen)
        tables = 16 * self.neighbors * n_items + 16 * self.list_length * interactions.n_visitors
        check_budget(
            self.memory_budget_mb,
            _PARAMETER * parameters + _LOGITS * logits + _STATES * states + tables,
            advice="a smaller batch_size, or num_neg",
        )
