import numpy as np

from personalization.engine.types import Kind
from personalization.learning.preprocess.orders import order_numbers
from tests.learning.preprocess.rows import events


def bought(person, day, order=-1, kind=Kind.PURCHASE, item=10):
    return (person, item, kind, day, 1, 0, np.nan, order)


def numbers(*rows):
    return order_numbers(events(*rows)).tolist()


def test_orders_are_numbered_as_they_first_stand():
    assert numbers(bought(1, 1, 900), bought(2, 2, 5), bought(1, 3, 900), bought(1, 4, 5)) == [0, 1, 0, 2]


def test_without_a_key_what_was_bought_at_one_instant_is_an_order():
    assert numbers(bought(1, 1), bought(1, 1, item=11), bought(2, 1), bought(1, 2)) == [0, 0, 1, 2]


def test_an_instant_is_no_key():
    assert numbers(bought(1, 0, 0), bought(1, 0)) == [0, 1]


def test_only_purchases_are_of_an_order():
    assert numbers(bought(1, 1, 7), bought(1, 1, 7, kind=Kind.CART_ADD), bought(1, 2, 7)) == [0, -1, 0]
    assert numbers(bought(1, 1, kind=Kind.VIEW)) == [-1]
    assert numbers() == []


def test_which_numbers_stand_for_the_keys_does_not_matter():
    generator = np.random.default_rng(4)
    people, keys = generator.integers(0, 5, 80).tolist(), generator.integers(0, 9, 80)
    renamed = generator.permutation(9)[keys]
    one = numbers(*(bought(person, 0, key) for person, key in zip(people, keys.tolist(), strict=True)))
    other = numbers(*(bought(person, 0, key) for person, key in zip(people, renamed.tolist(), strict=True)))
    assert one == other
