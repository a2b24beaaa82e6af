"""A small search over OPTIONS, on a validation window cut from training. The test is never looked at."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Final

from personalization.engine.evaluation import evaluate_fitted, temporal_split
from personalization.exceptions import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from personalization.engine.evaluation import Split, Task
    from personalization.engine.interactions import Interactions
    from personalization.engine.recommenders.base import Recommender

    #: Option → the values to try.
    Grid = Mapping[str, Sequence[Any]]

#: The last part of the training time that is tried on.
WINDOW: Final = 0.2
#: More than that is no small search.
MOST_TRIALS: Final = 200


@dataclass(frozen=True, slots=True)
class Attempt:
    """``options`` over the declared ones, {} for those alone, and the NDCG they reached on the validation window."""

    options: Mapping[str, Any]
    ndcg: float


@dataclass(frozen=True, slots=True)
class Tuning:
    """What was tried for one alias, in order, and what won: the first with the highest figure."""

    attempts: tuple[Attempt, ...]
    won: Mapping[str, Any]
    recommender: Recommender


def read_grids(texts: Sequence[str]) -> dict[str, dict[str, list[Any]]]:
    """``"auto.neighbors=20,50"`` … → alias → option → values. A value is read as JSON, else as text.

    Raises InvalidInputError naming ``tune``.
    """
    grids: dict[str, dict[str, list[Any]]] = {}
    for text in texts:
        name, _, values = text.partition("=")
        alias, _, option = name.rpartition(".")
        if not (alias and option and values):
            raise InvalidInputError("tune", f"expected ALIAS.OPTION=VALUE,VALUE…, got {text!r}")
        grids.setdefault(alias, {})[option] = [_value(value) for value in values.split(",")]
    if sum(prod(map(len, grid.values())) for grid in grids.values()) > MOST_TRIALS:
        raise InvalidInputError("tune", f"at most {MOST_TRIALS} combinations are tried")
    return grids


def tuned_name(alias: str) -> str:
    """What the winner of an alias is called."""
    return f"{alias}-tuned"


def check_grids(
    grids: Mapping[str, Grid], recommenders: Mapping[str, Recommender]
) -> dict[str, list[tuple[Mapping[str, Any], Recommender]]]:
    """Alias → every combination of its grid with its recommender; the declared options first.

    Raises InvalidInputError naming ``tune`` for an alias that is not compared, an option that does not exist and a
    value that is refused, and for an alias that is the winner's name.
    """
    for alias in grids:
        if alias not in recommenders:
            raise InvalidInputError("tune", f"{alias!r} is not among the recommenders that are compared")
        if tuned_name(alias) in recommenders:
            raise InvalidInputError(
                "tune", f"{tuned_name(alias)!r} is the name of what wins; compare it alone"
            )
    return {
        alias: [
            ({}, recommenders[alias]),
            *(
                (options, _with_options(alias, recommenders[alias], options))
                for options in _combinations(grid)
            ),
        ]
        for alias, grid in grids.items()
    }


def validation_split(train: Interactions) -> Split:
    """The last fifth of the training time as the test.

    Raises InvalidInputError naming ``tune`` when the times are unknown.
    """
    if train.times is None:
        raise InvalidInputError("tune", "a validation window needs --time-column")
    first, last = int(train.times.min()), int(train.times.max())
    return temporal_split(train, at=last - int((last - first) * WINDOW))


def tune(
    combinations: Sequence[tuple[Mapping[str, Any], Recommender]], split: Split, *, task: Task, k: int
) -> Tuning:
    """Try every combination on the validation split, compare by NDCG@k.

    Raises InvalidInputError naming ``tune`` when nobody in the window can be answered.
    """
    attempts = []
    for options, recommender in combinations:
        fitted = recommender.fit(split.train)
        metrics = evaluate_fitted(fitted, split, task=task, ks=(k,), full_order=False).metrics
        if not metrics:
            raise InvalidInputError("tune", "the validation window has no visitor to answer", code="empty")
        attempts.append(Attempt(options, round(metrics[f"ndcg@{k}"], 6)))
    best = max(range(len(attempts)), key=lambda n: (attempts[n].ndcg, -n))
    return Tuning(tuple(attempts), attempts[best].options, combinations[best][1])


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _combinations(grid: Grid) -> Iterator[dict[str, Any]]:
    for values in product(*grid.values()):
        yield dict(zip(grid, values, strict=True))


def _with_options(alias: str, recommender: Recommender, options: Mapping[str, Any]) -> Recommender:
    try:
        return replace(recommender, **options)  # type: ignore[type-var]  # frozen dataclasses, as the base says
    except (TypeError, ValueError) as error:
        raise InvalidInputError("tune", f"{alias!r} cannot be made: {error}") from error
