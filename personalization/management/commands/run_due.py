from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from personalization.learning.due import run_due
from personalization.learning.job import RunFailedError
from personalization.management.json_command import JsonCommand

if TYPE_CHECKING:
    from collections.abc import Mapping


class Command(JsonCommand):
    help = "Do the work that was requested, finish what a worker left behind, and count new events. For cron, every minute."

    def run(self, **options: Any) -> Mapping[str, Any]:
        done = run_due()
        failed = [one.error for one in done if one.error]
        if failed:
            raise RunFailedError(f"{len(failed)} of {len(done)} failed: {'; '.join(failed)}")
        return {"runs": [asdict(one) for one in done]}

    def show(self, result: Mapping[str, Any]) -> list[str]:
        return [f"run #{one['run']} ({one['kind']}): done" for one in result["runs"]] or ["nothing is due"]
