"""Auto: at each rebuild the shop's own latest days decide which recommender it gets."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from personalization.engine.errors import InvalidInputError
from personalization.engine.evaluation import Task
from personalization.engine.ladder.champions import crowned
from personalization.engine.ladder.trial import Trial, learn, name_of
from personalization.engine.ladder.window import latest_window
from personalization.engine.recommenders.base import Recommender
from personalization.engine.recommenders.ease import EASE
from personalization.engine.recommenders.graph_filter import GraphFilter
from personalization.engine.recommenders.hyperparameters import check_real, check_whole
from personalization.engine.recommenders.popularity import Popularity
from personalization.engine.recommenders.recency_blend import RecencyBlend
from personalization.engine.recommenders.rp3beta import RP3beta
from personalization.engine.recommenders.shop_blend import ShopBlend

if TYPE_CHECKING:
    from personalization.engine.interactions import Interactions
    from personalization.engine.recommenders.fitted import FittedTables

#: From the floor up. A dotted path is made with its defaults, and left out where what it needs is not installed.
STEPS: Final[tuple[Recommender | str, ...]] = (
    Popularity(decay_days=14.0),
    RecencyBlend(),
    RP3beta(alpha=0.6, beta=0.35, neighbors=200, pooled=True),
    RP3beta(alpha=0.3, beta=0.1, neighbors=200, pooled=True),
    EASE(regularization=500.0, neighbors=200),
    GraphFilter(factors=256, strength=0.2, visitor_power=0.4, item_power=0.4, neighbors=200, pooled=True),
    GraphFilter(factors=256, strength=0.5, visitor_power=0.3, item_power=0.4, neighbors=200, pooled=True),
    ShopBlend(),
    "personalization.contrib.rank.TwoStage",
)
#: Which of them is published where there is too little to compare on.
UNTRIED: Final = 1

_BUDGET: Final = "memory_budget_mb"


@dataclass(frozen=True, slots=True)
class Auto(Recommender):
    """Learns every step without the newest days, compares them there, and learns the best again from everything.

    The two best item tables are tried as one (`Mixture`), too, which has to be 2 % better than anything else. There are
    two goals, with a champion each: what is new for the visitor, and what may come again
    (`FittedRecommender.recommend` with and without ``exclude_seen``). What is not better than everything below it,
    measured by NDCG@20 over all items, is not published. What was tried, how good it was and what was left out stands
    in the ``report`` of what was learned. Where there is too little to compare on, the second step is published.

    Parameters
    ----------
    steps            : recommenders, or dotted paths of recommenders, from the floor up; at least 2
    list_length      : items that are kept for each visitor, ≥ 1
    memory_budget_mb : of every step that takes one

    Raises
    ------
    InvalidInputError naming the parameter.
    """

    steps: tuple[Recommender | str, ...] = STEPS
    list_length: int = 100
    memory_budget_mb: float = 512

    def __post_init__(self) -> None:
        if len(self.steps) <= UNTRIED:
            raise InvalidInputError("steps", f"expected at least {UNTRIED + 1} recommenders")
        check_whole("list_length", self.list_length, minimum=1)
        check_real("memory_budget_mb", self.memory_budget_mb)

    def fit(self, interactions: Interactions) -> FittedTables:
        left_out: dict[str, str] = {}
        steps = self._steps(left_out)
        window = latest_window(interactions)
        if window is None:
            fitted = learn(steps[min(UNTRIED, len(steps) - 1)], interactions)
            report = {"skipped": "too few visitors took up something lately", "left_out": left_out}
            return crowned(fitted, fitted, list_length=self.list_length, report=report)
        trial = Trial(window)
        for step in steps:
            if step.needs_times and interactions.times is None:
                left_out[name_of(step)] = "the times of these interactions are unknown"
            else:
                trial.add(step)
        trial.add_mixture()
        trial.left_out.update(left_out)
        if not trial.climbers:
            raise InvalidInputError("steps", f"none of them can be learned here: {trial.left_out}")
        return self._crown(trial, interactions)

    def table_bytes(self, n_items: int) -> int:
        """Upper bound of what the packed tables of that many items take in the database."""
        sizes = (getattr(step, "table_bytes", None) for step in self._steps({}))
        return sum(sorted(int(size(n_items)) if callable(size) else 0 for size in sizes)[-2:])

    def _steps(self, left_out: dict[str, str]) -> list[Recommender]:
        made = []
        for step in self.steps:
            try:
                recommender = _make(step) if isinstance(step, str) else step
            except (ImportError, InvalidInputError) as error:
                left_out[str(step).rpartition(".")[2]] = str(error)
            else:
                made.append(_within(recommender, self.memory_budget_mb))
        if not made:
            raise InvalidInputError("steps", f"none of them can be made: {left_out}")
        return made

    def _crown(self, trial: Trial, interactions: Interactions) -> FittedTables:
        champions = {goal: trial.champion(goal) for goal in trial.window.targets}
        new = champions[Task.NEW if Task.NEW in champions else Task.ALL]
        every = champions.get(Task.ALL, new)
        fitted = learn(new.recommender, interactions)
        again = fitted if every is new else learn(every.recommender, interactions)
        return crowned(fitted, again, list_length=self.list_length, report=_report(trial))


def _make(path: str) -> Recommender:
    module, _, name = path.rpartition(".")
    made: Recommender = getattr(import_module(module), name)()
    return made


def _within(recommender: Recommender, budget: float) -> Recommender:
    made: Any = recommender
    names = {field.name for field in fields(made)} if is_dataclass(made) else set()
    return replace(made, **{_BUDGET: budget}) if _BUDGET in names else recommender


def _report(trial: Trial) -> dict[str, Any]:
    """What every build says of itself, of the first goal that could be tried, and how each step did."""
    goal, targets = next(iter(trial.window.targets.items()))
    best, floor = trial.champion(goal), trial.climbers[0]
    told = ("recall@10", "ndcg@10")
    return {
        **{name: best.figures[goal][name] for name in told},
        "popularity": {name: floor.figures[goal][name] for name in told},
        "visitors": len(targets.visitors),
        "champions": {goal.value: trial.champion(goal).name for goal in trial.window.targets},
        "steps": {
            climber.name: {goal.value: dict(figures) for goal, figures in climber.figures.items()}
            for climber in trial.climbers
        },
        "left_out": trial.left_out,
    }
