"""One instant, ready to be asked: sources that have learned, and the facts that features are made of."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from logging import getLogger
from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.engine.errors import InvalidInputError
from personalization.engine.two_stage.candidates import Candidates, find_candidates
from personalization.engine.two_stage.features import FeatureMaker
from personalization.engine.two_stage.item_facts import HORIZONS, recent_visitors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray

    from personalization.engine.recommenders.base import Recommender
    from personalization.engine.tables import Tables
    from personalization.engine.two_stage.features import Features
    from personalization.engine.two_stage.snapshot import Snapshot
    from personalization.engine.two_stage.sources import FittedSource, Source

    #: A lesson (`Source.lesson`) and what was learned.
    Learned: TypeAlias = tuple[tuple[Recommender, bool], Tables]

logger = getLogger("personalization")

#: Scores of all sources for a chunk of visitors, with the copies that choosing makes, may take this much.
_CHUNK_BYTES: Final = 96 << 20
_BYTES_PER_SCORE: Final = 4
#: Copies of the scores of one source while the best are chosen from them.
_COPIES: Final = 6
#: Visitors whose candidates are counted before it is said how many can be learned from.
_TRIED: Final = 100


class Pool:
    """Candidates and features of one snapshot.

    Parameters
    ----------
    sources : each learns from the snapshot; those about content only where there are titles, and none that this many
              items or pairs are too many for
    listed  : best sellers of each of the last 7, 14, 30 and 60 days that are candidates of everybody
    known   : what was learned from the snapshot before, or is `timeless`
    threads : how many sources learn at a time
    """

    def __init__(
        self,
        snapshot: Snapshot,
        sources: Sequence[Source],
        *,
        listed: int,
        known: Sequence[Learned] = (),
        threads: int = 1,
    ) -> None:
        self.snapshot = snapshot
        usable = _usable(sources, snapshot)
        self._learned = [*known, *_learn(usable, snapshot, known, threads)]
        self._sources = list(_asked(usable, snapshot, self._learned))
        self._maker = FeatureMaker(snapshot, [source.source.name for source in self._sources])
        self._listed = _best_sellers(snapshot, listed)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Those that have learned, in their order."""
        return tuple(source.source for source in self._sources)

    @property
    def timeless(self) -> list[Learned]:
        """What a pool of another instant need not learn again."""
        lessons = [source.lesson for source in self.sources if source.timeless]
        return [(lesson, tables) for lesson, tables in self._learned if lesson in lessons]

    def candidates(self, rows: NDArray[np.int64]) -> Iterator[Candidates]:
        """Of visitors who have a history, int64 rows ascending, some visitors at a time; new items and own ones."""
        of_visitor = _BYTES_PER_SCORE * max(self.snapshot.n_items, 1) * (len(self._sources) + _COPIES)
        size = max(1, _CHUNK_BYTES // of_visitor)
        for start in range(0, len(rows), size):
            yield find_candidates(
                self.snapshot, self._sources, rows[start : start + size], listed=self._listed
            )

    def width(self, rng: np.random.Generator) -> float:
        """How many new candidates a visitor has, on average of some that are drawn."""
        known = np.unique(self.snapshot.events.visitors).astype(np.int64)
        drawn = np.sort(rng.permutation(known)[:_TRIED])
        return sum(float((~part.own).sum()) for part in self.candidates(drawn)) / max(len(drawn), 1)

    def features(self, candidates: Candidates, *, repeats: bool) -> Features:
        """As `FeatureMaker.make`."""
        return self._maker.make(candidates, repeats=repeats)


def _usable(sources: Sequence[Source], snapshot: Snapshot) -> list[Source]:
    catalog = snapshot.events.catalog
    titled = catalog is not None and any(catalog.titles)
    return [source for source in sources if titled or not source.content]


def _asked(
    sources: Sequence[Source], snapshot: Snapshot, learned: Sequence[Learned]
) -> Iterator[FittedSource]:
    """The sources whose lesson is learned."""
    for source in sources:
        tables = _find(source, learned)
        if tables is not None:
            yield source.ask(tables, snapshot)


def _learn(
    sources: Sequence[Source], snapshot: Snapshot, known: Sequence[Learned], threads: int
) -> Iterator[Learned]:
    """The lessons that are not known, each once."""

    def learn(source: Source) -> Tables | None:
        try:
            return source.learn(snapshot)
        except InvalidInputError as error:
            if error.field != "memory_budget_mb":
                raise
            logger.info("the source %s is left out: %s", source.name, error.message)
            return None

    missing: list[Source] = []
    for source in sources:
        if _find(source, known) is None and source.lesson not in [one.lesson for one in missing]:
            missing.append(source)
    with ThreadPoolExecutor(threads) as workers:
        for source, tables in zip(missing, workers.map(learn, missing), strict=True):
            if tables is not None:
                yield source.lesson, tables


def _find(source: Source, learned: Sequence[Learned]) -> Tables | None:
    return next((tables for lesson, tables in learned if lesson == source.lesson), None)


def _best_sellers(snapshot: Snapshot, count: int) -> NDArray[np.int64]:
    chosen = np.zeros(snapshot.n_items, np.bool_)
    for days in HORIZONS:
        visitors = recent_visitors(snapshot, 0, days)
        best = np.lexsort((np.arange(len(visitors)), -visitors))[:count]
        chosen[best[visitors[best] > 0]] = True
    return np.flatnonzero(chosen)
