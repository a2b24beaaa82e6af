"""What every adapter has to hold."""

from __future__ import annotations

import math
import time
from contextlib import ExitStack
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.db import connections
from django.test.utils import CaptureQueriesContext

from personalization.adapters import Adapter, Page, get_adapter
from personalization.engine.ids import is_key
from personalization.engine.types import IdentityKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from personalization.engine.types import Card, ItemRecord, OrderLine, OrderRecord

#: Keys that come in addresses and from browsers, and are no product's and no order's.
ODD_KEYS: Final = (
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "x" * 300,
    "-1",
    "1e3",
    "9" * 400,
    "' OR 1=1--",
    "../x",
    "१",
    "None",
)
_LOOKED_AT: Final = 50
_DAY: Final = 86_400_000_000
_MOST_STATEMENTS: Final = 12


class AdapterContract:
    """Subclass it in a test of yours that may use the database, and fill the shop in `prepare`.

    >>> @pytest.mark.django_db
    ... class TestOurAdapter(AdapterContract):
    ...     def prepare(self):
    ...         make_product(); make_product(); make_order()
    """

    #: The class to test; default: the one that the settings name.
    adapter: ClassVar[type[Adapter] | None] = None

    def prepare(self) -> None:
        """Make at least two products that may be shown, and an order if the shop has orders."""

    def page(self) -> Page:
        """Where cards will be shown."""
        return Page()

    def door(self) -> Adapter:
        return get_adapter() if self.adapter is None else self.adapter()

    def test_products_have_keys_that_every_database_can_store(self) -> None:
        keys = [record.key for record in self._records()]
        assert all(map(is_key, keys)), [key for key in keys if not is_key(key)]
        assert len(keys) == len(set(keys)), "two products have one key"

    def test_products_have_titles_and_prices_that_are_numbers(self) -> None:
        for record in self._records():
            assert record.title, f"product {record.key} has no title"
            assert record.price == "" or _is_number(record.price), f"product {record.key}: {record.price!r}"
            assert len(record.currency) in {0, 3}, f"product {record.key}: {record.currency!r} is no currency"

    def test_products_are_found_by_their_keys(self) -> None:
        records = {record.key: record for record in self._records()}
        assert {record.key: record for record in self.door().find_items(records)} == records

    def test_a_key_is_its_own_key(self) -> None:
        door = self.door()
        assert [door.key_of(record.key) for record in self._records()] == [one.key for one in self._records()]

    def test_keys_of_nothing_find_nothing(self) -> None:
        self.prepare()
        door, page = self.door(), self.page()
        asked = set(ODD_KEYS)
        for found in (door.find_items(asked), door.cards(asked, page), door.eligible_keys(asked, page)):
            assert not found
        assert not door.canonical_keys(asked)
        for key in ODD_KEYS:
            assert door.find_order(key) is None

    def test_good_keys_are_found_among_odd_ones(self) -> None:
        keys = {record.key for record in self._records()}
        assert keys == {record.key for record in self.door().find_items([*ODD_KEYS, *keys])}

    def test_cards_are_of_what_was_asked_for(self) -> None:
        keys = {record.key for record in self._records()}
        cards = self.door().cards(keys, self.page())
        assert cards.keys() <= keys
        for key, card in cards.items():
            assert card.key == key
            assert card.title, f"the card of {key} has no title"
            assert card.price == "" or _is_number(card.price), f"the card of {key}: {card.price!r}"

    def test_what_rules_read_is_of_its_type(self) -> None:
        records = self._records()
        cards = self.door().cards([record.key for record in records], self.page()).values()
        told_by: list[ItemRecord | Card] = [*records, *cards]
        for one in told_by:
            assert isinstance(one.brand, str), f"{one.key}: the brand {one.brand!r} is no text"
            assert one.tags is None or _are_texts(one.tags), f"{one.key}: the tags {one.tags!r} are no texts"
            told = (*one.attributes.keys(), *one.attributes.values())
            assert _are_texts(told), f"{one.key}: the attributes {dict(one.attributes)!r} are no texts"
            assert one.listed_at is None or type(one.listed_at) is int, (
                f"{one.key}: listed_at is an instant in UTC microseconds, not {one.listed_at!r}"
            )
        for card in cards:
            assert _is_stock(card.stock), f"the card of {card.key}: {card.stock!r} in stock"

    def test_pictures_are_described_by_equally_many_numbers(self) -> None:
        told = {one.key: one.picture_descriptor for one in self._records() if one.picture_descriptor}
        for key, numbers in told.items():
            assert all(map(math.isfinite, numbers)), f"product {key}: {numbers!r}"
        assert len(set(map(len, told.values()))) <= 1, "only descriptors of one length can be compared"

    def test_more_cards_cost_no_more_statements(self) -> None:
        keys = [record.key for record in self._records()]
        door, page = self.door(), self.page()
        one, all_ = (_statements(lambda some=some: door.cards(some, page)) for some in (keys[:1], keys))  # type: ignore[misc]
        assert all_ <= one, f"{one} statements for one card, {all_} for {len(keys)}"

    def test_eligibility_takes_one_statement_and_agrees_with_the_cards(self) -> None:
        keys = [record.key for record in self._records()]
        door, page = self.door(), self.page()
        assert _statements(lambda: door.eligible_keys(keys, page)) <= max(
            1, _statements(lambda: door.cards(keys, page))
        )
        assert door.eligible_keys(keys, page) == {
            key for key, card in door.cards(keys, page).items() if card.eligible
        }

    def test_something_may_be_shown(self) -> None:
        keys = [record.key for record in self._records()]
        assert self.door().eligible_keys(keys, self.page()), "no product may be shown on this page"

    def test_the_newest_are_few_and_may_be_shown(self) -> None:
        self._records()
        door, page = self.door(), self.page()
        newest = door.newest_keys(3, page)
        assert 0 < len(newest) <= 3
        assert len(set(newest)) == len(newest)
        assert set(newest) == door.eligible_keys(newest, page)
        assert door.newest_keys(1, page) == newest[:1]

    def test_variants_lead_to_products_that_stand_for_themselves(self) -> None:
        door, keys = self.door(), [record.key for record in self._records()]
        assert not door.canonical_keys(keys), "iter_items tells of variants as if they were recommended"
        lines = {line.item for order in self._orders() for line in order.lines}
        parents = set(door.canonical_keys(lines).values())
        assert not door.canonical_keys(parents), "a variant leads to another variant"
        assert parents == {record.key for record in door.find_items(parents)}

    def test_orders_are_found_by_their_keys(self) -> None:
        for order in self._orders():
            assert is_key(order.key)
            assert self.door().order_key(order.key) == order.key
            assert self.door().find_order(order.key) == order, f"order {order.key} is read in two ways"

    def test_orders_come_again_from_the_instant_they_were_placed(self) -> None:
        door = self.door()
        for order in self._orders():
            told = {one.key for one in door.iter_orders(order.placed_at)}
            assert order.key in told, f"iter_orders({order.placed_at}) leaves out order {order.key}"

    def test_orders_say_when_and_whose(self) -> None:
        latest = time.time_ns() // 1000 + _DAY
        for order in self._orders():
            assert type(order.placed_at) is int, "placed_at is an instant in UTC microseconds"
            assert 0 < order.placed_at < latest, f"order {order.key} was placed at {order.placed_at}"
            if order.identity is not None:
                assert is_key(order.identity.key)
                assert order.identity.kind in {IdentityKind.USER, IdentityKind.EMAIL}
            assert len(order.currency) in {0, 3}, f"order {order.key}: {order.currency!r} is no currency"

    def test_lines_are_of_known_products(self) -> None:
        door = self.door()
        for order in self._orders():
            lines = [*order.lines, *order.refunds]
            items = {line.item for line in lines}
            variants = door.canonical_keys(items)
            wanted = {variants.get(item, item) for item in items}
            assert {record.key for record in door.find_items(wanted)} == wanted
            assert all(map(_is_line, lines)), f"order {order.key}: {lines}"
            keys = [line.key for line in order.lines if line.key]
            assert len(keys) == len(set(keys)), f"two lines of order {order.key} have one key"

    def test_orders_come_by_the_chunk(self) -> None:
        self.prepare()
        used = _statements(lambda: list(islice(self.door().iter_orders(0), _LOOKED_AT)))
        assert used <= _MOST_STATEMENTS, f"{used} statements for a few orders"

    def test_nothing_was_ordered_in_the_future(self) -> None:
        self.prepare()
        assert not list(self.door().iter_orders(time.time_ns() // 1000 + _DAY))

    def _records(self) -> list[ItemRecord]:
        if not (records := list(islice(self.door().iter_items(), _LOOKED_AT))):
            self.prepare()
            records = list(islice(self.door().iter_items(), _LOOKED_AT))
        assert len(records) > 1, "prepare() made fewer than two products"
        return records

    def _orders(self) -> list[OrderRecord]:
        self._records()
        return list(islice(self.door().iter_orders(0), _LOOKED_AT))


def _is_line(line: OrderLine) -> bool:
    return (
        is_key(line.item)
        and _is_number(line.quantity)
        and (line.unit_price == "" or _is_number(line.unit_price))
    )


def _are_texts(texts: Any) -> bool:
    return not isinstance(texts, str) and all(isinstance(text, str) for text in texts)


def _is_stock(stock: Any) -> bool:
    if isinstance(stock, bool) or not isinstance(stock, int | Decimal | None):
        return False
    return stock is None or Decimal(stock).is_finite()


def _is_number(text: Any) -> bool:
    try:
        return isinstance(text, str) and Decimal(text).is_finite() and Decimal(text) >= 0
    except InvalidOperation:
        return False


def _statements(work: Callable[[], object]) -> int:
    """How many statements some work costs, on all databases together."""
    with ExitStack() as stack:
        captured = [stack.enter_context(CaptureQueriesContext(one)) for one in connections.all()]
        work()
    return sum(map(len, captured))
