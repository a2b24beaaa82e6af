"""Facts that only the shop knows: those of its own kinds of conditions, and the visitor's country."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from personalization.adapters import Adapter, get_adapter
from personalization.engine.rules import Moments, Numbers, Texts
from personalization.engine.types import IdentityKind
from personalization.models import Identity as IdentityRow
from personalization.store.bulk import batches
from personalization.store.fact_names import BOUGHT, FIRST_SEEN, LAST_SEEN, ORDERS, VIEWED

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.http import HttpRequest
    from numpy.typing import NDArray

    from personalization.engine.rules.facts import Column
    from personalization.store.audience_rows import Visitors

#: How many people the adapter is asked about at once.
_BATCH: Final = 1_000
_OURS: Final = frozenset(
    {
        FIRST_SEEN,
        LAST_SEEN,
        ORDERS,
        *BOUGHT,
        *VIEWED,
        "visitor.signed_in",
        "visitor.holdout",
        "context.store",
        "context.device",
        "context.language",
        "context.code",
    }
)


def read_host_facts(
    request: HttpRequest | None, names: Collection[str], *, personal: bool
) -> Mapping[str, object]:
    """What the adapter says of whoever makes a request. ``personal`` False: nobody may be known, and nothing of the
    visitor is asked for."""
    adapter = get_adapter()
    if request is None or type(adapter).facts is Adapter.facts:
        return {}
    scopes = ("visitor.", "context.") if personal else ("context.",)
    asked = frozenset([name for name in names if name.startswith(scopes) and name not in _OURS])
    if not asked:
        return {}
    return {name: value for name, value in adapter.facts(request, asked).items() if name in asked}


def read_host_columns(visitors: Visitors, names: Collection[str], *, tenant: str) -> dict[str, Column]:
    """What the adapter says of everybody who has signed in. A fact is unknown of the others, and wherever its value is
    of another type than the first one that was told."""
    adapter = get_adapter()
    asked = frozenset([name for name in names if name.startswith("visitor.") and name not in _OURS])
    if not asked or type(adapter).facts_of is Adapter.facts_of:
        return {}
    values: dict[str, list[object]] = {name: [None] * len(visitors.people) for name in asked}
    for batch in batches(_users(visitors, tenant).items(), _BATCH):
        rows = dict(batch)
        for key, facts in adapter.facts_of(list(rows), asked, tenant).items():
            for name in asked & facts.keys():
                values[name][rows[key]] = facts[name]
    columns = {name: _column(told) for name, told in values.items()}
    return {name: column for name, column in columns.items() if column is not None}


def _users(visitors: Visitors, tenant: str) -> dict[str, int]:
    """User keys → the rows of their persons."""
    known = IdentityRow.objects.filter(tenant=tenant, kind=IdentityKind.USER)
    pairs = list(known.values_list("visitor_id", "key"))
    rows = visitors.place(np.array([visitor for visitor, _ in pairs], np.int64)).tolist()
    return {key: row for (_, key), row in zip(pairs, rows, strict=True) if row >= 0}


def _column(values: list[object]) -> Column | None:
    """By the type of what was told first; None where nothing is, or nothing that a column can hold."""
    first = next((value for value in values if value is not None), None)
    match first:
        case bool():
            return _numbers(values, bool)
        case int() | float() | Decimal():
            return _numbers(values, (int, float, Decimal))
        case str():
            return _texts(values)
        case AbstractSet():
            return _sets(values)
    return None


def _numbers(values: list[object], types: Any) -> Numbers:
    known = np.array([isinstance(value, types) for value in values], bool)
    told: list[Any] = [value if good else 0 for value, good in zip(values, known.tolist(), strict=True)]
    if all(isinstance(value, int) for value in told):
        return Numbers(np.array(told, np.int64), known)
    return Numbers(np.array(told, np.float64), known)


def _texts(values: list[object]) -> Texts:
    codes, vocabulary = _coded([value if isinstance(value, str) else None for value in values])
    return Texts(codes, vocabulary)


def _sets(values: list[object]) -> Moments:
    """Nobody knows since when: the instants are 0."""
    known = np.array([isinstance(value, AbstractSet) for value in values], bool)
    told = [sorted(map(str, value)) if isinstance(value, AbstractSet) else [] for value in values]
    starts = np.cumsum([0, *map(len, told)], dtype=np.int64)
    codes, vocabulary = _coded([text for texts in told for text in texts])
    return Moments(starts, codes, np.zeros(len(codes), np.int64), vocabulary, known)


def _coded(texts: Collection[str | None]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """The place of each text in a vocabulary, -1 for None."""
    vocabulary = tuple(sorted({text for text in texts if text is not None}))
    places = {text: place for place, text in enumerate(vocabulary)}
    return np.array([-1 if text is None else places[text] for text in texts], np.int32), vocabulary
