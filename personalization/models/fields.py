"""Two column types that are the same on every database."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from personalization.engine.instants import from_micros, to_micros

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.expressions import Combinable


class DigestField(models.BinaryField):  # type: ignore[type-arg]
    """16 bytes that can be unique and indexed on every database (MySQL cannot index a plain BLOB)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 16
        super().__init__(*args, **kwargs)

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return {"mysql": "binary(16)", "postgresql": "bytea"}.get(connection.vendor, "blob")

    def from_db_value(self, value: Any, *args: Any) -> bytes | None:
        return None if value is None else bytes(value)


class InstantField(models.BigIntegerField):  # type: ignore[type-arg]
    """An instant: UTC microseconds in the column, an aware UTC datetime in Python.

    Not a DateTimeField, because its meaning must not depend on the host's USE_TZ and TIME_ZONE.
    """

    description = _("Instant (UTC, microseconds)")

    if TYPE_CHECKING:  # what django-stubs takes for the types that are assigned and read
        _pyi_private_set_type: datetime | int | Combinable  # type: ignore[assignment]
        _pyi_private_get_type: datetime  # type: ignore[assignment]

    def from_db_value(self, value: int | None, *args: Any) -> datetime | None:
        return None if value is None else from_micros(value)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, datetime) or value is None:
            return value
        try:
            return from_micros(int(value))
        except (TypeError, ValueError, OverflowError) as error:
            raise ValidationError(_("“%(value)s” is not an instant."), params={"value": value}) from error

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(to_micros(value) if isinstance(value, datetime) else value)

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else str(to_micros(value))
