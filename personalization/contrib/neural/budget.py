"""What training may take."""

from typing import Final

from personalization.engine.errors import InvalidInputError

_MEGABYTE: Final = 1 << 20
#: torch itself, once loaded, with what it keeps to compute in.
_LOADED: Final = 200


def check_budget(budget_mb: float, needed: int, *, advice: str) -> None:
    """Raise InvalidInputError naming ``memory_budget_mb`` when so many bytes, beside torch itself, are too many."""
    megabytes = _LOADED - (-needed // _MEGABYTE)
    if megabytes > budget_mb:
        raise InvalidInputError(
            "memory_budget_mb", f"training takes about {megabytes} MB here; {advice} takes less"
        )
