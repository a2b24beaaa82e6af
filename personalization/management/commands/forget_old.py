from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from personalization.engine.instants import from_micros
from personalization.management.json_command import JsonCommand
from personalization.privacy.retention import forget_old

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.core.management.base import CommandParser


class Command(JsonCommand):
    help = "Forget what is older than RETENTION_DAYS: events, view history, answers, and visitors without any. For cron, every night."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days", type=int, metavar="N", help="instead of RETENTION_DAYS: how many days to keep"
        )
        parser.add_argument(
            "--force", action="store_true", help="even if more than half of all events are that old"
        )

    def run(self, **options: Any) -> Mapping[str, Any]:
        started = time.time_ns()
        done = forget_old(now=started // 1000, days=options["days"], force=options["force"])
        return {
            "before": None if done.before is None else from_micros(done.before).isoformat(),
            "removed": dict(done.removed),
            "seconds": round((time.time_ns() - started) / 1e9, 3),
        }

    def show(self, result: Mapping[str, Any]) -> list[str]:
        if result["before"] is None:
            return ["RETENTION_DAYS is None: nothing is forgotten"]
        counts = ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in result["removed"].items())
        return [f"forgotten from before {result['before']}: {counts}"]
