from __future__ import annotations

import resource
import sys
import time
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from personalization.capture.event_columns import EventColumnNames
from personalization.capture.event_import import import_events
from personalization.capture.kinds import KINDS
from personalization.engine.types import IdentityKind, Kind
from personalization.management.commands.import_items import refusals
from personalization.management.json_command import JsonCommand
from personalization.management.progress import ProgressBar
from personalization.management.whom import add_whose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.core.management.base import CommandParser

#: Linux counts ru_maxrss in KiB, macOS in bytes.
_RSS_UNIT: Final = 1 if sys.platform == "darwin" else 1024


class Command(JsonCommand):
    help = "Store the events of a CSV file (plain or .gz); reading a file again stores nothing twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--kind", required=True, choices=[kind.name.lower() for kind in KINDS])
        for field in ("visitor", "item", "time"):
            parser.add_argument(f"--{field}-column", required=True, metavar="NAME")
        for field in ("quantity", "price", "order", "agent"):
            parser.add_argument(f"--{field}-column", default="", metavar="NAME")
        add_whose(parser)

    def run(self, **options: Any) -> Mapping[str, Any]:
        started, cpu = time.time_ns(), time.process_time()
        fields = ("visitor", "item", "time", "quantity", "price", "order", "agent")
        names = EventColumnNames(**{field: options[f"{field}_column"] for field in fields})
        with closing(ProgressBar(self.stderr)) as progress:
            done = import_events(
                options["file"],
                names,
                kind=Kind[options["kind"].upper()],
                identity=IdentityKind[options["identity"].upper()],
                tenant=options["tenant"],
                quarantine=options["quarantine"],
                consented=options["consented"],
                now=started // 1000,
                progress=progress,
            )
        return {
            **asdict(done),
            "seconds": round((time.time_ns() - started) / 1e9, 3),
            "cpu_seconds": round(time.process_time() - cpu, 3),
            "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT / 1e6, 1),
        }

    def show(self, result: Mapping[str, Any]) -> list[str]:
        known = f"{result['stored']:,} events stored, {result['duplicates']:,} known already"
        cost = f"{result['cpu_seconds']:.1f} s CPU, {result['peak_rss_mb']:.0f} MB"
        return [
            f"{result['read']:,} rows read: {known} in {result['seconds']:.1f} s ({cost})",
            *refusals(result),
        ]
