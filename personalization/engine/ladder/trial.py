"""Recommenders that were learned without the newest days, and how good they were on those."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from personalization.engine.errors import InvalidInputError, PersonalizationError
from personalization.engine.evaluation import Task, rank, visitor_values
from personalization.engine.recommenders.fitted import FittedTables
from personalization.engine.recommenders.mixture import Mixture, is_mixable, mixed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from personalization.engine.interactions import Interactions
    from personalization.engine.ladder.window import Window
    from personalization.engine.recommenders.base import Recommender

#: By this they are compared.
DECIDES: Final = "ndcg@20"
#: How many times as good a mixture must be as the best before it. Being better by less on drawn items did not last: on
#: movie ratings without times one that won by 1.8 % was 3 % worse on everybody's newest item.
MIXTURE_GAIN: Final = 1.02
_TOLD: Final = (DECIDES, "ndcg@10", "recall@10", "recall@20")
_DEEP: Final = 20
_BUDGET: Final = "memory_budget_mb"


@dataclass(frozen=True, slots=True, eq=False)
class Climber:
    """One recommender in the trial. ``figures``: goal → metric → mean over the window's visitors."""

    name: str
    recommender: Recommender
    figures: Mapping[Task, Mapping[str, float]]


class Trial:
    """Climbers in the order in which they came, and why others could not be tried."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.climbers: list[Climber] = []
        self.left_out: dict[str, str] = {}
        self._mixable: list[tuple[Climber, FittedTables]] = []

    def add(self, recommender: Recommender) -> None:
        """Learn and try; what cannot be learned here, for want of memory for example, is left out."""
        name = name_of(recommender)
        try:
            fitted = learn(recommender.draft(self.window.visitors), self.window.split.train)
        except PersonalizationError as error:
            self.left_out[name] = str(error)
            return
        climber = self._judged(name, recommender, fitted)
        if is_mixable(fitted) and Task.NEW in climber.figures:
            self._keep(climber, fitted)

    def add_mixture(self) -> None:
        """Try the two best tables of different kinds as one; then they are forgotten."""
        best, self._mixable = self._mixable, []
        if len(best) == 2:
            (first, learned), (second, other) = best
            mixture = Mixture(first.recommender, second.recommender)
            name = name_of(mixture)
            climber = self._judged(name, mixture, mixed(learned, other, share=mixture.share, neighbors=False))
            if not self._worth(climber):
                self.climbers.remove(climber)
                figure = climber.figures[Task.NEW][DECIDES]
                self.left_out[name] = (
                    f"{figure:.4f}, less than {MIXTURE_GAIN - 1:.0%} better than the best of the others"
                )

    def _worth(self, mixture: Climber) -> bool:
        before = max(one.figures[Task.NEW][DECIDES] for one in self.climbers if one is not mixture)
        return mixture.figures[Task.NEW][DECIDES] > MIXTURE_GAIN * before

    def champion(self, goal: Task) -> Climber:
        """The best; of equals the one that came first."""
        return max(self.climbers, key=lambda climber: climber.figures[goal][DECIDES])

    def _judged(self, name: str, recommender: Recommender, fitted: FittedTables) -> Climber:
        figures = {goal: self._figures(fitted, goal) for goal in self.window.targets}
        self.climbers.append(Climber(name, recommender, figures))
        return self.climbers[-1]

    def _figures(self, fitted: FittedTables, goal: Task) -> dict[str, float]:
        targets = self.window.targets[goal]
        ranked = rank(fitted, targets, task=goal, count=_DEEP)
        values = visitor_values(ranked, targets, self.window.split, ks=(10, _DEEP))
        return {name: round(float(values[name].mean()), 4) for name in _TOLD}

    def _keep(self, climber: Climber, fitted: FittedTables) -> None:
        """The best of each kind, and of those the two best: nobody else's weights need stay in memory."""
        best: dict[type, tuple[Climber, FittedTables]] = {}
        weights = FittedTables(replace(fitted.learned, neighbors=None), fitted.history)
        for one in sorted([*self._mixable, (climber, weights)], key=_place):
            best.setdefault(type(one[0].recommender), one)
        self._mixable = list(best.values())[:2]


def learn(recommender: Recommender, interactions: Interactions) -> FittedTables:
    """Raise InvalidInputError naming ``steps`` when what was learned are not tables."""
    fitted = recommender.fit(interactions)
    if not isinstance(fitted, FittedTables):
        raise InvalidInputError("steps", f"{name_of(recommender)} does not give FittedTables")
    return fitted


def name_of(recommender: Recommender) -> str:
    """The class, and what differs from its defaults."""
    if isinstance(recommender, Mixture):
        return f"Mixture of {name_of(recommender.first)} and {name_of(recommender.second)}"
    made: Any = recommender
    changed = [
        f"{field.name}={getattr(made, field.name)!r}"
        for field in (fields(made) if is_dataclass(made) else ())
        if field.name != _BUDGET and getattr(made, field.name) != field.default
    ]
    return f"{type(recommender).__name__}({', '.join(changed)})"


def _place(one: tuple[Climber, FittedTables]) -> float:
    return -one[0].figures[Task.NEW][DECIDES]
