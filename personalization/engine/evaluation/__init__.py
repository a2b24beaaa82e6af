"""How good a recommender is: temporal splits, full ranking, one metric per file."""

from personalization.engine.evaluation.loop import (
    Evaluation,
    check_ks,
    evaluate_fitted,
    find_targets,
    measure,
    rank,
)
from personalization.engine.evaluation.split import HeldOut, Split, Task, held_out, temporal_split

__all__ = [
    "Evaluation",
    "HeldOut",
    "Split",
    "Task",
    "check_ks",
    "evaluate_fitted",
    "find_targets",
    "held_out",
    "measure",
    "rank",
    "temporal_split",
]
