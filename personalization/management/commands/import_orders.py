from __future__ import annotations

import time
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from personalization.capture.order_import import import_orders
from personalization.management.json_command import JsonCommand, parse_instant
from personalization.management.progress import ProgressBar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.core.management.base import CommandParser


class Command(JsonCommand):
    help = "Store the shop's orders of the last days that nobody told of. For cron, every few minutes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", default="", metavar="T")
        parser.add_argument(
            "--since", metavar="TIME", help="begin there, in ISO 8601, in place of where the last pull ended"
        )

    def run(self, **options: Any) -> Mapping[str, Any]:
        started = time.monotonic()
        since = None if options["since"] is None else parse_instant("since", options["since"])
        with closing(ProgressBar(self.stderr, unit="orders")) as progress:
            done = import_orders(
                tenant=options["tenant"],
                since=since,
                clock=lambda: time.time_ns() // 1000,
                beat=lambda counts: progress(None, counts.orders),
            )
        return {**asdict(done), "seconds": round(time.monotonic() - started, 3)}

    def show(self, result: Mapping[str, Any]) -> list[str]:
        lines = f"{result['stored']:,} lines stored, {result['duplicates']:,} known already"
        return [
            f"{result['orders']:,} orders read: {lines}, {result['refunds']:,} refunds in {result['seconds']:.1f} s",
            *(f"  {count:,} × {reason}" for reason, count in result["skipped"].items()),
        ]
