from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from personalization.management.json_command import JsonCommand
from personalization.privacy.erasure_list import apply_list, write_list

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.core.management.base import CommandParser


class Command(JsonCommand):
    help = "The list of who was erased: write it beside a backup, apply it after a backup was restored."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--export", metavar="FILE", help="write the list")
        what.add_argument("--apply", metavar="FILE", help="erase again whoever is on the list")

    def run(self, **options: Any) -> Mapping[str, Any]:
        if options["export"] is not None:
            return {"file": options["export"], "listed": write_list(options["export"])}
        done = apply_list(options["apply"], now=time.time_ns() // 1000)
        return {"listed": done.listed, "people": done.erased.people, "rows": dict(done.erased.removed)}

    def show(self, result: Mapping[str, Any]) -> list[str]:
        if "file" in result:
            return [f"{result['listed']:,} entries in {result['file']}"]
        rows = ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in result["rows"].items())
        return [
            f"{result['listed']:,} entries; {result['people']:,} people had come back{': ' if rows else ''}{rows}"
        ]
