"""What the slots of one page share: one read of our tables, the visitor's history, and what was shown already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import get_language

from personalization.adapters import Page
from personalization.engine.types import Kind
from personalization.serving.history import History, read_history
from personalization.serving.slots import Exclude
from personalization.store.live_campaigns import held_marks
from personalization.store.live_tables import find_tables
from personalization.store.page import NO_MARKS, Marks, read_exclusions, read_page

if TYPE_CHECKING:
    from django.http import HttpRequest

    from personalization.engine.types import Identity, Query
    from personalization.store.live_tables import LiveTables
    from personalization.store.page import PageRead

_ATTRIBUTE = "_personalization_page_states"


class PageState:
    """One visitor on one page. ``shown``: keys that earlier slots of the page hold."""

    __slots__ = ("_all_time", "_before", "_identity", "_marks", "_read", "history", "shown", "tenant")

    def __init__(self, *, tenant: str, identity: Identity | None, before: int) -> None:
        self.tenant = tenant
        self.shown: set[str] = set()
        self._identity = identity
        self._before = before
        self._all_time: History | None = None
        self._marks = held_marks(tenant, now=before)
        self._read: PageRead = read_page(tenant=tenant, identity=identity, before=before, marks=self._marks)
        self.history = read_history(self._read.events)

    @property
    def person(self) -> str:
        """The person and the epoch of its cached answers, ``17.2``; '' for somebody of whom nothing is known."""
        return "" if self._read.person is None else f"{self._read.person}.{self._read.epoch}"

    @property
    def rules_version(self) -> int:
        """The stamp of segments, promotions and campaigns."""
        return self._read.rules_version

    def marked(self, marks: Marks) -> PageRead:
        """The page with these marks; read once more where this process did not know of them before."""
        if marks not in {self._marks, NO_MARKS}:
            self._marks = marks
            self._read = read_page(
                tenant=self.tenant, identity=self._identity, before=self._before, marks=marks
            )
        return self._read

    def tables(self, alias: str) -> LiveTables | None:
        """The live tables of a recommender."""
        return find_tables(alias, self._read.builds.get(alias), tenant=self.tenant)

    def excluded(self, policy: Exclude) -> frozenset[str]:
        """Keys that must not be shown: what the visitor does not want, and what the slot leaves out."""
        known = self._history_for_exclusions()
        if policy == Exclude.PURCHASED:
            return known.unwanted | known.purchased
        return known.unwanted | known.seen if policy == Exclude.SEEN else known.unwanted

    def page(self, query: Query, request: HttpRequest | None) -> Page:
        """Where the cards will be shown, for the adapter."""
        return Page(
            tenant=self.tenant,
            store=query.store,
            language=get_language() or "",
            catalog_version=self._read.catalog_version,
            request=request,
        )

    def _history_for_exclusions(self) -> History:
        """A history longer than the limit is read once more, for what it rules out; most are not."""
        if self._read.complete or self._identity is None:
            return self.history
        if self._all_time is None:
            summed = read_exclusions(tenant=self.tenant, identity=self._identity, before=self._before)
            rated = [event for event in self._read.events if event.kind == Kind.RATE]
            self._all_time = read_history([*rated, *summed])
        return self._all_time


def page_state(query: Query, request: HttpRequest | None) -> PageState:
    """The state of the page that a query belongs to; without a request every query is a page of its own."""
    key = (query.tenant, query.identity)
    states: dict[object, PageState] = {} if request is None else getattr(request, _ATTRIBUTE, {})
    if key not in states:
        states[key] = PageState(tenant=query.tenant, identity=query.identity, before=query.now)
        if request is not None:
            setattr(request, _ATTRIBUTE, states)
    return states[key]


def keys_shown(request: HttpRequest | None) -> frozenset[str]:
    """Keys that slots of this page hold already."""
    states: dict[object, PageState] = getattr(request, _ATTRIBUTE, {})
    return frozenset().union(*[state.shown for state in states.values()])
