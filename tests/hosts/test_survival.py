"""Never a broken order. Whatever goes wrong in code of ours, the page is answered and the order is whole; or the host's
own transaction was lost, and then the shopper is told so: a 500, and no half order."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, connections
from django.http import HttpResponse
from django.test import Client, RequestFactory

from personalization.adapters import get_adapter
from personalization.identity.cookie import new_key, write_cookie
from personalization.models import Event
from tests.hosts import entry_points, failures
from tests.hosts.entry_points import ENTRY_POINTS, NOTHING, THANKS
from tests.hosts.seen import BLOCKS, places
from tests.hosts.told import post_event
from tests.promotions.shop import promotion
from tests.served import Shop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hosts.failures import Failure
    from tests.hosts.keepers.base import Keeper

#: What asks for facts of the visitor.
RETURNING = '{"kind":"visitor.returning","op":"yes"}'

pytestmark = pytest.mark.django_db(transaction=True)


def known_browser() -> dict[str, str]:
    """The cookie of a browser that was here before."""
    response = HttpResponse()
    write_cookie(response, RequestFactory().get("/"), new_key())
    return {name: morsel.value for name, morsel in response.cookies.items()}


@dataclass
class World:
    """A shop with a past, and somebody who is about to order two things."""

    host: Keeper
    customer: Any
    products: list[Any]
    atomic: bool
    known: int = 0  #: how many orders were there at the end of the last visit

    def visit(self, name: str, *, when: str = "middle") -> str:
        """Run an errand. What became of it: ``ordered``, ``refused``, or what must never be."""
        browser = Client(raise_request_exception=False)
        browser.cookies.load({"cookies_ok": "yes", **known_browser()})
        if name != "login":
            browser.force_login(self.customer)
        if name == "tag_cart_offers":
            self.host.put(browser, self.products[0])
        query = {"customer": self.customer.pk, "product": [one.pk for one in self.products[:2]]}
        query["when"] = when
        response = browser.get(f"/errand/{name}/", query)
        new = self.host.orders(after=self.known)
        self.known += len(new)
        lines = [len(order) for order in new]
        if response.status_code == 200 and response.content.decode() == THANKS and lines == [2]:
            return "ordered"
        if response.status_code == 500 and lines == []:
            return "refused"
        return f"status {response.status_code} with orders of {lines} lines"


@pytest.fixture(params=[True, False], ids=["atomic", "autocommit"])
def world(
    request: pytest.FixtureRequest, host: Keeper, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", request.param)
    signals = {**get_adapter().order_signals, "tests.hosts.entry_points.order_told": "order"}
    monkeypatch.setattr(type(get_adapter()), "order_signals", signals)
    settings.ROOT_URLCONF = "tests.hosts.entry_points"
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "MAP_BUILDS": False}
    products = [host.product(f"thing {n}") for n in range(6)]
    keys = [host.key(one) for one in products]
    past = Shop(keys)
    past.publish("popularity-recent", keys=keys, ranking=keys)
    past.publish("item-cosine", keys=keys, neighbors={keys[0]: {keys[3]: 0.5}})
    promotion(rule=RETURNING, limit_total=5, limit_person=1)
    with failures.scratch():
        yield World(host, host.person("ann"), products, atomic=request.param)


def possible(world: World, name: str) -> Iterator[Failure]:
    """Everything that can fail at an entry point: every adapter method that it calls and every statement of ours that
    it runs, found by looking. What is done with every order fails where nothing else is done."""
    usual = looked_at(world, NOTHING)
    seen = usual if name == NOTHING else looked_at(world, name).without(usual)
    yield failures.TablesGone()
    yield failures.CacheDead()
    for method in sorted(seen.methods):
        for behave in failures.BUGS if connection.vendor == "sqlite" else failures.BUGS_ON_SERVERS:
            yield failures.AdapterFails(method, behave)
    for number in [0, *seen.statements]:
        yield failures.StatementFails(number, failures.is_refused)
    if connection.vendor != "sqlite":
        for way in failures.SERVERS_WAYS:
            for number in sorted({*seen.statements[:1], *seen.statements[-1:]}):
                yield failures.StatementFails(number, way)


@dataclass
class Look:
    """What an errand does when all is well: methods of the adapter, and statements of ours by their numbers. ``work``:
    how many of both there were when the work of the entry point began, and when it ended."""

    calls: list[str]
    texts: list[str]
    work: list[tuple[int, int]]

    @property
    def methods(self) -> set[str]:
        return set(self.calls)

    @property
    def statements(self) -> list[int]:
        return list(range(1, len(self.texts) + 1))

    def without(self, usual: Look) -> Rest:
        """What the entry point itself does, in the middle of the order or after it."""
        (first_call, first), (last_call, last) = self.work
        later = Counter(usual.texts[usual.work[1][1] :])
        numbers = list(range(first + 1, last + 1))
        for number, text in enumerate(self.texts[last:], last + 1):
            if not later[text]:
                numbers.append(number)
            later[text] = max(0, later[text] - 1)
        return Rest((self.methods - usual.methods) | set(self.calls[first_call:last_call]), numbers)


@dataclass
class Rest:
    methods: set[str]
    statements: list[int]


def looked_at(world: World, name: str) -> Look:
    look = Look([], [], [])
    adapter = type(get_adapter())
    with pytest.MonkeyPatch.context() as patch, failures.statements_of_ours() as look.texts:
        for method in failures.ADAPTER_METHODS:
            patch.setattr(adapter, method, noted(getattr(adapter, method), method, look.calls))
        patch.setattr(
            entry_points, "watchers", [lambda: look.work.append((len(look.calls), len(look.texts)))]
        )
        assert world.visit(name) == "ordered"
    return look


def noted(method: Any, name: str, calls: list[str]) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        calls.append(name)
        return method(*args, **kwargs)

    return call


@pytest.mark.parametrize("name", [*ENTRY_POINTS, "aslot"])
def test_an_order_survives_whatever_fails_at(
    world: World, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """One test per entry point; every way to fail is tried, and told by name when it is not survived."""
    lost, silent, tried = {}, [], 0
    for failure in possible(world, name):
        losing = may_be_refused(world, name, failure)
        for when in ("middle", "end") if losing else ("middle",):
            caplog.clear()
            with failure:
                outcome = world.visit(name, when=when)
            if outcome != "ordered" and not (outcome == "refused" and losing):
                lost[f"{failure.name} ({when})"] = outcome
        tried += failure.hits > 0
        if failure.hits and failure.name.endswith(PLAIN_BUGS) and not caplog.records:
            silent.append(failure.name)
    assert lost == {}
    assert silent == []  # what failed stands in the log
    assert tried or name in HARMLESS
    assert world.visit(name) == "ordered"  # and nothing stays broken


@pytest.mark.parametrize("name", sorted(ENTRY_POINTS.keys() - {"login"}))  # which writes itself
def test_a_page_of_a_host_that_took_all_back_is_answered(world: World, name: str) -> None:
    """The transaction that cannot be used any more is not lost by us, and its page is no error."""
    if world.atomic:
        assert world.visit(name, when="undone") == "status 200 with orders of [] lines"


#: What asks nobody and reads nothing; an order does neither in a host that has no signals of orders.
HARMLESS = {NOTHING, "tag_lazy", "tag_script"}
#: What is no answer of any kind.
PLAIN_BUGS = ("raises", "asks_wrongly", "is_refused", "tables gone")


def may_be_refused(world: World, name: str, failure: Failure) -> bool:
    """Only where the host's transaction itself was lost: with its connection, or to a deadlock on MariaDB, which
    leaves nothing to go back to. Views of event loops have no transaction."""
    losing = [
        "hangs_up",
        "closes_the_connection",
        *(["is_the_victim"] if connection.vendor == "mysql" else []),
    ]
    return world.atomic and name != "aslot" and failure.name.endswith(tuple(losing))


# The host's own pages, and ours.


def everything_breaks() -> dict[str, list[Failure]]:
    every_method = [failures.AdapterFails(one, failures.asks_wrongly) for one in failures.ADAPTER_METHODS]
    return {
        "tables gone": [failures.TablesGone()],
        "cache dead": [failures.CacheDead()],
        "adapter broken": every_method,
        "statements refused": [failures.StatementFails(0, failures.is_refused)],
    }


@pytest.fixture(params=sorted(everything_breaks()))
def broken(request: pytest.FixtureRequest) -> list[Failure]:
    return everything_breaks()[request.param]


def test_a_day_in_the_shop_when_nothing_of_ours_works(world: World, broken: list[Failure]) -> None:
    """Look around, sign in, order, pay, be thanked, sign out: through the host's own pages."""
    host, first, second = world.host, *world.products[:2]
    with ExitStack() as stack:
        for failure in broken:
            stack.enter_context(failure)
        browser = host.browser()
        host.log_in(browser, "ann")
        for name, address in host.pages(first).items():
            page = browser.get(address)
            assert page.status_code == 200, name
        host.order(browser, first, second, name="ann")
        assert host.thanks(browser).status_code == 200
        host.cancel()
        assert host.log_out(browser).status_code == 302
    assert [len(order) for order in host.orders()] == [2]


def test_our_own_addresses_say_that_they_cannot_answer(world: World, broken: list[Failure]) -> None:
    """Events are acknowledged only when they are stored; what the script asks for is answered or put off."""
    browser = world.host.browser()
    browser.raise_request_exception = False
    item = world.host.key(world.products[0])
    lazy = places(browser.get(world.host.pages(world.products[0])["home"]))
    with ExitStack() as stack:
        for failure in broken:
            stack.enter_context(failure)
        told = post_event(browser, item)
        fetched = browser.get(BLOCKS, {"b": lazy or "nonsense"})
    stored = Event.objects.count()
    acknowledged = told.json()["stored"] if told.status_code == 202 else 0
    assert acknowledged == stored
    assert told.status_code in {202, 500, 503}  # the script tells it again
    assert fetched.status_code == (200 if lazy else 400)
    assert post_event(browser, item).status_code == 202  # told again, it is stored once
    assert Event.objects.count() == 1
