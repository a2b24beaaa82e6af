from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from personalization.management.json_command import JsonCommand
from personalization.management.whom import add_whom, whom
from personalization.privacy.erasure import erase
from personalization.privacy.export import holding_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.core.management.base import CommandParser


class Command(JsonCommand):
    help = "Forget a person: everything in all browsers and under all keys, for good. Without --yes it only counts."

    def add_arguments(self, parser: CommandParser) -> None:
        add_whom(parser)
        parser.add_argument("--yes", action="store_true", help="do it")

    def run(self, **options: Any) -> Mapping[str, Any]:
        people, tenant = whom(options), options["tenant"]
        if not options["yes"]:
            known = holding_of(people, tenant=tenant)
            rows = {"visitors": known.visitors, **known.rows}
            return {"erased": False, "people": known.people, "rows": rows, "refusals_kept": 0}
        done = erase(people, tenant=tenant, now=time.time_ns() // 1000)
        return {
            "erased": True,
            "people": done.people,
            "rows": dict(done.removed),
            "refusals_kept": done.refusals,
        }

    def show(self, result: Mapping[str, Any]) -> list[str]:
        rows = ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in result["rows"].items())
        if not result["erased"]:
            return [f"{result['people']} known: {rows}", "nothing was erased; say --yes to do it"]
        if not result["people"]:
            return ["nobody was known by that; what comes late of them is not stored"]
        lines = [f"erased: {rows}"]
        if result["refusals_kept"]:
            lines.append("kept: that they had refused, without a name")
        return lines
