from __future__ import annotations

import time
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from personalization.capture.item_import import ItemColumnNames, import_items
from personalization.management.json_command import JsonCommand
from personalization.management.progress import ProgressBar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.core.management.base import CommandParser

_FIELDS: Final = ("title", "category", "price", "currency", "tags", "brand", "stock", "listed_at")


class Command(JsonCommand):
    help = "Store the items of a CSV file (plain or .gz) in the built-in catalog."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--key-column", required=True, metavar="NAME")
        for field in _FIELDS:
            parser.add_argument(f"--{field.replace('_', '-')}-column", default="", metavar="NAME")
        parser.add_argument("--tenant", default="", metavar="T")
        parser.add_argument("--quarantine", metavar="FILE", help="where refused rows go")

    def run(self, **options: Any) -> Mapping[str, Any]:
        started = time.time_ns()
        names = ItemColumnNames(**{field: options[f"{field}_column"] for field in ("key", *_FIELDS)})
        with closing(ProgressBar(self.stderr)) as progress:
            done = import_items(
                options["file"],
                names,
                tenant=options["tenant"],
                quarantine=options["quarantine"],
                now=started // 1000,
                progress=progress,
            )
        return {**asdict(done), "seconds": round((time.time_ns() - started) / 1e9, 3)}

    def show(self, result: Mapping[str, Any]) -> list[str]:
        known = f"{result['stored']:,} items stored, {result['updated']:,} updated"
        return [
            f"{result['read']:,} rows read: {known} in {result['seconds']:.1f} s",
            *refusals(result),
        ]


def refusals(result: Mapping[str, Any]) -> list[str]:
    """What was refused, as lines for people."""
    lines = [f"  {count:,} × {reason}" for reason, count in result["quarantined"].items()]
    return [f"refused rows are in {result['quarantine_file']}:", *lines] if lines else []
