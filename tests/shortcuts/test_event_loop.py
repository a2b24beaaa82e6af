"""Pages of async views: what is awaited is shown, all else is left to the browser, and nothing blocks the loop."""

import asyncio

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.template import Context, Template

from personalization import shortcuts
from personalization.shortcuts.event_loop import in_event_loop
from personalization.store.catalog import CatalogAdapter
from tests.people import make_person
from tests.served import CATALOG, Shop, keys


class Broken(CatalogAdapter):
    """A host's adapter with a bug."""

    def cards(self, keys, page):
        raise RuntimeError("bug")

    def key_of(self, product):
        if isinstance(product, str):
            return product
        raise RuntimeError("bug")


@pytest.fixture
def shop(db, settings):
    settings.PERSONALIZATION = CATALOG
    shop = Shop("abcdef")
    shop.publish("item-cosine", keys="abcdef", neighbors={"a": {"c": 0.5, "d": 0.4}})
    return shop


@pytest.fixture
def request_(shop):
    request = HttpRequest()
    request.user = AnonymousUser()
    return request


def render(request, source):
    return Template("{% load personalization %}" + source).render(Context({"request": request}))


def in_loop(work):
    """What an async view makes of `work`, which may be a coroutine function or a plain one."""

    async def view():
        made = work()
        return await made if asyncio.iscoroutine(made) else made

    return async_to_sync(view)()


def test_aslot_answers_like_slot(request_):
    answer = in_loop(lambda: shortcuts.aslot(request_, "similar", item="a", count=2, exclude=["d"]))
    assert keys(answer) == "cf"


def test_several_may_be_awaited_at_once_and_repeat_nothing(request_):
    async def view():
        return await asyncio.gather(
            shortcuts.aslot(request_, "popular", count=2), shortcuts.aslot(request_, "for_you", count=2)
        )

    assert "".join(map(keys, in_loop(view))) == "fedc"


def test_slots_of_a_page_share_a_read(request_, savepoints_are_free, django_assert_num_queries):
    async def view():
        await shortcuts.aslot(request_, "popular", count=1)
        await shortcuts.aslot(request_, "for_you", count=1)

    in_loop(view)
    del request_._personalization_page_states
    with django_assert_num_queries(1):
        in_loop(lambda: shortcuts.aslot(request_, "recently_viewed"))


def test_the_tag_shows_what_the_view_awaited(request_):
    async def view():
        await shortcuts.aslot(request_, "similar", item="a", count=2)
        await shortcuts.aslot(request_, "similar", item="b", count=1)
        return render(
            request_,
            '{% personal_slot "similar" item="a" count=2 title="T" %}|{% personal_slot "similar" item="b" %}'
            '|{% personal_slot "similar" item="a" as rec %}{{ rec.items|length }}',
        )

    first, second, third = in_loop(view).split("|")
    assert first.count('data-item="') == 2
    assert ">T</h2>" in first
    assert second.count('data-item="') == 1
    assert third == "2"


def test_what_was_not_awaited_is_a_lazy_place(request_, caplog):
    async def view():
        await shortcuts.aslot(request_, "similar", item="a", count=2)
        return render(
            request_,
            '{% personal_slot "popular" %}|{% personal_slot "similar" item="a" count=1 %}'
            '|{% personal_slot "similar" item="d" %}|{% personal_slot "popular" lazy=False %}',
        )

    blocks = in_loop(view).split("|")
    assert all("data-personal-lazy" in block and "data-token" not in block for block in blocks)
    assert not caplog.records


def test_slot_itself_is_empty_in_an_event_loop(request_, caplog):
    assert in_loop(lambda: shortcuts.slot(request_, "popular")).items == ()
    assert render_in_loop(request_, '{% personal_slot "popular" as rec %}{{ rec.items|length }}') == "0"
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2


def render_in_loop(request, source):
    return in_loop(lambda: render(request, source))


def test_where_django_allows_it_there_is_no_loop(monkeypatch):
    async def cell():
        return in_event_loop()

    assert asyncio.run(cell())
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    assert not asyncio.run(cell())


def test_nothing_of_the_app_asks_the_database_in_the_loop(
    request_, savepoints_are_free, django_assert_num_queries, caplog
):
    with django_assert_num_queries(0):
        html = render_in_loop(
            request_,
            '{% personal_script %}{% personal_view "a" %}{% personal_slot "popular" %}'
            "{% personal_cache_key as key %}{{ key }}",
        )
    assert "beacon.js" in html
    assert 'data-personal-view="a"' in html
    assert "data-personal-lazy" in html
    assert "once." in html  # nobody can be told from another here
    assert not caplog.records


def test_fragments_have_their_key_once_something_was_awaited(request_):
    user = make_person("anna")
    request_.user = user

    async def view():
        await shortcuts.aslot(request_, "popular")
        return shortcuts.cache_key(request_)

    assert in_loop(view) == shortcuts.cache_key(request_)


def test_aslot_never_raises(request_, settings, caplog):
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.Broken"}
    assert in_loop(lambda: shortcuts.aslot(request_, "popular")).items == ()
    assert in_loop(lambda: shortcuts.aslot(request_, "popular", item=object())).items == ()
    assert in_loop(lambda: shortcuts.aslot(request_, "nonsense")).items == ()
    assert in_loop(lambda: shortcuts.aslot(request_, "popular", count="x")).items == ()
    assert "data-personal-lazy" in render_in_loop(request_, '{% personal_slot "popular" count=1 %}')
    assert caplog.records


def test_a_page_that_was_awaited_may_be_rendered_in_a_thread(
    request_, savepoints_are_free, django_assert_num_queries
):
    """`render` through sync_to_async finds the same answers, and asks nobody again."""
    in_loop(lambda: shortcuts.aslot(request_, "popular", count=2))
    with django_assert_num_queries(0):
        html = render(request_, '{% personal_slot "popular" count=2 %}')
    assert html.count('data-item="') == 2
