"""What a visitor's events mean for an answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from personalization.engine.types import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from personalization.store.page import PastEvent

#: What counts as liking an item, strongest first: a reason names the strongest.
POSITIVE: Final = (Kind.PURCHASE, Kind.CART_ADD, Kind.WISH, Kind.RATE, Kind.VIEW, Kind.CLICK)
_STRENGTH: Final = {kind.value: strength for strength, kind in enumerate(POSITIVE)}


@dataclass(frozen=True, slots=True)
class PastItem:
    """An item of the history with the strongest thing that happened to it. ``at``: when the newest good thing did."""

    item: int
    key: str
    kind: Kind
    at: int = 0


@dataclass(frozen=True, slots=True)
class History:
    """``liked``: distinct items with a positive event, newest first; ``viewed``: keys, last viewed first."""

    liked: tuple[PastItem, ...] = ()
    viewed: tuple[str, ...] = ()
    purchased: frozenset[str] = frozenset()
    unwanted: frozenset[str] = frozenset()

    @property
    def seen(self) -> frozenset[str]:
        """Keys of everything the visitor has dealt with."""
        return self.purchased.union((past.key for past in self.liked), self.viewed)


@dataclass(slots=True)
class _Traces:
    """What is known of one item while events are read, newest first."""

    item: int
    kinds: set[int] = field(default_factory=set)
    bought: float = 0.0
    liked_at: int = 0


NOTHING: Final = History()


def read_history(events: Sequence[PastEvent]) -> History:
    """From events, newest first.

    A purchase that was given back, and a cart line that was taken out later, do not count. Hidden items and items
    rated in the lower half of the scale are unwanted.
    """
    if not events:
        return NOTHING
    traces: dict[str, _Traces] = {}
    viewed: dict[str, None] = {}
    unwanted = set()
    for event in events:
        trace = traces.get(event.key)
        if trace is None:
            trace = traces[event.key] = _Traces(event.item)
        if event.kind == Kind.HIDE or (event.kind == Kind.RATE and event.quantity < 0.5):
            unwanted.add(event.key)
            continue
        if event.kind == Kind.CART_ADD and Kind.CART_REMOVE in trace.kinds:
            continue
        if event.kind == Kind.VIEW:
            viewed[event.key] = None
        if not trace.liked_at and event.kind in _STRENGTH:
            trace.liked_at = event.occurred_at
        trace.kinds.add(event.kind)
        trace.bought += _pieces(event)
    liked = [(key, trace, _strongest(trace)) for key, trace in traces.items() if key not in unwanted]
    return History(
        liked=tuple(PastItem(trace.item, key, kind, trace.liked_at) for key, trace, kind in liked if kind),
        viewed=tuple(key for key in viewed if key not in unwanted),
        purchased=frozenset(key for key, trace in traces.items() if trace.bought > 0),
        unwanted=frozenset(unwanted),
    )


def _pieces(event: PastEvent) -> float:
    if event.kind == Kind.PURCHASE:
        return event.quantity
    return -abs(event.quantity) if event.kind == Kind.REFUND else 0.0


def _strongest(trace: _Traces) -> Kind | None:
    strengths = [
        _STRENGTH[kind]
        for kind in trace.kinds
        if kind in _STRENGTH and (kind != Kind.PURCHASE or trace.bought > 0)
    ]
    return POSITIVE[min(strengths)] if strengths else None
