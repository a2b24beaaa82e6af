"""Checks of hyper-parameters: settings files and JSON bring texts, NaN and booleans where numbers belong."""

from __future__ import annotations

import math
from numbers import Integral
from typing import TYPE_CHECKING, Any

from personalization.engine.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence


def check_whole(field: str, value: Any, *, minimum: int) -> None:
    """Raise InvalidInputError naming the field unless value is a whole number ≥ minimum, of Python or of numpy."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < minimum:
        raise InvalidInputError(field, f"expected a whole number of at least {minimum}, got {value!r}")


def check_real(field: str, value: Any, *, above: float = 0.0, inclusive: bool = False) -> None:
    """Raise InvalidInputError naming the field unless value is a finite number > above (≥ when inclusive)."""
    usable = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not usable or value < above or (value == above and not inclusive):
        border = "at least" if inclusive else "more than"
        raise InvalidInputError(field, f"expected a number of {border} {above:g}, got {value!r}")


def check_share(field: str, value: Any) -> None:
    """Raise InvalidInputError naming the field unless value is a number from 0 to 1."""
    check_real(field, value, inclusive=True)
    if value > 1:
        raise InvalidInputError(field, f"expected a number of at most 1, got {value!r}")


def check_days(field: str, value: Any) -> None:
    """Raise InvalidInputError naming the field unless value is None (no decay) or a finite number > 0."""
    if value is not None:
        check_real(field, value)


def check_choice(field: str, value: Any, choices: Sequence[str]) -> None:
    """Raise InvalidInputError naming the field unless value is one of the choices."""
    if not isinstance(value, str) or value not in choices:
        raise InvalidInputError(field, f"expected one of {', '.join(choices)}; got {value!r}")


def check_flag(field: str, value: Any) -> None:
    """Raise InvalidInputError naming the field unless value is True or False."""
    if not isinstance(value, bool):
        raise InvalidInputError(field, f"expected true or false, got {value!r}")
