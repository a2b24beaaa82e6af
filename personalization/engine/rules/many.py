"""Evaluating a rule for many cases at once; the answers are those of `matches`, case by case."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from personalization.engine.rules.node import AllOf, AnyOf, Condition, Everyone, Not
from personalization.engine.rules.segments import with_segment_columns
from personalization.engine.rules.truth import Truth, conjoined_columns, disjoined_columns, negated_columns
from personalization.engine.rules.verdict import NO_SEGMENTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from personalization.engine.rules.facts import Columns
    from personalization.engine.rules.node import Node
    from personalization.engine.rules.rule import Rule


def evaluate_columns(
    rule: Rule, columns: Columns, segments: Mapping[str, Rule] = NO_SEGMENTS
) -> NDArray[np.int8]:
    """int8 (n,): 1 true, 0 false, -1 unknown, of every case.

    ``segments``: the rules of all segments, by name; those that are missing are unknown.
    Raises InvalidInputError naming ``columns`` when a column is of another type than its fact.
    """
    if rule.segments:
        columns = with_segment_columns(columns, rule.segments, segments, _decided_rule)
    return _decided(rule.root, columns)


def _decided_rule(rule: Rule, columns: Columns) -> NDArray[np.int8]:
    return _decided(rule.root, columns)


def _decided(node: Node, columns: Columns) -> NDArray[np.int8]:
    match node:
        case Condition():
            return node.kind.judge_columns(node, columns)
        case AllOf(nodes):
            return reduce(conjoined_columns, [_decided(child, columns) for child in nodes])
        case AnyOf(nodes):
            return reduce(disjoined_columns, [_decided(child, columns) for child in nodes])
        case Not(child):
            return negated_columns(_decided(child, columns))
        case Everyone():
            return np.full(columns.n, Truth.TRUE, np.int8)
