"""Rows that people edit and that work or rest: saved version by version, stopped, and restored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from django.db import router

from personalization.exceptions import InvalidInputError
from personalization.store.stamps import bump_stamp
from personalization.store.transaction import in_transaction
from personalization.store.versions import RULES, ConflictError, Saved, add_version, find_version

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import Field

    from django.db.models import IntegerChoices, Model

    from personalization.engine.rules import Vocabulary
    from personalization.store.versions import Kind


class Content(Protocol):
    """What people say of a row: a dataclass with a state."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def state(self) -> IntegerChoices: ...

    def columns(self) -> dict[str, Any]:
        """The content as a row holds it."""

    def to_json(self) -> str:
        """The content as versions hold it."""

    @classmethod
    def from_json(cls, text: str) -> Any:
        """What `to_json` wrote."""

    @classmethod
    def of_row(cls, row: Any) -> Any:
        """What a row holds."""


C = TypeVar("C", bound=Content)


@dataclass(frozen=True, slots=True)
class Stored(Generic[C]):
    """A row as it stands."""

    id: int
    version: int
    content: C


@dataclass(frozen=True, slots=True)
class VersionedRows(Generic[C]):
    """Rows of one model, whose states are a draft, one in which they work, paused and archived.

    ``working``: that one; ``check``: the content in canonical text, or an InvalidInputError that names the field.
    """

    kind: Kind
    model: type[Model]
    content: type[C]
    working: IntegerChoices
    check: Callable[[C, Vocabulary, str], C]

    def find(self, row: int, *, tenant: str) -> Stored[C] | None:
        """A row of this tenant."""
        found: Any = self.model._default_manager.filter(pk=row, tenant=tenant).first()
        return None if found is None else Stored(found.pk, found.version, self.content.of_row(found))

    def save(
        self,
        content: C,
        *,
        row: int | None = None,
        vocabulary: Vocabulary,
        expected_version: int = 0,
        author: str,
        tenant: str = "",
        now: int,
    ) -> Saved:
        """Store a row, a new one without an id, and write down the version.

        Raises InvalidInputError, and ConflictError when it no longer has the expected version.
        """
        return self._write(
            self.check(content, vocabulary, tenant), row, expected_version, tenant, author, now
        )

    def stop(
        self, row: int, state: Any, *, expected_version: int, author: str, tenant: str = "", now: int
    ) -> Saved:
        """Pause or archive a row, also one whose rule can no longer be read.

        Raises InvalidInputError naming ``state`` or what is not there, and ConflictError.
        """
        states: Any = type(self.working)
        if state not in {states.PAUSED, states.ARCHIVED}:
            raise InvalidInputError("state", "expected paused or archived")
        content = replace(self._found(row, tenant).content, state=state)
        return self._write(content, row, expected_version, tenant, author, now)

    def restore(
        self,
        row: int,
        number: int,
        *,
        vocabulary: Vocabulary,
        expected_version: int,
        author: str,
        tenant: str = "",
        now: int,
    ) -> Saved:
        """Save what a row was in an earlier version as its newest one; its state stays, nothing starts by being restored.

        Raises as `save`, and InvalidInputError naming ``number``.
        """
        old = find_version(self.kind, row, number, tenant=tenant)
        if old is None:
            raise InvalidInputError("number", f"the {self._name} #{row} has no version {number}")
        content = replace(self.content.from_json(old.content), state=self._found(row, tenant).content.state)
        return self.save(
            content,
            row=row,
            vocabulary=vocabulary,
            expected_version=expected_version,
            author=author,
            tenant=tenant,
            now=now,
        )

    @property
    def _name(self) -> str:
        return self.kind.name.lower()

    def _found(self, row: int, tenant: str) -> Stored[C]:
        stored = self.find(row, tenant=tenant)
        if stored is None:
            raise InvalidInputError(self._name, f"there is no {self._name} #{row}")
        return stored

    def _write(self, content: C, row: int | None, expected: int, tenant: str, author: str, now: int) -> Saved:
        work = partial(self._write_now, content, row, expected, tenant, author, now)
        return in_transaction(work, using=router.db_for_write(self.model))

    def _write_now(
        self, content: C, row: int | None, expected: int, tenant: str, author: str, now: int
    ) -> Saved:
        columns = content.columns() | {"updated_at": now}
        rows = self.model._default_manager
        if row is None:
            new: Any = rows.create(tenant=tenant, created_at=now, **columns)
            saved = Saved(new.pk, new.version)
        elif rows.filter(pk=row, tenant=tenant, version=expected).update(version=expected + 1, **columns):
            saved = Saved(row, expected + 1)
        else:
            raise ConflictError(f"the {self._name} #{row} is no longer at version {expected}")
        add_version(
            self.kind, saved.id, saved.version, content.to_json(), tenant=tenant, author=author, now=now
        )
        bump_stamp(RULES, tenant=tenant, at=now)
        return saved
