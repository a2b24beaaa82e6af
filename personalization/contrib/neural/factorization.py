"""The network of `NeuMF`."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from personalization.engine.recommenders.pairs import pair_matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.contrib.neural.neumf import NeuMF
    from personalization.engine.interactions import Interactions

#: As the paper begins.
_SPREAD: Final = 0.01
#: Numbers of the first layer that scoring holds at once: 32 MB, some copies.
_AT_ONCE: Final = 8 << 20
#: How often an item that the visitor has is drawn again before it is left out.
_DRAWS: Final = 10
#: Above 0 and small enough: a score of 0 would say "no candidate".
_LEAST: Final = np.finfo(np.float32).tiny


class FactorizationModel:
    """What is trained, epoch by epoch, and asked how likely a visitor takes an item."""

    def __init__(self, options: NeuMF, interactions: Interactions) -> None:
        torch.manual_seed(options.seed)
        self.options = options
        self.rng = np.random.default_rng(options.seed)
        pairs = pair_matrix(interactions, decay_days=options.decay_days)
        sizes = np.diff(pairs.indptr)
        self.visitors = np.repeat(np.arange(len(sizes)), sizes)
        self.items = pairs.indices.astype(np.int64)
        self.weights = pairs.data.astype(np.float32)
        self.keys = self.visitors * pairs.shape[1] + self.items
        self.offered = np.unique(self.items)
        self.n_items = pairs.shape[1]
        self.without = np.setdiff1d(np.arange(len(sizes)), self.visitors)
        self.network = _Network(options, *pairs.shape)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=options.lr, weight_decay=options.reg)

    def train_epoch(self) -> None:
        self.network.train()
        order = self.rng.permutation(len(self.items))
        for start in range(0, len(order), self.options.batch_size):
            examples = self._examples(order[start : start + self.options.batch_size])
            visitors, items, labels, weights = (torch.from_numpy(part) for part in examples)
            logits = self.network(visitors, items)
            loss = functional.binary_cross_entropy_with_logits(logits, labels, weight=weights)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()

    def score(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """P(takes it): float32 (m, n_items); -inf for items nobody has and visitors without any."""
        self.network.eval()
        scores = np.full((len(rows), self.n_items), -np.inf, dtype=np.float32)
        size = max(1, _AT_ONCE // (len(self.offered) * max(self.options.layers)))
        with torch.no_grad():
            for start in range(0, len(rows), size):
                part = torch.from_numpy(rows[start : start + size])
                logits = self.network.grid(part, torch.from_numpy(self.offered))
                scores[start : start + size, self.offered] = torch.sigmoid(logits).clamp_min(_LEAST).numpy()
        scores[np.isin(rows, self.without)] = -np.inf
        return scores

    def item_vectors(self) -> NDArray[np.float32]:
        """float32 (n_items, d): both embeddings side by side; rows of 0 for items nobody has."""
        tables = (self.network.item_factors, self.network.item_inputs)
        vectors = np.zeros((self.n_items, sum(table.embedding_dim for table in tables)), dtype=np.float32)
        every = np.hstack([table.weight.detach().numpy() for table in tables])
        vectors[self.offered] = every[self.offered]
        return vectors

    def _examples(self, chosen: NDArray[np.int64]) -> tuple[NDArray[np.generic], ...]:
        """(visitors, items, labels, weights) of pairs, then of drawn items that their visitors do not have."""
        of = np.repeat(chosen, self.options.num_neg)
        visitors, drawn = self.visitors[of], self._draw(len(of))
        for _ in range(_DRAWS):
            has = self._has(visitors, drawn)
            drawn[has] = self._draw(int(has.sum()))
        lacks = ~self._has(visitors, drawn)  # who has nearly everything may have been drawn in vain
        of, visitors, drawn = of[lacks], visitors[lacks], drawn[lacks]
        labels = np.repeat(np.array([1, 0], dtype=np.float32), [len(chosen), len(drawn)])
        return (
            np.concatenate((self.visitors[chosen], visitors)),
            np.concatenate((self.items[chosen], drawn)),
            labels,
            np.concatenate((self.weights[chosen], self.weights[of])),
        )

    def _draw(self, count: int) -> NDArray[np.int64]:
        return self.offered[self.rng.integers(len(self.offered), size=count)]

    def _has(self, visitors: NDArray[np.int64], items: NDArray[np.int64]) -> NDArray[np.bool_]:
        keys = visitors * self.n_items + items
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.asarray(self.keys[places] == keys)


class _Network(nn.Module):
    """Two pairs of embeddings, the perceptron's layers, and what joins the halves."""

    def __init__(self, options: NeuMF, n_visitors: int, n_items: int) -> None:
        super().__init__()
        half = options.layers[0] // 2
        self.visitor_factors = nn.Embedding(n_visitors, options.num_factors)
        self.item_factors = nn.Embedding(n_items, options.num_factors)
        self.visitor_inputs = nn.Embedding(n_visitors, half)
        self.item_inputs = nn.Embedding(n_items, half)
        for table in (self.visitor_factors, self.item_factors, self.visitor_inputs, self.item_inputs):
            nn.init.normal_(table.weight, std=_SPREAD)
        self.layers = nn.ModuleList(nn.Linear(*widths) for widths in pairwise(options.layers))
        self.joined = nn.Linear(options.num_factors + options.layers[-1], 1)

    def forward(self, visitors: Any, items: Any) -> Any:
        """Logits float32 (n,) of pairs."""
        product = self.visitor_factors(visitors) * self.item_factors(items)
        return self._join(
            product, torch.cat((self.visitor_inputs(visitors), self.item_inputs(items)), dim=-1)
        )

    def grid(self, visitors: Any, items: Any) -> Any:
        """Logits float32 (visitors, items) of all pairs of them."""
        product = self.visitor_factors(visitors)[:, None] * self.item_factors(items)
        sizes = (len(visitors), len(items), -1)
        left = self.visitor_inputs(visitors)[:, None].expand(*sizes)
        right = self.item_inputs(items)[None].expand(*sizes)
        return self._join(product, torch.cat((left, right), dim=-1))

    def _join(self, product: Any, states: Any) -> Any:
        for layer in self.layers:
            states = torch.relu(layer(states))
        return self.joined(torch.cat((product, states), dim=-1)).squeeze(-1)
