"""Who matches a rule: the facts of everybody as columns, and the people among them for whom the rule holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from personalization.conf import settings
from personalization.engine.rules import Columns, Numbers, Orders, asked_texts, evaluate_columns, rules_within
from personalization.store.audience_rows import read_items, read_lines, read_views, read_visitors
from personalization.store.fact_names import FIRST_SEEN, LAST_SEEN, ORDERS, Needs
from personalization.store.host_facts import read_host_columns
from personalization.store.item_texts import ItemTexts, bounds
from personalization.store.net_orders import Lines, net_lines

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from personalization.engine.rules import Rule
    from personalization.engine.rules.facts import Column
    from personalization.store.audience_rows import Visitors
    from personalization.store.item_texts import Deeds, ItemTexts, bounds
from personalization.store.net_orders import Net


@dataclass(frozen=True, slots=True, eq=False)
class VisitorColumns:
    """``people``: int64 (n,), the visitors that stand for persons, ascending; ``columns``: their facts."""

    people: NDArray[np.int64]
    columns: Columns


@dataclass(frozen=True, slots=True)
class Audience:
    """How many people a rule holds for, how many it is unknown for, and how many there are; ``sample``: the visitors
    that stand for some of the matching, newest first."""

    matching: int
    unknown: int
    total: int
    sample: tuple[int, ...]


def find_audience(
    rule: Rule, *, tenant: str, now: int, sample: int = 10, segments: Mapping[str, Rule]
) -> Audience:
    """Evaluate a rule for everybody at ``now``. What our tables do not say of people (their country, whether they are
    signed in or held out, their cart, the page) is unknown, unless the adapter says it of its users (`facts_of`)."""
    people, truth = _everybody(rule, segments, tenant=tenant, now=now)
    matching = people[truth == 1]
    return Audience(
        matching=len(matching),
        unknown=int((truth == -1).sum()),
        total=len(people),
        sample=tuple(matching[::-1][:sample].tolist()),
    )


def find_members(rule: Rule, *, tenant: str, now: int, segments: Mapping[str, Rule]) -> NDArray[np.int64]:
    """int64 (n,), ascending: the visitors that stand for the persons for whom a rule holds at ``now``."""
    people, truth = _everybody(rule, segments, tenant=tenant, now=now)
    members: NDArray[np.int64] = people[truth == 1]
    return members


def _everybody(
    rule: Rule, segments: Mapping[str, Rule], *, tenant: str, now: int
) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    asked = asked_texts(rules_within(rule, segments))
    everybody = visitor_columns(asked, tenant=tenant, now=now)
    return everybody.people, evaluate_columns(rule, everybody.columns, segments)


def visitor_columns(asked: Mapping[str, Collection[str] | None], *, tenant: str, now: int) -> VisitorColumns:
    """Those facts among ``asked`` that are read from our tables, of everybody who may be known, as they were at
    ``now``; each person's are what `read_visitor_facts` says of it. Of a fact that names texts, entries with others
    may be missing."""
    needs = Needs.of(asked)
    visitors = read_visitors(tenant=tenant, now=now, first=FIRST_SEEN in asked, last=LAST_SEEN in asked)
    columns = read_host_columns(visitors, asked.keys(), tenant=tenant)
    columns |= _seen(visitors) if needs.seen else {}
    texts = {column: ItemTexts(column, read_items(column, tenant=tenant)) for column in needs.columns}
    n = len(visitors.people)
    if needs.lines:
        items = None if needs.orders else _items(needs.bought, texts, asked)
        net, currencies = _net(visitors, items, tenant, now)
        columns[ORDERS] = _orders(net, currencies, n)
        bought = net.item_person, net.item, net.item_at
        columns |= {name: texts[column].moments(bought, n) for name, column in needs.bought}
    if needs.viewed:
        viewed = _views(visitors, _items(needs.viewed, texts, asked), tenant, now)
        columns |= {name: texts[column].moments(viewed, n) for name, column in needs.viewed}
    wanted = {name: column for name, column in columns.items() if name in asked}
    return VisitorColumns(visitors.people, Columns(n, wanted, now, settings.time_zone))


def _items(
    facts: Collection[tuple[str, str]],
    texts: Mapping[str, ItemTexts],
    asked: Mapping[str, Collection[str] | None],
) -> NDArray[np.int64] | None:
    """The items that make a difference in some facts, which are told with the columns that they read; None: all do."""
    found = [np.empty(0, np.int64)]
    for name, column in facts:
        wanted = asked[name]
        if wanted is None:
            return None
        found.append(texts[column].items(wanted))
    return np.unique(np.concatenate(found))


def _seen(visitors: Visitors) -> dict[str, Column]:
    n = len(visitors.people)
    known = np.ones(n, bool)
    earliest = np.where(visitors.first > 0, np.minimum(visitors.first, visitors.made), visitors.made)
    first, last, made = np.full(n, np.iinfo(np.int64).max), np.zeros(n, np.int64), np.zeros(n, np.int64)
    np.minimum.at(first, visitors.rows, earliest)
    np.maximum.at(last, visitors.rows, visitors.last)
    np.maximum.at(made, visitors.rows, visitors.made)
    return {FIRST_SEEN: Numbers(first, known), LAST_SEEN: Numbers(np.where(last > 0, last, made), known)}


def _net(
    visitors: Visitors, items: NDArray[np.int64] | None, tenant: str, now: int
) -> tuple[Net, tuple[str, ...]]:
    """What everybody's orders come to, with the currencies by their numbers."""
    columns = read_lines(items, tenant=tenant, now=now)
    place = visitors.place(columns["visitor"])
    currencies: dict[str, int] = {}
    lines = Lines.of({**columns, "person": place}, currencies)
    return net_lines(lines.take(place >= 0)), tuple(currencies)


def _orders(net: Net, currencies: tuple[str, ...], n: int) -> Orders:
    return Orders(
        bounds(net.person, n),
        net.at,
        net.amount,
        net.currency.astype(np.int32),
        currencies,
        np.ones(n, bool),
    )


def _views(visitors: Visitors, items: NDArray[np.int64] | None, tenant: str, now: int) -> Deeds:
    who, what, at = read_views(items, tenant=tenant, now=now)
    place = visitors.place(who)
    met = place >= 0
    return place[met], what[met], at[met]
