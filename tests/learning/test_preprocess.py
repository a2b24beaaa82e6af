import numpy as np
import pytest

from personalization.engine.types import Kind
from personalization.learning.preprocess import clean, prepare
from personalization.store.extract import EventArrays

DAY = 86_400_000_000
WEIGHTS = {Kind.VIEW: 1.0, Kind.PURCHASE: 5.0, Kind.CART_ADD: 0.0}


def events(*rows):
    """Rows of (person, item, kind, day, quantity, flags); what is left out is 0, 1, 0."""
    full = [(*row, *(0, 1, 0)[len(row) - 3 :]) for row in rows]
    person, item, kind, day, quantity, flags = zip(*full, strict=True) if full else [()] * 6
    return EventArrays(
        person=np.array(person, np.int64),
        item=np.array(item, np.int32),
        kind=np.array(kind, np.int16),
        flags=np.array(flags, np.int16),
        quantity=np.array(quantity, np.float64),
        occurred_at=np.array(day, np.int64) * DAY,
    )


def cleaned(*rows):
    return clean(events(*rows), weights=WEIGHTS)


def pairs(result):
    return list(zip(result.events.person.tolist(), result.events.item.tolist(), strict=True))


def test_bots_staff_and_prefetches_are_left_out():
    result = cleaned((1, 10, Kind.VIEW), (2, 10, Kind.VIEW, 0, 1, 1), (3, 10, Kind.VIEW, 0, 1, 4))
    assert pairs(result) == [(1, 10)]
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
    assert sorted(pairs(result)) == [(1, 10), (1, 11), (2, 10)]
    assert result.events.kind.tolist().count(Kind.VIEW) == 1


def test_one_of_two_equal_lines_may_be_sent_back():
    line = (1, 10, Kind.PURCHASE, 1, 1)
    result = cleaned(line, line, (1, 10, Kind.REFUND, 2, 1))
    assert (pairs(result), result.report["cancelled"]) == ([(1, 10)], 0)


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
    rows = np.column_stack([generator.integers(1, high, 2000) for high in (9, 9, 14, 3, 4, 2)])
    report = cleaned(*map(tuple, rows.tolist())).report
    without_weight = sum(report["without_weight"].values())
    parts = [report[name] for name in ("flagged", "refunds", "cancelled", "duplicates", "kept")]
    assert sum(parts) + without_weight == report["read"] == 2000


def by_id(ids):
    return sorted(ids)


def prepared(*rows, order=by_id, **options):
    return prepare(events(*rows), weights=WEIGHTS, order=order, **options)


def test_rows_are_numbered_by_key_and_by_person():
    result = prepared(
        (7, 10, Kind.VIEW, 1), (5, 20, Kind.PURCHASE, 2), order=lambda ids: sorted(ids, reverse=True)
    )
    learned = result.interactions
    assert (result.item_ids.tolist(), result.visitor_ids.tolist()) == ([20, 10], [5, 7])
    assert (learned.items.tolist(), learned.visitors.tolist()) == ([1, 0], [1, 0])
    assert learned.weights.tolist() == [1, 5]
    assert learned.times.tolist() == [DAY, 2 * DAY]
    assert (learned.n_items, learned.n_visitors) == (2, 2)


def test_nothing_can_be_prepared():
    result = prepared()
    assert (len(result.interactions), result.item_ids.tolist()) == (0, [])


def test_half_of_the_weight_is_lost_each_half_life():
    rows = [(1, 10, Kind.PURCHASE, day) for day in (0, 10, 20)]
    assert prepared(*rows, half_life_days=10).interactions.weights.tolist() == [1.25, 2.5, 5]
    as_of = prepared(*rows, half_life_days=10, as_of=30 * DAY).interactions
    assert as_of.weights.tolist() == [0.625, 1.25, 2.5]
    assert as_of.as_of == 30 * DAY


def test_what_is_very_old_still_happened():
    result = prepared((1, 10, Kind.VIEW, 0), (1, 11, Kind.VIEW, 10_000), half_life_days=1)
    assert result.interactions.weights.min() > 0


def test_a_cap_keeps_the_newest_of_each_visitor():
    rows = [(person, item, Kind.VIEW, item) for person in (1, 2) for item in (10, 11, 12)]
    result = prepared(*rows, (3, 10, Kind.VIEW, 1), most_per_visitor=2)
    assert result.interactions.visitors.tolist() == [0, 0, 1, 1, 2]
    assert result.item_ids[result.interactions.items].tolist() == [11, 12, 11, 12, 10]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_storing_does_not_matter(seed):
    generator = np.random.default_rng(seed)
    rows = np.column_stack([generator.integers(1, high, 300) for high in (9, 30, 3, 9)])
    one = clean(events(*map(tuple, rows.tolist())), weights=WEIGHTS).events
    other = clean(events(*map(tuple, generator.permutation(rows).tolist())), weights=WEIGHTS).events
    assert one.item.tolist() == other.item.tolist()
    assert one.occurred_at.tolist() == other.occurred_at.tolist()
