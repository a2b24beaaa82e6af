"""How many epochs are good is known: the model says the right item after so many, and never again."""

from __future__ import annotations

import numpy as np

from personalization.contrib.neural.stopping import train
from personalization.testing import make_interactions

DAY = 86_400_000_000
VISITORS = 30


def taken(*, known: bool = True, times: bool = True):
    """Everybody took item 0 at the beginning, and item 2 at the end; one of them, when it is to be known, item 2 too."""
    pairs = [(visitor, item) for visitor in range(VISITORS) for item in (0, 2)] + [
        (0, 1),
        (0, 2 if known else 1),
    ]
    days = [day for _ in range(VISITORS) for day in (0, 99)] + [1, 2]
    moments = [day * DAY for day in days] if times else None
    return make_interactions(pairs, n_visitors=VISITORS, n_items=3, times=moments)


class Model:
    """Item 2 is its first choice in good epochs only."""

    def __init__(self, told, good):
        self.told, self.good, self.epochs = told, good, 0

    def train_epoch(self):
        self.epochs += 1

    def score(self, rows):
        scores = np.full((len(rows), 3), 0.5, np.float32)
        scores[:, 2] = 1.0 if self.epochs in self.good else 0.1
        return scores


def trained(told, *, patience, good=(3,)):
    started = []

    def start(part):
        started.append(Model(part, good))
        return started[-1]

    model = train(start, told, epochs=9, patience=patience)
    assert model is started[-1]
    assert model.told is told
    return model.epochs, started


def test_it_stops_where_the_window_says_and_learns_again_from_everything():
    epochs, (tried, _) = trained(taken(), patience=2)
    assert (epochs, tried.epochs) == (3, 5)
    assert tried.told.items.tolist().count(2) == 1


def test_the_last_epoch_may_be_the_best():
    epochs, (tried, _) = trained(taken(), patience=9, good=(9,))
    assert (epochs, tried.epochs) == (9, 9)


def test_without_patience_all_epochs_are_run():
    epochs, started = trained(taken(), patience=None)
    assert (epochs, len(started)) == (9, 1)


def test_without_times_all_epochs_are_run():
    epochs, started = trained(taken(times=False), patience=2)
    assert (epochs, len(started)) == (9, 1)


def test_where_nothing_can_be_judged_all_epochs_are_run():
    epochs, started = trained(taken(known=False), patience=2)
    assert (epochs, len(started)) == (9, 1)
