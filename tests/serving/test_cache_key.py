"""Parts of a page that the shop caches itself are never shown to somebody else."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.http import HttpRequest
from django.template import Context, Template
from django.utils import translation
from rest_framework.request import Request

from personalization import shortcuts
from personalization.engine.types import Cart, CartLine, Identity, IdentityKind
from personalization.models import Visitor
from personalization.serving import is_personal
from personalization.store.catalog import CatalogAdapter
from tests.people import make_person
from tests.served import CATALOG


class Trolley(CatalogAdapter):
    def cart(self, request):
        return Cart(tuple(CartLine(key, "1") for key in request.GET.get("cart", "")), "EUR")

    def store(self, request):
        return request.GET.get("store", "")


class Broken(CatalogAdapter):
    def tenant(self, request):
        raise RuntimeError("bug")


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def people(shop):
    """Two users with a history."""
    people = [make_person(name) for name in ("anna", "ben")]
    for person, item in zip(people, "ab", strict=True):
        shop.does(1, item, identity=Identity(IdentityKind.USER, str(person.pk)))
    return people


def request_of(user=None, **query):
    request = HttpRequest()
    request.user = user or AnonymousUser()
    request.GET = query
    return request


def key_of(user=None, **query):
    return shortcuts.cache_key(request_of(user, **query))


def test_people_have_keys_of_their_own(people):
    anna, ben = people
    assert len({key_of(), key_of(anna), key_of(ben)}) == 3
    assert key_of(anna) == key_of(anna)
    assert key_of().startswith("anonymous.")


def test_people_without_a_history_are_like_anybody(shop):
    assert key_of(make_person("new")).startswith("anonymous.")


def test_the_key_names_the_person_and_the_epoch(people):
    anna, ben = people
    person = sorted(Visitor.objects.values_list("pk", flat=True))[0]
    assert key_of(anna).startswith(f"{person}.0.")
    Visitor.objects.filter(pk=person).update(epoch=3)
    assert key_of(anna).startswith(f"{person}.3.")
    Visitor.objects.filter(pk=person).update(choice=Visitor.Choice.REFUSED)
    assert key_of(anna).startswith("anonymous.")
    assert key_of(ben) != key_of(anna)


def test_surroundings_that_change_an_answer_change_the_key(people, settings):
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.Trolley"}
    found = [
        key_of(),
        key_of(cart="a"),
        key_of(cart="ab"),
        key_of(store="north"),
        key_of(people[0], cart="a"),
    ]
    with translation.override("zh-hans"):
        found.append(key_of())
    assert len(set(found)) == len(found)
    assert key_of(cart="ab") == key_of(cart="ba")


def test_somebody_in_the_holdout_shares_with_the_holdout_alone(people, settings):
    settings.PERSONALIZATION = {**CATALOG, "HOLDOUT_SHARE": 1.0}
    assert key_of(people[0]) == key_of(people[1])
    assert key_of(people[0]) != key_of()


def test_a_fragment_is_kept_for_its_person(people, shop):
    template = Template(
        "{% load cache personalization %}{% personal_cache_key as key %}{% cache 300 recent key %}"
        '{% personal_slot "recently_viewed" %}{% endcache %}'
    )

    def seen(user):
        return [
            part[0]
            for part in template.render(Context({"request": request_of(user)})).split('data-item="')[1:]
        ]

    anna, ben = people
    assert (seen(anna), seen(ben), seen(None)) == (["a"], ["b"], [])
    shop.does(1, "c", identity=Identity(IdentityKind.USER, str(anna.pk)))
    assert (seen(anna), seen(ben), seen(None)) == (["a"], ["b"], [])  # still the kept ones
    Visitor.objects.update(choice=Visitor.Choice.REFUSED)
    assert seen(anna) == []


def test_a_key_costs_the_statement_that_the_slots_share(
    people, savepoints_are_free, django_assert_num_queries
):
    request = request_of(people[0])
    shortcuts.slot(request_of(people[0]), "recently_viewed")  # cards and catalog are kept from here on
    with django_assert_num_queries(1):
        shortcuts.cache_key(request)
        shortcuts.cache_key(request)
        shortcuts.slot(request, "recently_viewed")


def test_a_page_with_a_persons_fragment_is_personal(people):
    for user, expected in ((people[0], True), (None, False)):
        request = request_of(user)
        shortcuts.cache_key(request)
        assert is_personal(request) is expected


def test_when_nobody_can_be_told_nothing_is_shared(shop, settings, caplog):
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.Broken"}
    request = request_of()
    assert shortcuts.cache_key(request) != shortcuts.cache_key(request)
    assert is_personal(request)
    assert "cache_key failed" in caplog.text


def test_requests_of_rest_framework_are_understood(people):
    request = request_of(people[0])
    assert shortcuts.cache_key(Request(request)) == shortcuts.cache_key(request)
    assert is_personal(request)
