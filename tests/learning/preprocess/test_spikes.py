import numpy as np

from personalization.engine.types import Kind
from personalization.learning.preprocess.spikes import BURST, SPIKE, without_bursts, without_spikes
from tests.learning.preprocess.rows import events, pairs

MINUTE = 1 / 1440


def looks(person, count, *, day=0.0, minutes=9.0, kind=Kind.VIEW, first=1000):
    """So many different items in so many minutes from the beginning of a day."""
    return [
        (person, first + number, kind, day + number * minutes * MINUTE / count) for number in range(count)
    ]


def left(step, *rows):
    done = events(*rows)
    kept, counts = step(done)
    assert sum(counts.values()) == len(done) - kept.sum()
    return pairs(done.take(kept)), counts


def test_what_no_person_can_look_at_is_left_out():
    rows = looks(1, SPIKE + 1)
    assert left(without_spikes, *rows, (2, 5, Kind.VIEW)) == ([(2, 5)], {"spikes": SPIKE + 1})


def test_a_busy_person_is_none():
    rows = [*looks(1, SPIKE), *looks(1, SPIKE, day=20 * MINUTE), *looks(2, 3 * SPIKE, minutes=60)]
    assert left(without_spikes, *rows)[1] == {"spikes": 0}


def test_the_rest_of_that_day_goes_and_other_days_stay():
    spike = looks(1, SPIKE + 1, day=3)
    rows = [
        (1, 7, Kind.VIEW, 3.5),
        (1, 8, Kind.CLICK, 2.9),
        (1, 9, Kind.CART_ADD, 4.1),
        (2, 7, Kind.VIEW, 3.5),
    ]
    remaining, counts = left(without_spikes, *spike, *rows)
    assert remaining == [(1, 8), (1, 9), (2, 7)]
    assert counts == {"spikes": SPIKE + 2}


def test_two_busy_days_of_two_people_are_not_one():
    rows = [*looks(1, SPIKE, day=0), *looks(2, SPIKE, day=0), *looks(1, SPIKE, day=1)]
    assert left(without_spikes, *rows)[1] == {"spikes": 0}


def test_what_was_bought_and_rated_stays_with_whoever_buys_it():
    order = [(1, item, Kind.PURCHASE) for item in range(3 * SPIKE)]
    assert left(without_spikes, *order)[1] == {"spikes": 0}
    rows = [*looks(1, SPIKE + 1), (1, 7, Kind.PURCHASE, 0.5), (1, 7, Kind.RATE, 0.6)]
    assert left(without_spikes, *rows)[0] == [(1, 7), (1, 7)]


def test_of_one_item_again_and_again_on_one_day_the_first_stays():
    reloads = [(1, 7, Kind.VIEW, 0.1 + number * MINUTE) for number in range(BURST)]
    bought = [(1, 7, Kind.PURCHASE, 0.9)]
    rest = [(1, 7, Kind.VIEW, 1.5), (1, 8, Kind.VIEW, 0.5), (2, 7, Kind.VIEW, 0.5)]
    done = events(*reloads[::-1], *bought, *rest)
    kept, counts = without_bursts(done)
    assert counts == {"bursts": BURST - 1}
    remaining = done.take(kept)
    assert pairs(remaining) == [(1, 7), (1, 7), (1, 7), (1, 8), (2, 7)]
    assert remaining.kind[1] == Kind.PURCHASE
    assert remaining.occurred_at[0] == done.occurred_at[:BURST].min()


def test_a_counter_that_sells_to_everybody_bought_it_once_that_day():
    sold = [(1, 7, Kind.PURCHASE, day + number * MINUTE) for day in (0, 1) for number in range(BURST + 1)]
    assert left(without_bursts, *sold) == ([(1, 7)] * 2, {"bursts": 2 * BURST})


def test_often_is_not_too_often():
    views = [(1, 7, Kind.VIEW, day + number * MINUTE) for day in (0, 1) for number in range(BURST)]
    assert left(without_bursts, *views)[1] == {"bursts": 0}


def test_a_wholesaler_is_an_ordinary_customer():
    """The largest of a year of real orders: 281 lines at one instant, an item in 12 orders of one day, 2,639 lines."""
    generator = np.random.default_rng(3)
    large = [(1, item, Kind.PURCHASE, 2.4) for item in range(281)]
    again = [(2, 7, Kind.PURCHASE, 1 + number / 24) for number in range(12)]
    many = [
        (3, item, Kind.PURCHASE, day)
        for item, day in zip(generator.integers(0, 900, 2639), generator.uniform(0, 212, 2639), strict=True)
    ]
    for step in (without_spikes, without_bursts):
        assert sum(left(step, *large, *again, *many)[1].values()) == 0


def test_nothing_is_no_spike():
    assert left(without_spikes) == ([], {"spikes": 0})
    assert left(without_bursts) == ([], {"bursts": 0})
