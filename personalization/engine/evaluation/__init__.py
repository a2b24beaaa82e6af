"""How good a recommender is: splits, full ranking, one metric per file, intervals and a paired test."""

from personalization.engine.evaluation.bootstrap import (
    Interval,
    PairedTest,
    intervals,
    paired_tests,
    resampled_means,
)
from personalization.engine.evaluation.full_order import visitor_auc
from personalization.engine.evaluation.loop import (
    Evaluation,
    check_ks,
    evaluate_fitted,
    exposure,
    find_hits,
    find_targets,
    measure,
    rank,
    visitor_values,
)
from personalization.engine.evaluation.mae import mae
from personalization.engine.evaluation.profile import TrainingProfile
from personalization.engine.evaluation.rating_test import RatingTest
from personalization.engine.evaluation.rmse import rmse
from personalization.engine.evaluation.sampled import NEGATIVES, rank_sampled
from personalization.engine.evaluation.split import (
    HeldOut,
    Split,
    Task,
    held_out,
    leave_last_out,
    temporal_split,
)

__all__ = [
    "NEGATIVES",
    "Evaluation",
    "HeldOut",
    "Interval",
    "PairedTest",
    "RatingTest",
    "Split",
    "Task",
    "TrainingProfile",
    "check_ks",
    "evaluate_fitted",
    "exposure",
    "find_hits",
    "find_targets",
    "held_out",
    "intervals",
    "leave_last_out",
    "mae",
    "measure",
    "paired_tests",
    "rank",
    "rank_sampled",
    "resampled_means",
    "rmse",
    "temporal_split",
    "visitor_auc",
    "visitor_values",
]
