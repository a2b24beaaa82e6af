"""The network of `SelfAttention`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from personalization.contrib.neural.sequences import Sequences

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.contrib.neural.self_attention import SelfAttention
    from personalization.engine.interactions import Interactions

#: As SASRec and most transformers begin.
_SPREAD: Final = 0.02
#: Above 0 and small enough: a score of 0 would say "no candidate".
_LEAST: Final = np.finfo(np.float32).tiny


class AttentionModel:
    """What is trained, epoch by epoch, and asked for the next item."""

    def __init__(self, options: SelfAttention, interactions: Interactions) -> None:
        torch.manual_seed(options.seed)
        self.options = options
        self.rng = np.random.default_rng(options.seed)
        self.sequences = Sequences.of(interactions, decay_days=options.decay_days)
        self.known = np.zeros(interactions.n_items, dtype=np.bool_)
        self.known[interactions.items] = True
        self.network = _Network(options, interactions.n_items)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=options.lr, betas=(0.9, 0.98))

    def train_epoch(self) -> None:
        inputs, targets, weights = self.sequences.shuffled(self.rng).windows(self.options.maxlen)
        order = self.rng.permutation(len(inputs))
        self.network.train()
        for start in range(0, len(order), self.options.batch_size):
            rows = order[start : start + self.options.batch_size]
            batch = (torch.from_numpy(part[rows]) for part in (inputs, targets, weights))
            loss = self._loss(*batch)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()

    def score(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """P(next item) of visitors: float32 (m, n_items); -inf for items nobody has and visitors without any."""
        return self._next(self.sequences.newest(rows, self.options.maxlen))

    def after(self, start: int, stop: int) -> NDArray[np.float32]:
        """P(next item) after each of the items start … stop - 1 alone; 0 where it or the next one is unknown."""
        alone = np.zeros((stop - start, self.options.maxlen), dtype=np.int64)
        alone[:, -1] = np.where(self.known[start:stop], np.arange(start, stop) + 1, 0)
        return np.maximum(self._next(alone), 0.0)

    def item_vectors(self) -> NDArray[np.float32]:
        """float32 (n_items, hidden_units); rows of 0 for items nobody has."""
        vectors: NDArray[np.float32] = self.network.items.weight.detach().numpy()[1:].copy()
        vectors[~self.known] = 0.0
        return vectors

    def _loss(self, inputs: Any, targets: Any, weights: Any) -> Any:
        """Cross-entropy of the next item over all items, or over ``num_neg`` drawn ones."""
        taken = targets > 0
        states, wanted, weight = self.network(inputs)[taken], targets[taken], weights[taken]
        weight = weight / weight.sum().clamp_min(_LEAST)
        if self.options.num_neg is None:
            losses = functional.cross_entropy(self.network.logits(states), wanted - 1, reduction="none")
            return (losses * weight).sum()
        return (self._sampled(states, wanted) * weight).sum()

    def _sampled(self, states: Any, wanted: Any) -> Any:
        """With the draws' logits raised by log(items / draws), the sum over the draws estimates the one over all."""
        n_items, draws = len(self.known), self.options.num_neg or 1
        drawn = torch.from_numpy(self.rng.integers(1, n_items + 1, draws))
        vectors = self.network.items.weight
        right = (states * vectors[wanted]).sum(dim=1, keepdim=True)
        others = states @ vectors[drawn].T + float(np.log(n_items / draws))
        others = others.masked_fill(drawn[None, :] == wanted[:, None], -torch.inf)
        return torch.logsumexp(torch.cat((right, others), dim=1), dim=1) - right[:, 0]

    def _next(self, histories: NDArray[np.int64]) -> NDArray[np.float32]:
        self.network.eval()
        with torch.no_grad():
            states = self.network(torch.from_numpy(histories))[:, -1]
            logits = self.network.logits(states)
            logits[:, torch.from_numpy(~self.known)] = -torch.inf
            scores: NDArray[np.float32] = np.maximum(torch.softmax(logits, dim=1).numpy(), _LEAST)
        scores[:, ~self.known] = -np.inf
        scores[histories[:, -1] == 0] = -np.inf
        return scores


class _Network(nn.Module):
    """Item and place embeddings, blocks of causal self-attention and a feed-forward layer each."""

    def __init__(self, options: SelfAttention, n_items: int) -> None:
        super().__init__()
        width = options.hidden_units
        self.items = nn.Embedding(n_items + 1, width, padding_idx=0, dtype=torch.float32)
        self.places = nn.Embedding(options.maxlen, width, dtype=torch.float32)
        for table in (self.items, self.places):
            nn.init.normal_(table.weight, std=_SPREAD)
        self.dropout = nn.Dropout(options.dropout_rate)
        self.blocks = nn.ModuleList(_Block(options) for _ in range(options.num_blocks))
        self.norm = nn.LayerNorm(width)

    def forward(self, inputs: Any) -> Any:
        """int64 (m, length), 0 on the left → float32 (m, length, hidden_units)."""
        length = inputs.shape[1]
        earlier = torch.ones(length, length, dtype=torch.bool).tril()
        itself = torch.eye(
            length, dtype=torch.bool
        )  # an empty place may look at itself: a sum over nothing is NaN
        mask = (earlier & (inputs > 0)[:, None, :] | itself)[:, None]
        states = self.dropout(self.items(inputs) * self.items.embedding_dim**0.5 + self.places.weight)
        for block in self.blocks:
            states = block(states, mask)
        return self.norm(states)

    def logits(self, states: Any) -> Any:
        """float32 (m, n_items)."""
        return states @ self.items.weight[1:].T


class _Block(nn.Module):
    def __init__(self, options: SelfAttention) -> None:
        super().__init__()
        width = options.hidden_units
        self.heads, self.rate = options.num_heads, options.dropout_rate
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.question, self.rest = nn.Linear(width, width), nn.Linear(width, 2 * width)
        self.output = nn.Linear(width, width)
        self.feed = nn.Sequential(
            nn.Linear(width, width), nn.ReLU(), nn.Dropout(self.rate), nn.Linear(width, width)
        )
        self.dropout = nn.Dropout(self.rate)

    def forward(self, states: Any, mask: Any) -> Any:
        normed = self.before(states)
        keys, values = self.rest(normed).chunk(2, dim=-1)
        parts = [self._split(part) for part in (self.question(normed), keys, values)]
        rate = self.rate if self.training else 0.0
        mixed = functional.scaled_dot_product_attention(*parts, attn_mask=mask, dropout_p=rate)
        states = states + self.dropout(self.output(mixed.transpose(1, 2).flatten(2)))
        return states + self.dropout(self.feed(self.between(states)))

    def _split(self, states: Any) -> Any:
        """(m, length, width) → (m, heads, length, width / heads)."""
        return states.unflatten(-1, (self.heads, -1)).transpose(1, 2)
