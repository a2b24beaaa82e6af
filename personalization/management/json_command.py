"""What our commands share: JSON alone on standard output, one-line errors, exit 0 only on success."""

from __future__ import annotations

import json
import os
import sys
from abc import abstractmethod
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseLayerError

from personalization.conf import settings
from personalization.engine.instants import to_micros
from personalization.exceptions import InvalidInputError, PersonalizationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.core.management.base import CommandParser


class JsonCommand(BaseCommand):
    """Subclasses implement `run` (→ a JSON-ready mapping, None when it has printed all there is) and `show` (the same
    for people, as lines)."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")
        return parser

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = self.run(**options)
        except KeyboardInterrupt:
            raise CommandError("interrupted", returncode=130) from None
        except PersonalizationError as error:
            raise CommandError(str(error)) from error
        except DatabaseLayerError as error:
            first_line = str(error).strip().split("\n")[0]
            raise CommandError(f"the database refused: {first_line} (is it running and migrated?)") from error
        except OSError as error:
            raise CommandError(f"the system refused: {error}") from error
        except MemoryError as error:
            raise CommandError("out of memory; lower MEMORY_BUDGET_MB or give the process more") from error
        if result is not None:
            self.print(
                json.dumps(result, ensure_ascii=False) if options["json"] else "\n".join(self.show(result))
            )

    def print(self, text: str) -> None:
        """Write a line to standard output; a reader that went away (``| head``) is not an error of ours."""
        try:
            self.stdout.write(text)
            self.stdout.flush()
        except BrokenPipeError:
            sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 - or the interpreter complains at exit
        except UnicodeEncodeError:
            self.stdout.write(text.encode("ascii", "backslashreplace").decode())

    @abstractmethod
    def run(self, **options: Any) -> Mapping[str, Any] | None:
        """Do it."""

    @abstractmethod
    def show(self, result: Mapping[str, Any]) -> list[str]:
        """The result as lines for people."""


def parse_instant(field: str, text: str) -> int:
    """UTC microseconds of an ISO 8601 date or time; without an offset it is read in the project's zone.

    Raises InvalidInputError naming the field.
    """
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=ZoneInfo(settings.time_zone))
        return to_micros(instant)
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(field, f"{text!r} is not an ISO 8601 date or time") from error
