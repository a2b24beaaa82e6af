from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personalization.conf import settings
from personalization.engine.evaluation import Task
from personalization.exceptions import InvalidInputError
from personalization.management.json_command import JsonCommand, parse_instant
from personalization.measurement.items_file import ItemsFile
from personalization.measurement.offline import OfflineTest, Protocol
from personalization.measurement.report import Report
from personalization.measurement.split_files import Columns, SplitKind, read_any_split
from personalization.measurement.tuning import check_grids, read_grids, tune, tuned_name, validation_split
from personalization.registry import get_recommender

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.core.management.base import CommandParser

    from personalization.engine.evaluation import Split
    from personalization.engine.recommenders.base import Recommender
    from personalization.measurement.offline import Trial
    from personalization.measurement.tuning import Tuning


#: What the items file may tell, and where it is looked for by itself.
_OF_ITEMS = {
    "title": "of the items file; default: title, if it is there",
    "category": "of the items file; default: category",
    "tags": "of the items file, several with | between; default: tags",
    "brand": "of the items file; default: brand",
    "item_price": "of the items file, if it holds the prices of the training time; default: what was paid in training",
    "listed_at": "of the items file, ISO 8601; default: listed_at or first_sold_at",
}
_COSTS = ("fit_seconds", "score_seconds_per_1000_visitors", "peak_rss_mb")


class Command(JsonCommand):
    help = "Compare recommenders on a training and a test file. Uses no database."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--train", required=True, metavar="FILE", help="CSV of events or of pairs")
        parser.add_argument("--test", metavar="FILE", help="CSV of what was taken afterwards")
        parser.add_argument("--visitor-column", required=True, metavar="NAME")
        parser.add_argument("--item-column", required=True, metavar="NAME")
        parser.add_argument(
            "--time-column", default="", metavar="NAME", help="ISO 8601; without it nothing decays"
        )
        parser.add_argument(
            "--value-column", default="", metavar="NAME", help="weight of a line, more than 0"
        )
        parser.add_argument("--quantity-column", default="", metavar="NAME", help="nets cancellations")
        parser.add_argument("--order-column", default="", metavar="NAME", help="what was bought together")
        parser.add_argument("--price-column", default="", metavar="NAME", help="paid for one piece")
        parser.add_argument(
            "--rating-column",
            default="",
            metavar="NAME",
            help="what the visitor thinks of it; may be empty; of the test file too, if it has one",
        )
        parser.add_argument(
            "--repeat-column",
            metavar="NAME",
            help="of the test file: 1 = the visitor had that item before (default: repeat, else from training)",
        )
        self._add_items(parser)
        parser.add_argument("--task", required=True, choices=[task.value for task in Task])
        parser.add_argument("--k", type=int, nargs="+", default=[10, 20], help="list lengths")
        parser.add_argument("--recommenders", nargs="+", required=True, metavar="ALIAS")
        parser.add_argument(
            "--as-of", metavar="ISO", help="learn as of this instant; default: newest training time"
        )
        self._add_methods(parser)

    def _add_items(self, parser: CommandParser) -> None:
        parser.add_argument("--items", metavar="FILE", help="CSV of what the shop says of its items")
        for field, said in _OF_ITEMS.items():
            parser.add_argument(f"--{field.replace('_', '-')}-column", metavar="NAME", help=said)

    def _add_methods(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--split",
            choices=[kind.value for kind in SplitKind],
            default=SplitKind.FILES.value,
            help="files: --train and --test; temporal: --train, cut at --cut; leave-last-out: --train without "
            "everybody's newest line",
        )
        parser.add_argument(
            "--cut", metavar="ISO", help="of --split temporal: the test begins at this instant"
        )
        parser.add_argument(
            "--protocol",
            choices=[protocol.value for protocol in Protocol],
            default=Protocol.FULL.value,
            help="full: rank every item; sampled: 99 drawn ones, which orders recommenders differently",
        )
        parser.add_argument("--seed", type=int, default=0, help="of intervals, tests and drawn items")
        parser.add_argument(
            "--tune",
            nargs="+",
            default=[],
            metavar="ALIAS.OPTION=VALUE,VALUE",
            help="try these on the last fifth of the training time; the winner is compared too",
        )
        parser.add_argument("--report", metavar="FILE.html", help="write a page with tables and plots")

    def run(self, **options: Any) -> Mapping[str, Any]:
        recommenders = {alias: get_recommender(alias) for alias in options["recommenders"]}
        combinations = check_grids(read_grids(options["tune"]), recommenders)
        _check_seed(options["seed"])
        _check_report(options["report"])
        columns = _columns(options)
        split = _read(options, columns)
        test = OfflineTest(
            split,
            task=Task(options["task"]),
            ks=options["k"],
            protocol=Protocol(options["protocol"]),
            seed=options["seed"],
        )
        tunings = self._tune(combinations, test) if combinations else {}
        for alias, tuning in tunings.items():
            if tuning.won:
                recommenders[tuned_name(alias)] = tuning.recommender
        trials = self._try_out(recommenders, test)
        if options["report"] is not None:
            report = Report.of(test, recommenders, trials, tunings, split=SplitKind(options["split"]))
            Path(options["report"]).write_text(report.html(), encoding="utf-8")
        return _result(test, trials, tunings, split=options["split"])

    def _try_out(self, recommenders: Mapping[str, Recommender], test: OfflineTest) -> dict[str, Trial]:
        trials = {}
        for alias, trials[alias] in test.try_out(recommenders):
            seconds = trials[alias].figures["fit_seconds"]
            self.stderr.write(f"{alias}: learned in {seconds:.2f} s", style_func=str)
        return trials

    def _tune(
        self,
        combinations: Mapping[str, Sequence[tuple[Mapping[str, Any], Recommender]]],
        test: OfflineTest,
    ) -> dict[str, Tuning]:
        window, tunings = validation_split(test.split.train), {}
        for alias, tried in combinations.items():
            tunings[alias] = tune(tried, window, task=test.task, k=max(test.ks))
            self.stderr.write(f"{alias}: {len(tried)} settings tried", style_func=str)
        return tunings

    def show(self, result: Mapping[str, Any]) -> list[str]:
        compared = result["recommenders"]
        names = [name for name in next(iter(compared.values())) if name not in _COSTS] + list(_COSTS)
        rows = [
            ("", *compared),
            *((name, *(_cell(name, of[name]) for of in compared.values())) for name in names),
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        dropped = f"{result['dropped_relevant']} relevant pairs dropped (items never seen in training)"
        head = f"task {result['task']}: {result['visitors']} visitors, {dropped}"
        table = [head, *(_aligned(row, widths) for row in rows)]
        return [
            *table,
            "",
            *_against_popularity(result),
            *_predicted(result),
            *_warnings(result),
            *_tuned(result),
        ]


def _read(options: Mapping[str, Any], columns: Columns) -> Split:
    as_of, cut = options["as_of"], options["cut"]
    return read_any_split(
        SplitKind(options["split"]),
        options["train"],
        options["test"],
        cut=None if cut is None else parse_instant("cut", cut),
        columns=columns,
        as_of=None if as_of is None else parse_instant("as_of", as_of),
        items=_items(options),
        zone=settings.time_zone,
    )


def _items(options: Mapping[str, Any]) -> ItemsFile | None:
    named = {field: options[f"{field}_column"] for field in _OF_ITEMS}
    if options["items"] is None:
        wrong = next((field for field, name in named.items() if name is not None), None)
        if wrong:
            raise InvalidInputError(f"{wrong}_column", "only an items file has it (--items)")
        return None
    price = named.pop("item_price")
    return ItemsFile(options["items"], options["item_column"], price=price, **named)


def _check_seed(seed: int) -> None:
    if seed < 0:
        raise InvalidInputError("seed", "expected a whole number of at least 0")


def _check_report(path: str | None) -> None:
    """Before the work, not after it."""
    if path is not None and (Path(path).is_dir() or not Path(path).absolute().parent.is_dir()):
        raise InvalidInputError("report", f"{path!r} is not a file in a folder that exists")


def _result(
    test: OfflineTest, trials: Mapping[str, Trial], tunings: Mapping[str, Tuning], *, split: str
) -> dict[str, Any]:
    result = {
        **test.summary(),
        "recommenders": {alias: trial.figures for alias, trial in trials.items()},
        "protocol": test.protocol.value,
        "split": split,
        "intervals": {
            alias: {name: [round(one.low, 6), round(one.high, 6)] for name, one in trial.intervals.items()}
            for alias, trial in trials.items()
        },
        "against_popularity": {
            alias: {
                name: {
                    "difference": round(one.difference, 6),
                    "interval": [round(one.interval.low, 6), round(one.interval.high, 6)],
                    "p_value": round(one.p_value, 6),
                }
                for name, one in trial.against_popularity.items()
            }
            for alias, trial in trials.items()
        },
    }
    if len(test.ratings):
        result["ratings"] = _rating_errors(test, trials)
    if tunings:
        result["tuning"] = {
            alias: {"tried": [asdict(attempt) for attempt in tuning.attempts], "won": tuning.won}
            for alias, tuning in tunings.items()
        }
    return result


def _rating_errors(test: OfflineTest, trials: Mapping[str, Trial]) -> dict[str, Any]:
    predicted = {alias: trial.rating_errors for alias, trial in trials.items() if trial.rating_errors}
    return {
        "pairs": len(test.ratings),
        "means": {name: _rounded(errors) for name, errors in test.ratings.means().items()},
        "recommenders": {alias: _rounded(errors) for alias, errors in predicted.items()},
    }


def _rounded(errors: Mapping[str, float]) -> dict[str, float]:
    return {name: round(error, 6) for name, error in errors.items()}


def _predicted(result: Mapping[str, Any]) -> list[str]:
    if "ratings" not in result:
        return []
    compared = {**result["ratings"]["means"], **result["ratings"]["recommenders"]}
    lines = [f"{result['ratings']['pairs']} ratings predicted, in points of their scale"]
    for name, errors in compared.items():
        figures = ", ".join(f"{metric} {error:.4f}" for metric, error in errors.items())
        lines.append(f"  {name}: {figures}")
    return lines


def _against_popularity(result: Mapping[str, Any]) -> list[str]:
    name = next(name for name in next(iter(result["intervals"].values())) if name.startswith("ndcg@"))
    lines = [f"{name}, 95 % interval, and the difference from the best sellers (paired bootstrap)"]
    for alias, intervals in result["intervals"].items():
        low, high = intervals[name]
        against = result["against_popularity"][alias][name]
        lines.append(
            f"  {alias}: {low:.4f} to {high:.4f}; {against['difference']:+.4f} "
            f"({against['interval'][0]:+.4f} to {against['interval'][1]:+.4f}), p = {against['p_value']:.3f}"
        )
    return lines


def _warnings(result: Mapping[str, Any]) -> list[str]:
    lines = []
    if result["protocol"] == Protocol.SAMPLED:
        lines.append("sampled candidates: figures are higher, and may order the recommenders differently")
    if result["split"] == SplitKind.LEAVE_LAST_OUT:
        lines.append("leave-last-out: learned from what others did later; for comparison with papers")
    return lines


def _tuned(result: Mapping[str, Any]) -> list[str]:
    lines = []
    for alias, tuning in result.get("tuning", {}).items():
        lines.append(f"{alias}: tried on the last fifth of the training time")
        for attempt in tuning["tried"]:
            won = "  won" if attempt["options"] == tuning["won"] else ""
            lines.append(f"  {attempt['ndcg']:.4f}  {attempt['options'] or 'as declared'}{won}")
    return lines


def _columns(options: Mapping[str, Any]) -> Columns:
    return Columns(
        visitor=options["visitor_column"],
        item=options["item_column"],
        time=options["time_column"],
        value=options["value_column"],
        quantity=options["quantity_column"],
        order=options["order_column"],
        price=options["price_column"],
        rating=options["rating_column"],
        repeat=options["repeat_column"],
    )


def _cell(name: str, figure: float) -> str:
    if name == "peak_rss_mb":
        return f"{figure:.0f}"
    return f"{figure:.3f}" if name in _COSTS else f"{figure:.4f}"


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    first, *cells = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
    return "  ".join([row[0].ljust(len(first)), *cells])
