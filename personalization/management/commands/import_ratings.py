from __future__ import annotations

import time
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from personalization.capture.rating_import import RatingColumnNames, import_ratings
from personalization.engine.types import IdentityKind
from personalization.management.commands.import_items import refusals
from personalization.management.json_command import JsonCommand
from personalization.management.progress import ProgressBar
from personalization.management.whom import add_whose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.core.management.base import CommandParser

_REQUIRED: Final = ("visitor", "item", "value", "time")


class Command(JsonCommand):
    help = "Store the ratings of a CSV file (plain or .gz), each in place of an earlier one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE")
        for field in _REQUIRED:
            parser.add_argument(f"--{field}-column", required=True, metavar="NAME")
        parser.add_argument("--text-column", default="", metavar="NAME")
        add_whose(parser)

    def run(self, **options: Any) -> Mapping[str, Any]:
        started = time.time_ns()
        names = RatingColumnNames(**{field: options[f"{field}_column"] for field in (*_REQUIRED, "text")})
        with closing(ProgressBar(self.stderr)) as progress:
            done = import_ratings(
                options["file"],
                names,
                identity=IdentityKind[options["identity"].upper()],
                tenant=options["tenant"],
                quarantine=options["quarantine"],
                consented=options["consented"],
                now=started // 1000,
                progress=progress,
            )
        return {**asdict(done), "seconds": round((time.time_ns() - started) / 1e9, 3)}

    def show(self, result: Mapping[str, Any]) -> list[str]:
        known = (
            f"{result['stored']:,} ratings stored, {result['updated']:,} updated, {result['older']:,} older"
        )
        return [
            f"{result['read']:,} rows read: {known} in {result['seconds']:.1f} s",
            *refusals(result),
        ]
