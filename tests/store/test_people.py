"""Joining visitors to persons and separating them again, on every database and many at once."""

from functools import partial

import pytest

from personalization.engine.types import Identity, IdentityKind
from personalization.models import Visitor
from personalization.store.page import read_page
from personalization.store.people import free_since, join_visitor, separate_visitor
from personalization.store.standings import find_standings
from personalization.store.visitors import ensure_visitors
from tests.store.test_races import at_once

NOW = 1_700_000_000_000_000
REFUSED, AGREED = Visitor.Choice.REFUSED, Visitor.Choice.AGREED


def visitor(**fields):
    return Visitor.objects.create(created_at=NOW, **fields).pk


def row(pk):
    return Visitor.objects.get(pk=pk)


@pytest.mark.django_db
class TestJoining:
    def test_a_visitor_names_its_person_and_both_need_new_answers(self):
        browser, person = visitor(), visitor(epoch=4)
        assert join_visitor(browser, person=person)
        assert (row(browser).person_id, row(browser).epoch) == (person, 1)
        assert (row(person).person_id, row(person).epoch) == (None, 5)

    def test_it_costs_two_updates_and_a_look_at_the_choice(self, django_assert_num_queries):
        browser, person = visitor(), visitor()
        with django_assert_num_queries(5):  # three, and the savepoint of a test's transaction
            join_visitor(browser, person=person)

    def test_a_visitor_of_somebody_stays_theirs(self):
        browser, anna, bob = visitor(), visitor(), visitor()
        assert join_visitor(browser, person=anna)
        assert not join_visitor(browser, person=bob)
        assert not join_visitor(browser, person=anna)
        assert row(browser).person_id == anna

    def test_nobody_is_joined_to_themselves(self):
        assert not join_visitor(one := visitor(), person=one)
        assert row(one).person_id is None

    def test_there_are_no_chains(self):
        browser, person, other = visitor(), visitor(), visitor()
        join_visitor(browser, person=person)
        assert not join_visitor(other, person=browser)
        assert row(other).person_id is None

    def test_a_person_that_names_itself_is_a_person(self):
        browser, person = visitor(), visitor()
        Visitor.objects.filter(pk=person).update(person=person)
        assert join_visitor(browser, person=person)

    @pytest.mark.parametrize("choices", [(REFUSED, 0), (0, REFUSED), (REFUSED, REFUSED), (AGREED, REFUSED)])
    def test_who_refused_is_not_joined(self, choices):
        browser, person = (visitor(choice=choice) for choice in choices)
        assert not join_visitor(browser, person=person)
        assert row(browser).person_id is None

    def test_rows_that_are_gone_are_not_joined(self):
        one = visitor()
        assert not join_visitor(one, person=10**9)
        assert not join_visitor(10**9, person=one)
        assert row(one).person_id is None

    @pytest.mark.parametrize(("own", "kept"), [(0, AGREED), (AGREED, AGREED)])
    def test_who_agreed_before_signing_in_has_agreed(self, own, kept):
        browser, person = visitor(choice=AGREED, chosen_at=NOW + 1), visitor(choice=own, chosen_at=NOW)
        assert join_visitor(browser, person=person)
        assert row(person).choice == kept
        assert row(person).chosen_at == row(person if own else browser).chosen_at

    def test_a_browser_that_was_not_asked_says_nothing_for_the_person(self):
        browser, person = visitor(), visitor(choice=AGREED, chosen_at=NOW)
        assert join_visitor(browser, person=person)
        assert row(person).choice == AGREED


@pytest.mark.django_db
class TestFree:
    def test_a_new_visitor_is_free_since_it_was_first_seen(self):
        assert free_since(visitor()) == NOW

    def test_nobody_is_not_free(self):
        assert free_since(10**9) is None

    def test_who_has_a_person_is_one_or_refused_is_not_free(self):
        browser, person = visitor(), visitor()
        join_visitor(browser, person=person)
        assert free_since(browser) is None
        assert free_since(person) is None
        assert free_since(visitor(choice=REFUSED)) is None


@pytest.mark.django_db
class TestSeparating:
    def test_it_undoes_the_join_and_both_need_new_answers(self):
        browser, person = visitor(), visitor()
        join_visitor(browser, person=person)
        assert separate_visitor(browser)
        assert (row(browser).epoch, row(person).epoch) == (2, 2)
        assert not Visitor.objects.filter(person=person).exists()

    def test_it_is_for_good(self):
        browser, person = visitor(), visitor()
        join_visitor(browser, person=person)
        separate_visitor(browser)
        assert free_since(browser) is None
        assert not join_visitor(browser, person=person)
        assert not separate_visitor(browser)

    def test_what_is_not_joined_cannot_be_separated(self):
        assert not separate_visitor(one := visitor())
        assert not separate_visitor(10**9)
        assert row(one).epoch == 0

    def test_a_separated_browser_speaks_for_itself_again(self):
        browser = ensure_visitors(IdentityKind.VISITOR, ["b"], tenant="", now=NOW)["b"]
        who = Identity(IdentityKind.VISITOR, "b")
        join_visitor(browser, person=visitor())
        assert read_page(tenant="", identity=who, before=NOW).person is None
        separate_visitor(browser)
        assert read_page(tenant="", identity=who, before=NOW).person == browser
        assert not find_standings(who.kind, ["b"], tenant="")["b"].joined


def test_of_many_logins_one_joins(threads_db):
    browser, people = visitor(), [visitor() for _ in range(8)]
    done = at_once(*[partial(join_visitor, browser, person=person) for person in people])
    assert done.count(True) == 1
    assert row(browser).person_id == people[done.index(True)]


def test_many_browsers_of_one_person_join_without_waiting_in_a_circle(threads_db):
    browsers, person = [visitor() for _ in range(8)], visitor()
    assert all(at_once(*[partial(join_visitor, browser, person=person) for browser in browsers]))
    assert row(person).epoch == 8
    assert all(at_once(*[partial(separate_visitor, browser) for browser in browsers]))
    assert row(person).epoch == 16


def test_joining_and_separating_at_once_end_in_one_of_both(threads_db):
    for _ in range(5):
        browser, person = visitor(), visitor()
        joined, separated = at_once(
            partial(join_visitor, browser, person=person), partial(separate_visitor, browser)
        )
        assert joined
        assert row(browser).person_id == (browser if separated else person)
