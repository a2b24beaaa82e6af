"""What the slots of one page share: one read of our tables, the visitor's history, and what was shown already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import get_language

from personalization.adapters import Page
from personalization.engine.types import Kind
from personalization.serving.history import History, read_history
from personalization.serving.slots import Exclude
from personalization.store.listed import ALL_ITEMS, NEW_ITEMS, held_lists, hold_lists
from personalization.store.live_campaigns import held_marks
from personalization.store.live_tables import find_tables
from personalization.store.page import NO_MARKS, Marks, read_exclusions, read_page

if TYPE_CHECKING:
    from django.http import HttpRequest

    from personalization.engine.types import Identity, Query
    from personalization.store.listed import StoredList
    from personalization.store.live_tables import LiveTables
    from personalization.store.page import PageRead, PastEvent

_ATTRIBUTE = "_personalization_page_states"


class PageState:
    """One visitor on one page. ``shown``: keys that earlier slots of the page hold."""

    __slots__ = (
        "_all_time",
        "_identity",
        "_lists",
        "_marks",
        "_read",
        "_summed",
        "before",
        "history",
        "shown",
        "tenant",
    )

    def __init__(self, *, tenant: str, identity: Identity | None, before: int) -> None:
        self.tenant = tenant
        self.shown: set[str] = set()
        self._identity = identity
        self.before = before
        self._all_time: History | None = None
        self._summed: tuple[PastEvent, ...] = ()
        self._marks = held_marks(tenant, now=before)
        self._lists = held_lists(tenant)
        self._read = self._read_page()
        self._drop_lists()
        self.history = read_history(self._read.events)

    @property
    def identity(self) -> Identity | None:
        """Who looks; None where nobody may be known."""
        return self._identity

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
            self._read = self._read_page()
        return self._read

    def tables(self, alias: str) -> LiveTables | None:
        """The live tables of a recommender."""
        return find_tables(alias, self._read.builds.get(alias), tenant=self.tenant)

    def list_of(self, alias: str, build: int, *, again: bool) -> StoredList | None:
        """What a build of a recommender worked out for the visitor; ``again``: with items that the visitor has."""
        key = self._read.builds.get(alias)
        if self._identity is None or key is None or not key.lists:
            return None
        tables = (NEW_ITEMS, ALL_ITEMS) if again else (NEW_ITEMS,)
        asked = self._lists.and_these(alias, tables)
        if asked != self._lists:  # this process did not know before that they are wanted, and there
            held = held_lists(self.tenant)
            self._lists = hold_lists(self.tenant, held.and_these(alias, tables))
            self._read = self._read_page()
        lists = self._read.lists
        repeats = lists.get((build, ALL_ITEMS)) if again else None
        return lists.get((build, NEW_ITEMS)) if repeats is None else repeats

    def orders(self) -> list[tuple[str, int]]:
        """Keys that were bought and not given back, with each instant at which they were, newest first; of a history
        beyond the limit the last instant alone."""
        known = self._history_for_exclusions()
        bought = [event for event in self._read.events if event.kind == Kind.PURCHASE]
        recent = {event.key for event in bought}
        older = [event for event in self._summed if event.kind == Kind.PURCHASE and event.key not in recent]
        found = dict.fromkeys((event.key, event.occurred_at) for event in (*bought, *older))
        return [order for order in found if order[0] in known.purchased]

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
            self._summed = read_exclusions(tenant=self.tenant, identity=self._identity, before=self.before)
            rated = [event for event in self._read.events if event.kind == Kind.RATE]
            self._all_time = read_history([*rated, *self._summed])
        return self._all_time

    def _drop_lists(self) -> None:
        """What is live now may have no lists any more: the next page need not ask for them."""
        builds = self._read.builds
        aliases = self._lists.aliases
        live = tuple([alias for alias in aliases if alias in builds and builds[alias].lists])
        if len(live) < len(aliases):
            hold_lists(self.tenant, self._lists._replace(aliases=live))

    def _read_page(self) -> PageRead:
        return read_page(
            tenant=self.tenant,
            identity=self._identity,
            before=self.before,
            marks=self._marks,
            lists=self._lists,
        )


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
