from functools import partial
from typing import Any


class PersonalizationError(Exception):
    """Something the personalization app was asked to do cannot be done."""


class InvalidInputError(PersonalizationError, ValueError):
    """A value that came from outside is not acceptable. ``field`` names it, ``code`` is stable for programs."""

    def __init__(self, field: str, message: str, *, code: str = "invalid") -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message
        self.code = code

    def __reduce__(self) -> tuple[Any, ...]:
        """For those who learn in other processes and send back what went wrong."""
        return partial(type(self), code=self.code), (self.field, self.message)
