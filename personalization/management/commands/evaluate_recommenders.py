from __future__ import annotations

from typing import TYPE_CHECKING, Any

from personalization.conf import settings
from personalization.engine.evaluation import Task
from personalization.management.json_command import JsonCommand, parse_instant
from personalization.measurement.offline import OfflineTest
from personalization.measurement.split_files import Columns, read_split
from personalization.measurement.text_file import TextFile
from personalization.registry import get_recommender

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.core.management.base import CommandParser

_COSTS = ("fit_seconds", "score_seconds_per_1000_visitors", "peak_rss_mb")


class Command(JsonCommand):
    help = "Compare recommenders on a training and a test file, by full ranking. Uses no database."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--train", required=True, metavar="FILE", help="CSV of events or of pairs")
        parser.add_argument("--test", required=True, metavar="FILE", help="CSV of what was taken afterwards")
        parser.add_argument("--visitor-column", required=True, metavar="NAME")
        parser.add_argument("--item-column", required=True, metavar="NAME")
        parser.add_argument(
            "--time-column", default="", metavar="NAME", help="ISO 8601; without it nothing decays"
        )
        parser.add_argument(
            "--value-column", default="", metavar="NAME", help="weight of a line, more than 0"
        )
        parser.add_argument("--quantity-column", default="", metavar="NAME", help="nets cancellations")
        parser.add_argument("--order-column", default="", metavar="NAME", help="must exist; not used yet")
        parser.add_argument("--price-column", default="", metavar="NAME", help="must exist; not used yet")
        parser.add_argument(
            "--repeat-column",
            metavar="NAME",
            help="of the test file: 1 = the visitor had that item before (default: repeat, else from training)",
        )
        parser.add_argument("--items", metavar="FILE", help="item attributes; checked, not used yet")
        parser.add_argument("--task", required=True, choices=[task.value for task in Task])
        parser.add_argument("--k", type=int, nargs="+", default=[10, 20], help="list lengths")
        parser.add_argument("--recommenders", nargs="+", required=True, metavar="ALIAS")
        parser.add_argument(
            "--as-of", metavar="ISO", help="learn as of this instant; default: newest training time"
        )

    def run(self, **options: Any) -> Mapping[str, Any]:
        recommenders = {alias: get_recommender(alias) for alias in options["recommenders"]}
        columns, as_of = _columns(options), options["as_of"]
        split = read_split(
            options["train"],
            options["test"],
            columns=columns,
            as_of=None if as_of is None else parse_instant("as_of", as_of),
            zone=settings.time_zone,
        )
        if options["items"] is not None:
            TextFile("items", options["items"], [columns.item]).keys(columns.item)
        test = OfflineTest(split, task=Task(options["task"]), ks=options["k"])
        figures = {}
        for alias, figures[alias] in test.try_out(recommenders):
            self.stderr.write(f"{alias}: learned in {figures[alias]['fit_seconds']:.2f} s", style_func=str)
        return {**test.summary(), "recommenders": figures}

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
        return [head, *(_aligned(row, widths) for row in rows)]


def _columns(options: Mapping[str, Any]) -> Columns:
    return Columns(
        visitor=options["visitor_column"],
        item=options["item_column"],
        time=options["time_column"],
        value=options["value_column"],
        quantity=options["quantity_column"],
        order=options["order_column"],
        price=options["price_column"],
        repeat=options["repeat_column"],
    )


def _cell(name: str, figure: float) -> str:
    if name == "peak_rss_mb":
        return f"{figure:.0f}"
    return f"{figure:.3f}" if name in _COSTS else f"{figure:.4f}"


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    first, *cells = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
    return "  ".join([row[0].ljust(len(first)), *cells])
