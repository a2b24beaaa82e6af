"""A page with something personal reaches one person alone: not the next one through any cache."""

from __future__ import annotations

import pytest
from asgiref.sync import async_to_sync
from django.core.cache import cache
from django.http import HttpResponse
from django.template import Context, Template, engines
from django.template.response import SimpleTemplateResponse
from django.test import AsyncClient, Client
from django.urls import path
from django.views.decorators.cache import cache_control, cache_page

from personalization.engine.types import Cart, CartLine, Identity, IdentityKind
from personalization.shortcuts import aslot
from personalization.store.catalog import CatalogAdapter
from tests.people import make_person
from tests.served import CATALOG, Shop


class Trolley(CatalogAdapter):
    def cart(self, request):
        return Cart((CartLine("a", "1"),), "EUR")


class Broken(CatalogAdapter):
    def cards(self, keys, page):
        raise RuntimeError("bug")


SLOT = Template(
    '{% load personalization %}{% personal_slot "recently_viewed" %}{% personal_slot "popular" %}'
)
LAZY = Template('{% load personalization %}{% personal_slot "recently_viewed" lazy=True %}')


def page(request):
    return HttpResponse(SLOT.render(Context({"request": request})))


def lazy(request):
    return HttpResponse(LAZY.render(Context({"request": request})))


def plain(request):
    return HttpResponse("the same for everybody")


def later(request):
    """Rendered after the view, as template responses are."""
    return SimpleTemplateResponse(engines["django"].from_string(SLOT.source), {"request": request})


async def awaited(request):
    request.user = await request.auser()
    await aslot(request, "recently_viewed")
    await aslot(request, "popular")
    return HttpResponse(SLOT.render(Context({"request": request})))


async def async_plain(request):
    return HttpResponse("the same for everybody")


urlpatterns = [
    path("page/", page),
    path("lazy/", lazy),
    path("plain/", plain),
    path("async-plain/", async_plain),
    path("awaited/", awaited),
    path("public/", cache_control(public=True, max_age=60)(page)),
    path("kept/page/", cache_page(300)(page)),
    path("kept/later/", cache_page(300)(later)),
    path("kept/awaited/", cache_page(300)(awaited)),
    path("kept/lazy/", cache_page(300)(lazy)),
    path("kept/plain/", cache_page(300)(plain)),
]

HOST = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
OURS = "personalization.middleware.PersonalMiddleware"
SITE_CACHE = [
    "django.middleware.cache.UpdateCacheMiddleware",
    *HOST,
    "django.middleware.cache.FetchFromCacheMiddleware",
]


@pytest.fixture(autouse=True)
def _clean(settings):
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [*HOST, OURS]
    settings.PERSONALIZATION = CATALOG
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def shop(db):
    return Shop("abc")


def browser_of(user, kind=Client):
    client = kind()
    if user:
        client.force_login(user)
    return client


@pytest.fixture
def anna(shop):
    return visitor(shop, "anna", "a")


@pytest.fixture
def ben(shop):
    return visitor(shop, "ben", "b")


def visitor(shop, name, seen):
    person = make_person(name)
    shop.does(1, seen, identity=Identity(IdentityKind.USER, str(person.pk)))
    return person


def first_item(response):
    return response.content.decode().partition('data-item="')[2][:1]


def vary(response):
    return {name.strip() for name in response.get("Vary", "").split(",")}


@pytest.mark.parametrize("address", ["/page/", "/awaited/"])
def test_a_personal_page_is_private(anna, address):
    response = browser_of(anna).get(address)
    assert first_item(response) == "a"
    assert response["Cache-Control"] == "private"
    assert "Cookie" in vary(response)


def test_what_the_host_says_of_caches_stays_but_for_the_public(anna):
    response = browser_of(anna).get("/public/")
    assert set(response["Cache-Control"].split(", ")) == {"private", "max-age=60"}
    response = browser_of(None).get("/public/")
    assert set(response["Cache-Control"].split(", ")) == {"public", "max-age=60"}


@pytest.mark.parametrize("address", ["/page/", "/lazy/", "/plain/", "/async-plain/"])
def test_a_page_that_everybody_gets_has_no_header_of_ours(shop, address):
    assert "Cache-Control" not in browser_of(None).get(address)


@pytest.mark.parametrize("address", ["/lazy/", "/plain/", "/async-plain/"])
def test_a_page_without_an_answer_is_nobodys(anna, address):
    response = browser_of(anna).get(address)
    assert "Cache-Control" not in response
    assert "Cookie" not in vary(response)


@pytest.mark.parametrize("ours", [[OURS], []])
@pytest.mark.parametrize("address", ["/kept/page/", "/kept/later/", "/kept/awaited/"])
def test_cache_page_keeps_no_personal_page(anna, ben, settings, ours, address):
    settings.MIDDLEWARE = [*HOST, *ours]
    assert first_item(browser_of(anna).get(address)) == "a"
    assert first_item(browser_of(ben).get(address)) == "b"
    assert first_item(browser_of(None).get(address)) == "c"  # the newest
    response = browser_of(anna).get(address)
    # From here on the anonymous page is kept. It is not personal; who wants both uses lazy slots.
    assert first_item(response) == "c"


@pytest.mark.parametrize("ours", [[OURS], []])
@pytest.mark.parametrize("address", ["/page/", "/public/", "/awaited/"])
def test_a_cache_of_the_whole_site_keeps_no_personal_page(anna, ben, settings, ours, address):
    settings.MIDDLEWARE = [SITE_CACHE[0], *ours, *SITE_CACHE[1:]]
    for person, seen in ((anna, "a"), (ben, "b"), (None, "c"), (anna, "a")):
        assert first_item(browser_of(person).get(address)) == seen
    mine = browser_of(anna)
    assert mine.get(address)["Cache-Control" if ours else "Vary"]
    assert "Age" not in mine.get(address)


@pytest.mark.parametrize("address", ["/kept/lazy/", "/kept/plain/"])
def test_pages_that_are_nobodys_stay_cacheable(anna, django_assert_num_queries, address):
    first = browser_of(anna).get(address)
    assert first["Cache-Control"] == "max-age=300"
    with django_assert_num_queries(0):
        assert browser_of(None).get(address).content == first.content


def test_a_cart_is_personal_too(shop, settings):
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.Trolley"}
    assert browser_of(None).get("/page/")["Cache-Control"] == "private"


def test_even_a_failed_answer_is_kept_for_nobody_else(anna, settings, caplog):
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.Broken"}
    response = browser_of(anna).get("/page/")
    assert (response.status_code, response["Cache-Control"]) == (200, "private")
    assert caplog.records


async def _answer(user, address):
    client = AsyncClient()
    if user:
        await client.aforce_login(user)
    return await client.get(address)


@pytest.mark.parametrize("address", ["/page/", "/awaited/"])
def test_under_asgi_it_is_the_same(anna, address):
    response = async_to_sync(_answer)(anna, address)
    assert (first_item(response), response["Cache-Control"]) == ("a", "private")
    assert "Cache-Control" not in async_to_sync(_answer)(None, address)
