"""Every exception of the app in one place; each is defined beside the code that raises it."""

from personalization.engine.errors import InvalidInputError, PersonalizationError

__all__ = ["InvalidInputError", "PersonalizationError"]
