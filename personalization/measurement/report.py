"""The comparison as one page for people: plain words, plots with intervals, tables. It needs no other file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.template.loader import render_to_string

from personalization.engine.recommenders.popularity import Popularity
from personalization.measurement.offline import Protocol
from personalization.measurement.report_words import best_sellers, metric_words
from personalization.measurement.split_files import SplitKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from personalization.engine.evaluation import Interval
    from personalization.engine.recommenders.base import Recommender
    from personalization.measurement.offline import OfflineTest, Trial
    from personalization.measurement.tuning import Tuning

#: Differences that chance makes less often are called real.
SIGNIFICANT: Final = 0.05
#: What is drawn.
PLOTTED: Final = ("ndcg", "hit", "coverage")
#: Shares of people or items, told in percent.
_PERCENT: Final = frozenset({"hit", "coverage"})


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a plot. Lengths in percent of its width, as SVG writes them."""

    alias: str
    text: str
    interval: str
    length: str
    low: str
    high: str
    baseline: bool


@dataclass(frozen=True, slots=True)
class Plot:
    name: str
    title: str
    meaning: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """``trials``: alias → what it did, in the order of the page; ``baseline``: which of them is the best sellers."""

    test: OfflineTest
    trials: Mapping[str, Trial]
    baseline: str
    tunings: Mapping[str, Tuning]
    split: SplitKind

    @classmethod
    def of(
        cls,
        test: OfflineTest,
        recommenders: Mapping[str, Recommender],
        trials: Mapping[str, Trial],
        tunings: Mapping[str, Tuning],
        *,
        split: SplitKind,
    ) -> Report:
        """With the best sellers beside, whether they were asked for or not."""
        for alias, recommender in recommenders.items():
            if recommender == Popularity():
                return cls(test, trials, alias, tunings, split)
        name = best_sellers()
        return cls(test, {**dict(test.try_out({name: Popularity()})), **trials}, name, tunings, split)

    def html(self) -> str:
        """The whole page, with every id escaped by the template."""
        return render_to_string("personalization/evaluation_report.html", self._context())

    def _context(self) -> dict[str, Any]:
        trials, baseline, k = self.trials, self.baseline, self.test.ks[0]
        best = max(trials, key=lambda alias: trials[alias].figures[f"ndcg@{k}"])
        against = trials[best].against_popularity[f"ndcg@{k}"]
        return {
            **self.test.summary(),
            "k": k,
            "best": best,
            "best_is_baseline": best == baseline,
            "real": against.p_value < SIGNIFICANT and against.difference > 0,
            "best_hit": _percent(trials[best].figures[f"hit@{k}"]),
            "baseline_hit": _percent(trials[baseline].figures[f"hit@{k}"]),
            "p_value": f"{against.p_value:.3f}",
            "sampled": self.test.protocol is Protocol.SAMPLED,
            "leave_last_out": self.split is SplitKind.LEAVE_LAST_OUT,
            "plots": [self._plot(name, k, trials, baseline) for name in PLOTTED],
            "aliases": list(trials),
            "tables": [(length, self._rows(trials, length)) for length in self.test.ks],
            "differences": _differences(trials, baseline, k),
            "tunings": self.tunings,
        }

    def _plot(self, name: str, k: int, trials: Mapping[str, Trial], baseline: str) -> Plot:
        label = f"{name}@{k}"
        longest = max(_high(trial, label) for trial in trials.values())
        scale = 100 if name in _PERCENT else 100 / (longest or 1)
        bars = (
            _bar(alias, trial, label, scale, baseline=alias == baseline) for alias, trial in trials.items()
        )
        return Plot(label, *metric_words(name), tuple(bars))

    def _rows(self, trials: Mapping[str, Trial], k: int) -> list[tuple[str, str, list[tuple[str, str]]]]:
        """Metric, what it means, and of each recommender the figure and its interval."""
        figures = trials[self.baseline].figures
        labels = [label for label in figures if label.endswith(f"@{k}") or label == "auc"]
        return [
            (
                label,
                metric_words(label.partition("@")[0])[0],
                [_cell(trial, label) for trial in trials.values()],
            )
            for label in labels
        ]


def _differences(trials: Mapping[str, Trial], baseline: str, k: int) -> list[dict[str, Any]]:
    """Of each but the best sellers: how far from them, as text."""
    rows = []
    for alias, trial in trials.items():
        if alias != baseline:
            one = trial.against_popularity[f"ndcg@{k}"]
            rows.append(
                {
                    "alias": alias,
                    "difference": f"{one.difference:+.4f}",
                    "interval": f"{one.interval.low:+.4f} … {one.interval.high:+.4f}",
                    "p_value": f"{one.p_value:.3f}",
                    "real": one.p_value < SIGNIFICANT,
                    "better": one.difference > 0,
                }
            )
    return rows


def _bar(alias: str, trial: Trial, label: str, scale: float, *, baseline: bool) -> Bar:
    figure, interval = trial.figures[label], trial.intervals.get(label)
    name = label.partition("@")[0]
    return Bar(
        alias,
        _text(name, figure),
        "" if interval is None else _between(name, interval),
        f"{figure * scale:.2f}%",
        "" if interval is None else f"{interval.low * scale:.2f}%",
        "" if interval is None else f"{interval.high * scale:.2f}%",
        baseline,
    )


def _high(trial: Trial, label: str) -> float:
    interval = trial.intervals.get(label)
    return trial.figures[label] if interval is None else max(interval.high, trial.figures[label])


def _cell(trial: Trial, label: str) -> tuple[str, str]:
    interval = trial.intervals.get(label)
    between = "" if interval is None else f"{interval.low:.4f} … {interval.high:.4f}"
    return f"{trial.figures[label]:.4f}", between


def _text(name: str, figure: float) -> str:
    return _percent(figure) if name in _PERCENT else f"{figure:.4f}"


def _between(name: str, interval: Interval) -> str:
    return f"{_text(name, interval.low)} … {_text(name, interval.high)}"


def _percent(figure: float) -> str:
    return f"{100 * figure:.1f} %"
