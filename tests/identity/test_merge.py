"""A browser is joined to who signs in there: once, to one person, and never against anybody's will."""

from __future__ import annotations

from functools import partial

import pytest

from personalization.engine.types import Identity, IdentityKind
from personalization.identity.merge import merge_login, separate
from personalization.models import Erasure, Event, Visitor
from personalization.models import Identity as IdentityRow
from personalization.privacy.erasure import erase
from personalization.store.erasures import erasure_digests
from personalization.store.page import read_page
from personalization.store.standings import find_standings
from personalization.store.visitors import ensure_visitors, find_visitor
from tests.served import NOW, Shop
from tests.store.test_races import at_once

BROWSER = Identity(IdentityKind.VISITOR, "b")
ANNA = Identity(IdentityKind.USER, "anna")
BOB = Identity(IdentityKind.USER, "bob")
REFUSED = Visitor.Choice.REFUSED


def known(identity: Identity, *, now: int = NOW, tenant: str = "") -> int:
    return ensure_visitors(identity.kind, [identity.key], tenant=tenant, now=now)[identity.key]


def login(user: Identity = ANNA, *, tenant: str = "") -> bool:
    return merge_login("b", user.key, tenant=tenant, now=NOW + 1)


def person_of(identity: Identity) -> int | None:
    return find_standings(identity.kind, [identity.key], tenant="")[identity.key].person


def note(identity: Identity, *, at: int) -> None:
    digest = erasure_digests(identity)[0]
    Erasure.objects.create(kind=identity.kind, digest=digest, erased_at=at)


@pytest.mark.django_db
class TestMerging:
    def test_what_the_browser_did_is_the_persons_and_no_event_is_rewritten(self) -> None:
        shop = Shop()
        shop.buys("a", identity=BROWSER)
        shop.buys("b", identity=ANNA)
        before = list(Event.objects.values_list("pk", "visitor_id", "digest").order_by("pk"))
        assert login()
        page = read_page(tenant="", identity=ANNA, before=NOW)
        assert [event.key for event in page.events] == ["b", "a"]
        assert read_page(tenant="", identity=BROWSER, before=NOW).events == ()
        assert list(Event.objects.values_list("pk", "visitor_id", "digest").order_by("pk")) == before

    def test_the_row_of_the_user_is_made_when_it_is_needed(self) -> None:
        browser = known(BROWSER)
        assert login()
        assert person_of(BROWSER) == find_visitor(ANNA, tenant="") != browser

    def test_a_browser_that_nothing_is_known_of_leaves_no_rows(self) -> None:
        assert not login()
        assert not Visitor.objects.exists()
        assert not IdentityRow.objects.exists()

    def test_signing_in_again_changes_nothing(self, django_assert_num_queries: object) -> None:
        known(BROWSER)
        login()
        with django_assert_num_queries(2):  # type: ignore[operator]
            assert not login()
        assert Visitor.objects.get(pk=find_visitor(ANNA, tenant="")).epoch == 1

    def test_two_people_of_one_browser_are_never_joined(self) -> None:
        known(BROWSER)
        assert login(ANNA)
        assert not login(BOB)
        assert person_of(BROWSER) == find_visitor(ANNA, tenant="")
        assert find_visitor(BOB, tenant="") is None

    def test_the_person_of_a_user_is_who_stands_for_it(self) -> None:
        known(BROWSER)
        user, root = known(ANNA), known(Identity(IdentityKind.EMAIL, "anna@example.org"))
        Visitor.objects.filter(pk=user).update(person=root)
        assert login()
        assert person_of(BROWSER) == root

    def test_tenants_do_not_meet(self) -> None:
        known(BROWSER, tenant="north")
        assert not login(tenant="south")
        assert login(tenant="north")
        assert find_visitor(ANNA, tenant="south") is None

    def test_cached_answers_of_both_are_out_of_date(self) -> None:
        browser, user = known(BROWSER), known(ANNA)
        login()
        assert set(Visitor.objects.filter(pk__in=[browser, user]).values_list("epoch", flat=True)) == {1}


@pytest.mark.django_db
class TestAgainstTheirWill:
    @pytest.mark.parametrize("who", [BROWSER, ANNA])
    def test_who_refused_is_not_joined(self, who: Identity) -> None:
        known(BROWSER)
        Visitor.objects.filter(pk=known(who)).update(choice=REFUSED)
        rows = Visitor.objects.count()
        assert not login()
        assert Visitor.objects.count() == rows
        assert not Visitor.objects.exclude(person=None).exists()

    @pytest.mark.parametrize("who", [BROWSER, ANNA])
    def test_what_was_known_before_an_erasure_does_not_come_back(self, who: Identity) -> None:
        known(BROWSER)
        note(who, at=NOW)
        assert not login()
        assert find_visitor(ANNA, tenant="") is None

    @pytest.mark.parametrize("who", [BROWSER, ANNA])
    def test_what_was_first_seen_after_it_is_a_new_start(self, who: Identity) -> None:
        note(who, at=NOW - 1)
        known(BROWSER)
        assert login()


@pytest.mark.django_db
def test_it_can_be_undone_for_good() -> None:
    browser = known(BROWSER)
    login()
    assert separate(browser)
    assert person_of(BROWSER) == browser
    assert not login(ANNA)
    assert not login(BOB)
    assert not separate(browser)


def test_two_logins_at_once_merge_once(threads_db: None) -> None:
    known(BROWSER)
    assert sorted(at_once(partial(login, ANNA), partial(login, ANNA))) == [False, True]
    assert person_of(BROWSER) == find_visitor(ANNA, tenant="")
    assert Visitor.objects.count() == IdentityRow.objects.count() == 2
    assert Visitor.objects.get(pk=find_visitor(BROWSER, tenant="")).epoch == 1


def test_many_people_at_once_do_not_share_a_browser(threads_db: None) -> None:
    known(BROWSER)
    people = [Identity(IdentityKind.USER, f"u{n}") for n in range(8)]
    done = at_once(*[partial(login, user) for user in people])
    assert done.count(True) == 1
    assert person_of(BROWSER) == find_visitor(people[done.index(True)], tenant="")


def test_an_erasure_at_the_same_time_is_not_undone(threads_db: None) -> None:
    """Either the login comes first, and its browser is erased with the person, or it comes too late."""
    for _ in range(6):
        browser = known(BROWSER)
        at_once(login, partial(erase, [ANNA], now=NOW + 1))
        assert not Visitor.objects.exclude(person=None).exists()
        assert find_visitor(ANNA, tenant="") is None
        Visitor.objects.filter(pk=browser).delete()
        Erasure.objects.all().delete()
