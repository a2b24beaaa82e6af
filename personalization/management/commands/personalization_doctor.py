from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from django.core.management.base import CommandError

from personalization.capture.tenant import require_tenant
from personalization.management.doctor import Level, examine
from personalization.management.json_command import JsonCommand

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.core.management.base import CommandParser

_WIDTH: Final = 8


class Command(JsonCommand):
    help = (
        "Look at the shop through its adapter, and say what is seen, what is missing, and the lines to add. "
        "Writes nothing; exit code 1 when something does not work."
    )
    #: They are part of what is said, and must not keep it from being said.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", default="", metavar="T", help="whose shop")

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if self._errors:
            raise CommandError(f"{self._errors} of these do not work yet")

    def run(self, **options: Any) -> Mapping[str, Any]:
        require_tenant(options["tenant"])
        findings = examine(tenant=options["tenant"], now=time.time_ns() // 1000)
        levels = Counter(finding.level for finding in findings)
        self._errors = levels[Level.ERROR]
        counts = {f"{level}s" if level != Level.FINE else level: levels[level] for level in Level}
        return {**counts, "findings": [asdict(finding) for finding in findings]}

    def show(self, result: Mapping[str, Any]) -> list[str]:
        lines: list[str] = []
        for about, findings in groupby(result["findings"], lambda finding: finding["about"]):
            lines += ["", about]
            for finding in findings:
                lines += _lines(finding)
        return [*lines[1:], "", f"{result['errors']} errors, {result['warnings']} warnings"]


def _lines(finding: Mapping[str, Any]) -> Iterator[str]:
    mark = {Level.FINE: "ok", Level.ERROR: "ERROR"}.get(finding["level"], finding["level"])
    yield f"  {mark:{_WIDTH}} {finding['text']}"
    if finding["add"]:
        indent = " " * (_WIDTH + 3)
        if finding["to"]:
            yield f"{indent}{finding['to']}:"
            indent += "  "
        yield from (f"{indent}{line}".rstrip() for line in finding["add"].splitlines())
