"""Whether what an extra brings is installed."""

from __future__ import annotations

from importlib.util import find_spec

from personalization.engine.errors import InvalidInputError


def check_extra(module: str, extra: str) -> None:
    """Raise InvalidInputError naming ``recommender``, with what to install, unless the module is there.

    Asked for when something is learned, not when a recommender is declared: web servers need no torch.
    """
    if find_spec(module) is None:
        raise InvalidInputError(
            "recommender",
            f"{module} is not installed here: pip install 'django-personalization[{extra}]'",
            code="extra",
        )
