"""Whom a command is about: --user, --email or --visitor; or whose rows a file holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from personalization.capture.tenant import require_tenant
from personalization.engine.ids import is_key
from personalization.engine.types import Identity, IdentityKind
from personalization.exceptions import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.core.management.base import CommandParser

_OPTIONS: Final = {
    "user": (IdentityKind.USER, "KEY", "the shop's user key"),
    "email": (IdentityKind.EMAIL, "E", "an e-mail address"),
    "visitor": (IdentityKind.VISITOR, "KEY", "an imported or first-party browser key"),
}


def add_whose(parser: CommandParser) -> None:
    """Add the options of an import: what the file calls its people, whether they have agreed, and where bad rows go."""
    parser.add_argument(
        "--identity",
        default="user",
        choices=["user", "email", "visitor"],
        help="what the visitor column holds",
    )
    parser.add_argument(
        "--consented", action="store_true", help="everybody in the file has agreed (CONSENT_REQUIRED)"
    )
    parser.add_argument("--tenant", default="", metavar="T")
    parser.add_argument("--quarantine", metavar="FILE", help="where refused rows go")


def add_whom(parser: CommandParser) -> None:
    """Add the options; each may be repeated."""
    for name, (_, metavar, meaning) in _OPTIONS.items():
        parser.add_argument(f"--{name}", metavar=metavar, action="append", default=[], help=meaning)
    parser.add_argument("--tenant", default="", metavar="T")


def whom(options: Mapping[str, Any]) -> list[Identity]:
    """The people that were named. Raises InvalidInputError naming the option."""
    require_tenant(options["tenant"])
    named = [
        Identity(kind, _key(name, text)) for name, (kind, _, _) in _OPTIONS.items() for text in options[name]
    ]
    if not named:
        raise InvalidInputError("user", "name somebody with --user, --email or --visitor")
    return named


def _key(name: str, text: str) -> str:
    if not is_key(text) or text.isspace():
        raise InvalidInputError(name, f"{text[:40]!r} cannot be a key")
    return text
