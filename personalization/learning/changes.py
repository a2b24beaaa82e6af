"""What has changed since the live build, for recommenders whose tables can be updated row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from personalization import __version__
from personalization.conf import settings
from personalization.engine.digest import digest_of
from personalization.store.builds import Prints
from personalization.store.earlier_builds import read_neighbors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from personalization.engine.kernels.item_update import UpdatedRows
    from personalization.engine.recommenders.base import Recommender
    from personalization.learning.preprocess import Prepared
    from personalization.store.earlier_builds import EarlierBuild


def print_all(recommender: Recommender, prepared: Prepared) -> Prints:
    """What the recommender learns from; each item's own part, too, where it can be updated by that."""
    lists = settings.VISITOR_ITEMS, settings.VISITOR_DAYS
    learned = digest_of(__version__, lists, prepared.interactions, prepared.item_ids, prepared.visitor_ids)
    columns = getattr(recommender, "column_prints", None)
    if columns is None:
        return Prints(learned)
    return Prints(learned, columns(prepared.interactions, prepared.visitor_ids))


def find_changed(
    live: EarlierBuild, recommender: Any, prepared: Prepared, prints: Prints
) -> UpdatedRows | None:
    """The rows that differ from those of the live build; None where all has to be learned again: the recommender
    cannot be updated, most rows changed, or items that stayed are in another order."""
    before, now = live.prints.columns, prints.columns
    if before is None or now is None:
        return None
    places = live.places(prepared.item_ids)
    stayed = places >= 0
    if (np.diff(places[stayed]) < 0).any():
        return None
    touched: NDArray[np.bool_] = np.ones(len(now), np.bool_)
    touched[places[stayed]] = before[stayed] != now[places[stayed]]
    earlier = read_neighbors(live, places, len(now))
    rows: UpdatedRows | None = recommender.update(prepared.interactions, touched, earlier)
    return rows
