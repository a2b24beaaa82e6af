"""The people of an import: their visitors, and who must not be stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from personalization.capture.quarantine import Problem
from personalization.privacy.standing import Standing, bar, standings
from personalization.store.removal import people_version, share_people
from personalization.store.visitors import ensure_visitors

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Set

    from personalization.engine.types import IdentityKind

#: People who are remembered from chunk to chunk; beyond, all are forgotten and asked for again.
REMEMBERED: Final = 200_000
#: Before every event: who may be stored then may be stored at any time.
_EVER: Final = -(2**63)


class People:
    """Asks for each key once, and again when somebody was removed, or chose, meanwhile."""

    def __init__(self, kind: IdentityKind, *, tenant: str, consented: bool, now: int) -> None:
        self._kind, self._tenant, self._consented, self._now = kind, tenant, consented, now
        self._version: int | None = None
        self._visitors: dict[str, int] = {}
        self._barred: dict[str, Standing | None] = {}

    def look_at(self, keys: Collection[str]) -> Set[str]:
        """Keys of people of whom something may not be stored. Call it in the transaction that writes: until that ends,
        nobody is removed."""
        share_people()
        version = people_version()
        if version != self._version or len(self._visitors) > REMEMBERED:
            self._visitors.clear()
            self._barred.clear()
            self._version = version
        if new := set(keys) - self._visitors.keys() - self._barred.keys():
            self._ask(new)
        return self._barred.keys()

    def problems(self, keys: Iterable[str], instants: Iterable[int]) -> list[Problem | None]:
        """Why what these people did then is not stored."""
        return [
            self._problem(self._barred[key], instant) if key in self._barred else None
            for key, instant in zip(keys, instants, strict=True)
        ]

    def visitors(self, keys: Collection[str]) -> tuple[Mapping[str, int], dict[str, int]]:
        """Visitor ids by key, and those among them that are new here."""
        new = set(keys) - self._visitors.keys()
        fresh = ensure_visitors(self._kind, new, tenant=self._tenant, now=self._now) if new else {}
        return self._visitors | fresh if fresh else self._visitors, fresh

    def remember(self, visitors: Mapping[str, int]) -> None:
        """Take over what `visitors` found, once it is committed."""
        self._visitors |= visitors

    def _ask(self, keys: set[str]) -> None:
        found = standings(self._kind, keys, tenant=self._tenant)
        for key in keys if self._problem(None, _EVER) else found:
            if self._problem(found.get(key), _EVER):
                self._barred[key] = found.get(key)

    def _problem(self, standing: Standing | None, instant: int) -> Problem | None:
        reason = bar(standing, occurred_at=instant, asked=self._consented)
        return None if reason is None else Problem(reason)
