"""What the people of one segment did, for recommenders that learn from them alone."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from personalization.registry import get_vocabulary
from personalization.store.audience import find_members
from personalization.store.live_promotions import live_promotions

if TYPE_CHECKING:
    from personalization.learning.preprocess import Prepared

logger = logging.getLogger(__name__)

#: What fewer people of a segment did is not learned from: it would tell what somebody bought.
FEWEST: Final = 20


def in_segment(prepared: Prepared, name: str, *, tenant: str, now: int) -> Prepared:
    """The interactions of those who belong to an active segment at ``now``, in the same vocabularies; none where there is no
    such segment, or fewer than FEWEST of them did anything."""
    segments = live_promotions(tenant, vocabulary=get_vocabulary()).segments
    rule = segments.get(name)
    if rule is None:
        people = np.empty(0, np.int64)
        logger.warning("there is no active segment %r whose rule can be read: nobody belongs to it", name)
    else:
        people = find_members(rule, tenant=tenant, now=now, segments=segments)
    learned = prepared.interactions
    kept = np.isin(prepared.visitor_ids, people)[learned.visitors]
    if len(np.unique(learned.visitors[kept])) < FEWEST:
        kept[:] = False
    return replace(prepared, interactions=learned.take(kept))
