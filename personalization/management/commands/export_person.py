from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personalization.exceptions import InvalidInputError
from personalization.management.json_command import JsonCommand
from personalization.management.whom import add_whom, whom
from personalization.privacy.export import export

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.core.management.base import CommandParser


class Command(JsonCommand):
    help = "Everything that is known of one person, as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        add_whom(parser)
        parser.add_argument("--output", metavar="FILE", help="a new file that only you may read")

    def run(self, **options: Any) -> Mapping[str, Any] | None:
        people = whom(options)
        if len(people) > 1:
            raise InvalidInputError("user", "an export is of one person: name them once")
        pieces = export(people[0], tenant=options["tenant"], now=time.time_ns() // 1000)
        if options["output"] is not None:
            return {"file": options["output"], "bytes": _write(options["output"], pieces)}
        for piece in pieces:
            self.stdout.write(piece, ending="")
        return None

    def show(self, result: Mapping[str, Any]) -> list[str]:
        return [f"{result['bytes']:,} bytes in {result['file']}"]


def _write(path: str, pieces: Iterable[str]) -> int:
    try:
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except (FileExistsError, ValueError) as error:
        raise InvalidInputError("output", f"'{path}' cannot be a new file") from error
    try:
        with os.fdopen(opened, "w", encoding="ascii") as file:
            return sum(map(file.write, pieces))
    except BaseException:
        Path(path).unlink(missing_ok=True)
        raise
