"""``python -m tests.tuning.shop_blend --train FILE --items FILE --cut 2011-05-01:2011-07-01 …``

Chooses the defaults of `ShopBlend`, for both goals apart, by the mean of `GOALS` over windows cut from one file: from the
declared defaults on, one option after the other takes the value with the highest mean, if it gains at least `LEAST_GAIN`;
again until nothing moves. Prints one line for each value that was tried, then what won.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from statistics import fmean
from typing import TYPE_CHECKING, Any, Final

from personalization.engine.evaluation import Split, Task, evaluate_fitted
from personalization.engine.recommenders.ease import EASE
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.shop_blend import ShopBlend
from personalization.measurement.items_file import ItemsFile
from personalization.measurement.split_files import Columns, SplitKind, read_any_split

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Less is within what the draw of some 1,500 visitors moves, and no reason to leave a default.
LEAST_GAIN: Final = 0.002

#: What is tried for each goal. The table is chosen for new items alone.
GRIDS: Final[Mapping[Task, Mapping[str, Sequence[Any]]]] = {
    Task.NEW: {
        "decay_days": (60.0, 90.0, 120.0),
        "content_weight": (0.0, 4.0, 6.0),
        "regularization": (200.0, 300.0),
        "neighbors": (50, 100),
        "popularity_share": (0.2, 0.3, 0.4),
        "popularity_days": (7.0, 14.0),
        "freshness_share": (0.0, 0.15, 0.3, 0.45),
        "freshness_days": (30.0, 60.0),
        "trend_share": (0.0, 0.15, 0.3, 0.45),
    },
    Task.ALL: {
        "month_share": (0.0, 0.15, 0.3, 0.5),
        "week_share": (0.2, 0.4, 0.6),
        "table_share": (0.0, 0.15, 0.3, 0.45),
    },
}
#: The figures whose mean chooses: the order of the list, and how much is found.
GOALS: Final = {Task.NEW: ("ndcg@20", "recall@20"), Task.ALL: ("ndcg@10", "recall@20")}


@dataclass(frozen=True)
class Windows:
    """Some splits, and what was already learned and tried on them."""

    splits: Sequence[Split]
    tables: dict[tuple[EASE, int], FittedTables] = field(default_factory=dict)
    tried: dict[tuple[ShopBlend, Task], list[float]] = field(default_factory=dict)

    def figures(self, recommender: ShopBlend, task: Task) -> list[float]:
        """The figure of the task on each window."""
        if (recommender, task) not in self.tried:
            metrics = [
                evaluate_fitted(
                    self._fitted(recommender, number, task), split, task=task, ks=(10, 20)
                ).metrics
                for number, split in enumerate(self.splits)
            ]
            self.tried[recommender, task] = [fmean(each[goal] for goal in GOALS[task]) for each in metrics]
        return self.tried[recommender, task]

    def _fitted(self, recommender: ShopBlend, number: int, task: Task) -> FittedTables:
        """Only what the task needs is learned, and each item table once."""
        train, ease = self.splits[number].train, recommender.ease()
        if (ease, number) not in self.tables:
            self.tables[ease, number] = ease.fit(train)
        personal = self.tables[ease, number]
        if task is Task.ALL:
            rows, _ = recommender.again(personal, train)
            return FittedTables(replace(personal.learned, repeats=rows), personal.history)
        ranking, share = recommender.prior(train)
        return FittedTables(replace(personal.learned, ranking=ranking, prior_share=share), personal.history)


def main() -> None:
    options = _parser().parse_args()
    windows = Windows([_split(options, *_window(text)) for text in options.cut])
    won = ShopBlend()
    for task, grid in GRIDS.items():
        won = search(windows, won, task, grid)
    print(f"\n{won}")


def search(windows: Windows, start: ShopBlend, task: Task, grid: Mapping[str, Sequence[Any]]) -> ShopBlend:
    """The winner of one goal."""
    print(
        f"\n| {task}, mean of {' and '.join(GOALS[task])} | {' | '.join(str(n + 1) for n in range(len(windows.splits)))} | mean |"
    )
    print("|---" * (len(windows.splits) + 2) + "|")
    best, moved = start, True
    _show("start", windows.figures(best, task))
    while moved:
        moved = False
        for name, values in grid.items():
            tried = {value: replace(best, **{name: value}) for value in values}
            for value, recommender in tried.items():
                if recommender != best and (recommender, task) not in windows.tried:
                    _show(f"`{name}={value}`", windows.figures(recommender, task))
            found = max(tried.values(), key=lambda recommender: fmean(windows.figures(recommender, task)))
            gain = fmean(windows.figures(found, task)) - fmean(windows.figures(best, task))
            if gain >= LEAST_GAIN:
                best, moved = found, True
                _show(f"**`{name}={getattr(best, name)}`** taken", windows.figures(best, task))
    return best


def _show(name: str, figures: Sequence[float]) -> None:
    print(f"| {name} | {' | '.join(f'{each:.4f}' for each in [*figures, fmean(figures)])} |", flush=True)


def _window(text: str) -> tuple[int, int]:
    """``FROM:UNTIL`` as UTC microseconds."""
    start, _, stop = text.partition(":")
    first, last = (
        int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 1_000_000 for day in (start, stop)
    )
    return first, last


def _split(options: argparse.Namespace, cut: int, until: int) -> Split:
    columns = Columns(
        options.visitor_column,
        options.item_column,
        time=options.time_column,
        quantity=options.quantity_column,
        order=options.order_column,
    )
    items = ItemsFile(options.items, options.item_column) if options.items else None
    return read_any_split(
        SplitKind.TEMPORAL, options.train, None, columns=columns, cut=cut, as_of=until - 1, items=items
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.tuning.shop_blend", description=__doc__)
    parser.add_argument("--train", required=True, help="a file of purchases with times")
    parser.add_argument("--items", help="a file of what the shop says of its items")
    parser.add_argument("--cut", nargs="+", required=True, metavar="FROM:UNTIL", help="days, UTC")
    parser.add_argument("--visitor-column", default="customer_id")
    parser.add_argument("--item-column", default="sku")
    parser.add_argument("--time-column", default="ordered_at")
    parser.add_argument("--quantity-column", default="quantity")
    parser.add_argument("--order-column", default="order_id")
    return parser


if __name__ == "__main__":
    main()
