import numpy as np
import pytest

from personalization.engine.types import Kind
from personalization.learning.preprocess import clean
from tests.learning.preprocess.rows import WEIGHTS, events, pairs, ratings

#: The names of the report beside the kinds without weight.
LEFT_OUT = ("flagged", "refunds", "cancelled", "duplicates", "disliked", "spikes", "bursts", "capped")


def cleaned(*rows, **options):
    return clean(events(*rows), weights=WEIGHTS, **options)


def test_bots_staff_and_prefetches_are_left_out():
    result = cleaned((1, 10, Kind.VIEW), (2, 10, Kind.VIEW, 0, 1, 1), (3, 10, Kind.VIEW, 0, 1, 4))
    assert pairs(result.events) == [(1, 10)]
    assert (result.report["read"], result.report["flagged"], result.report["kept"]) == (3, 2, 1)


def test_the_same_thing_at_the_same_time_counts_once():
    view = (1, 10, Kind.VIEW, 3)
    result = cleaned(
        view, (2, 10, Kind.VIEW, 3), view, (1, 10, Kind.VIEW, 4), (1, 10, Kind.PURCHASE, 3), view
    )
    assert result.report["duplicates"] == 2
    assert len(result.events) == 4


def test_what_was_sent_back_was_not_bought():
    result = cleaned(
        (1, 10, Kind.PURCHASE, 1, 2),
        (1, 10, Kind.REFUND, 2, 2),
        (1, 10, Kind.VIEW, 0),
        (1, 11, Kind.PURCHASE, 1, 3),
        (1, 11, Kind.REFUND, 2, 1),
        (2, 10, Kind.PURCHASE, 1, 2),
        (3, 10, Kind.REFUND, 1, 2),
    )
    assert (result.report["refunds"], result.report["cancelled"]) == (3, 1)
    assert sorted(pairs(result.events)) == [(1, 10), (1, 11), (2, 10)]
    assert result.events.kind.tolist().count(Kind.VIEW) == 1


def test_one_of_two_equal_lines_may_be_sent_back():
    line = (1, 10, Kind.PURCHASE, 1, 1)
    result = cleaned(line, line, (1, 10, Kind.REFUND, 2, 1))
    assert (pairs(result.events), result.report["cancelled"]) == ([(1, 10)], 0)


def test_a_negative_quantity_is_a_refund():
    result = cleaned((1, 10, Kind.PURCHASE, 1, 2), (1, 10, Kind.PURCHASE, 2, -2))
    assert (len(result.events), result.report["cancelled"]) == (0, 2)


def test_a_gift_of_quantity_zero_is_no_cancellation():
    assert len(cleaned((1, 10, Kind.PURCHASE, 1, 0)).events) == 1


def test_kinds_without_weight_are_counted_by_name():
    result = cleaned((1, 10, Kind.CART_ADD), (1, 10, Kind.HIDE), (1, 11, Kind.HIDE), (1, 11, 99))
    assert result.report["without_weight"] == {"cart_add": 1, "hide": 2, "99": 1}
    assert len(result.events) == 0


def test_nothing_is_cleaned_to_nothing():
    result = cleaned()
    assert (result.report["read"], result.report["kept"]) == (0, 0)


def test_every_row_is_accounted_for():
    generator = np.random.default_rng(5)
    bounds = ((1, 9), (1, 9), (1, 14), (0, 90), (1, 4), (0, 2))
    rows = np.column_stack([generator.integers(low, high, 2000) for low, high in bounds])
    said = ratings(*((person, item, (item % 3) / 2) for person in (1, 2, 3) for item in range(1, 9)))
    report = cleaned(*map(tuple, rows.tolist()), ratings=said, most_per_visitor=5).report
    without_weight = sum(report["without_weight"].values())
    parts = [report[name] for name in (*LEFT_OUT, "kept")]
    assert sum(parts) + without_weight == report["read"] == 2000
    assert (
        min(report[name] for name in (*LEFT_OUT, "kept") if name not in ("spikes", "bursts", "duplicates"))
        > 0
    )


def test_steps_follow_one_another():
    """Two lines of one order hold the item, one was sent back; the bot's and the unweighted use up no history."""
    line = (1, 10, Kind.PURCHASE, 1)
    result = cleaned(
        line,
        line,
        (1, 10, Kind.REFUND, 2),
        (1, 11, Kind.PURCHASE, 2),
        (1, 12, Kind.HIDE, 3),
        (1, 13, Kind.VIEW, 4, 1, 1),
        (1, 14, Kind.VIEW, 5),
        ratings=ratings((1, 14, 0.25)),
        most_per_visitor=2,
    )
    assert pairs(result.events) == [(1, 10), (1, 11)]


def test_a_cap_keeps_the_newest_of_each_visitor():
    rows = [(person, item, Kind.VIEW, item) for person in (1, 2) for item in (10, 11, 12)]
    result = cleaned(*rows, (3, 10, Kind.VIEW, 1), most_per_visitor=2)
    assert pairs(result.events) == [(3, 10), (1, 11), (2, 11), (1, 12), (2, 12)]
    assert (result.report["capped"], result.report["kept"]) == (2, 5)
    assert cleaned(*rows).report["capped"] == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_storing_does_not_matter(seed):
    generator = np.random.default_rng(seed)
    rows = np.column_stack([generator.integers(1, high, 300) for high in (9, 30, 3, 9)])
    one = clean(events(*map(tuple, rows.tolist())), weights=WEIGHTS).events
    other = clean(events(*map(tuple, generator.permutation(rows).tolist())), weights=WEIGHTS).events
    assert one.item.tolist() == other.item.tolist()
    assert one.occurred_at.tolist() == other.occurred_at.tolist()
