from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalization.store.net_orders import Lines, net_lines

EUR, JPY, UNKNOWN = 0, 1, -1
ONE = 1_000


def line(item=1, pieces=1.0, price=100_000, *, person=0, order=1, currency=EUR, at=10):
    return person, order, item, round(pieces * ONE), price, currency, at


def back(item=1, pieces=1.0, price=100_000, *, at=20, **values):
    return line(item, -pieces, price, at=at, **values)


def net(*lines):
    columns = np.array(lines, np.int64).reshape(-1, 7).T
    return net_lines(Lines(*columns))


def orders(*lines):
    found = net(*lines)
    return list(zip(found.at.tolist(), found.amount.tolist(), found.currency.tolist(), strict=True))


def items(*lines):
    found = net(*lines)
    return dict(zip(found.item.tolist(), found.item_at.tolist(), strict=True))


def test_nothing_comes_to_nothing():
    assert orders() == [] and items() == {}


def test_lines_add_up():
    assert orders(line(1, 2), line(2, 0.5, 33_333)) == [(10, 216_667, EUR)]
    assert items(line(1, 2), line(2, 0.5)) == {1: 10, 2: 10}


def test_an_order_begins_with_its_first_line_and_stands_behind_earlier_ones():
    assert orders(line(at=30), line(2, at=10), line(order=2, at=20)) == [
        (10, 200_000, EUR),
        (20, 100_000, EUR),
    ]


def test_a_part_that_was_given_back_is_taken_off():
    assert orders(line(pieces=3), back(pieces=1)) == [(10, 200_000, EUR)]
    assert items(line(pieces=3), back(pieces=1)) == {1: 10}


def test_what_was_given_back_whole_is_gone_with_its_order():
    assert orders(line(), back()) == []
    assert items(line(), back()) == {}
    assert orders(line(), line(2), back()) == [(10, 100_000, EUR)]


def test_an_order_that_was_given_back_leaves_another_of_the_same_item():
    assert orders(line(), line(order=2, at=15), back(order=2)) == [(10, 100_000, EUR)]
    assert items(line(), line(order=2, at=15), back(order=2)) == {1: 10}


def test_more_than_was_bought_is_given_back_once():
    assert orders(line(), back(pieces=5), line(order=2)) == [(10, 100_000, EUR)]


def test_a_refund_is_worth_what_it_says_or_else_what_was_paid():
    assert orders(line(pieces=2), back(price=40_000)) == [(10, 160_000, EUR)]
    assert orders(line(pieces=3, price=33_333), back(price=UNKNOWN)) == [(10, 66_666, EUR)]
    assert orders(line(pieces=2), back(price=900_000)) == [(10, 0, EUR)]


def test_a_refund_of_no_known_order_is_taken_from_the_newest_purchase_before_it():
    lines = line(at=5), line(order=2, at=10), line(order=3, at=30)
    assert orders(*lines, back(order=9)) == [(5, 100_000, EUR), (30, 100_000, EUR)]
    assert orders(*lines, back(order=9, pieces=1.5)) == [(5, 50_000, EUR), (30, 100_000, EUR)]
    assert orders(*lines, back(order=9, at=4)) == orders(*lines)
    assert orders(*lines, back(order=9, person=7)) == orders(*lines)
    assert orders(*lines, back(2, order=9)) == orders(*lines)


@pytest.mark.parametrize(
    "odd", [{"price": UNKNOWN}, {"currency": UNKNOWN}, {"currency": JPY}, {"price": 10**15, "pieces": 2e3}]
)
def test_an_amount_that_cannot_be_told_is_unknown(odd):
    assert orders(line(), line(2, **odd)) == [(10, 0, UNKNOWN)]
    assert items(line(), line(2, **odd)) == {1: 10, 2: 10}


def test_what_was_given_back_does_not_make_the_rest_unknown():
    assert orders(line(), line(2, price=UNKNOWN), back(2, price=UNKNOWN)) == [(10, 100_000, EUR)]


def test_the_dearest_lines_are_exact():
    assert orders(line(price=10**15 - 1), line(2, price=10**15 - 1)) == [(10, 2 * 10**15 - 2, EUR)]


LINES = st.lists(
    st.builds(
        line,
        st.integers(1, 3),
        st.sampled_from([1, 1, 2, 0.333, -1, -0.5, -2]),
        st.sampled_from([-1, 0, 1, 33_333, 100_000]),
        person=st.just(0),
        order=st.integers(1, 3),
        currency=st.sampled_from([EUR, EUR, JPY, UNKNOWN]),
        at=st.integers(1, 9),
    ),
    max_size=12,
)


@given(LINES, LINES)
def test_it_is_what_one_line_after_the_other_comes_to(ours, theirs):
    theirs = [(1, order + 3, *rest) for _, order, *rest in theirs]
    found = net(*ours, *theirs)
    for person, lines in enumerate((ours, theirs)):
        mine, kept = found.person == person, found.item_person == person
        told = zip(
            found.at[mine].tolist(), found.amount[mine].tolist(), found.currency[mine].tolist(), strict=True
        )
        bought = zip(found.item[kept].tolist(), found.item_at[kept].tolist(), strict=True)
        assert (list(told), sorted(bought)) == one_by_one(lines)


def one_by_one(lines):
    """The same as plain Python says it."""
    bought = defaultdict(list)
    for _, order, item, pieces, price, currency, at in lines:
        if pieces > 0:
            bought[order, item].append((pieces, price, currency, at))
    left = {key: sum(pieces for pieces, *_ in rows) for key, rows in bought.items()}
    worth = {
        key: sum((pieces * price + 500) // ONE for pieces, price, *_ in rows if price >= 0)
        for key, rows in bought.items()
    }
    last = {key: max(at for *_, at in rows) for key, rows in bought.items()}
    stray = []
    for _, order, item, pieces, price, _, at in lines:
        if pieces < 0 and (order, item) in bought and price >= 0:
            left[order, item] += pieces
            worth[order, item] -= (-pieces * price + 500) // ONE
        elif pieces < 0:
            stray.append((at, order, item, -pieces))
    for at, order, item, pieces in sorted(stray, key=lambda one: one[:3]):
        own = [(order, item)] if (order, item) in bought else []
        earlier = sorted(
            (key for key in bought if key[1] == item and last[key] <= at), key=lambda k: (-last[k], k)
        )
        wanted = pieces
        for key in own or earlier:
            taken = min(wanted, left[key])
            if taken > 0:
                worth[key] -= (2 * worth[key] * taken + left[key]) // (2 * left[key])
                left[key] -= taken
                wanted -= taken
    kept = [key for key in bought if left[key] > 0]
    told = []
    for order in {order for order, _ in kept}:
        mine = [key for key in kept if key[0] == order]
        currencies = {
            currency if price >= 0 else UNKNOWN for key in mine for _, price, currency, _ in bought[key]
        }
        known = len(currencies) == 1 and UNKNOWN not in currencies
        amount = sum(max(0, worth[key]) for key in mine) if known else 0
        first = min(at for key, rows in bought.items() if key[0] == order for *_, at in rows)
        told.append((first, amount, *currencies) if known else (first, 0, UNKNOWN))
    return sorted(told, key=lambda one: (one[0], one[1], one[2])), sorted((key[1], last[key]) for key in kept)
