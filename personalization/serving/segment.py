"""What is popular among people like a visitor of whom nothing is known but what the shop says."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Final

from personalization.conf import settings
from personalization.engine.rules import Facts, matches, rules_within
from personalization.engine.types import IdentityKind, Reason, ReasonCode
from personalization.registry import get_vocabulary, segment_of
from personalization.store.host_facts import read_host_facts
from personalization.store.live_promotions import live_promotions
from personalization.store.shield import shielded
from personalization.store.visitor_facts import read_visitor_facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from personalization.engine.rules import Rule
    from personalization.serving.demand import Candidate, Demand

_REASON: Final = Reason(ReasonCode.POPULAR_SEGMENT)
_NOTHING: Final[Mapping[str, object]] = {}


def popular_in_segment(demand: Demand) -> Iterable[Candidate]:
    """The ranking of the first recommender that learns from a segment of the visitor's, as RECOMMENDERS declares them."""
    state = demand.state
    declared = {alias: name for alias in settings.recommenders if (name := segment_of(alias))}
    live = {alias: tables for alias in declared if (tables := state.tables(alias)) is not None}
    if state.identity is None or not live:
        return
    segments = live_promotions(
        state.tenant, vocabulary=get_vocabulary(), version=state.rules_version
    ).segments
    rules = {alias: segments[declared[alias]] for alias in live if declared[alias] in segments}
    facts = _facts(demand, rules.values(), segments)
    for alias, rule in rules.items():
        ranking = live[alias].ranking
        if ranking is not None and len(ranking.items) and matches(rule, facts, segments):
            depth = 2 * demand.limit + len(demand.blocked)
            keys = live[alias].vocabulary.keys(ranking.items[:depth])
            yield from zip(keys, ranking.scores[:depth].tolist(), repeat(_REASON), strict=False)
            return


def _facts(demand: Demand, rules: Iterable[Rule], segments: Mapping[str, Rule]) -> Facts:
    """What the rules read of the visitor: from the shop, and, of somebody whom our tables know, from them."""
    state, identity = demand.state, demand.state.identity
    names = frozenset[str]().union(*[one.facts for rule in rules for one in rules_within(rule, segments)])
    told = shielded(
        lambda: read_host_facts(demand.request, names, personal=True),
        what="reading the shop's facts for segments",
        otherwise=_NOTHING,
    )
    signed_in = identity is not None and identity.kind == IdentityKind.USER
    known = {"visitor.signed_in": signed_in, "visitor.holdout": False, **told}
    if state.person:
        known |= read_visitor_facts(identity, tenant=state.tenant, now=state.before, names=names)
    return Facts(known, state.before, settings.time_zone)
