import pytest
from django.db import connection

from personalization.engine.instants import from_micros
from personalization.engine.types import Identity, IdentityKind, Kind
from personalization.models import Rating, Visitor
from personalization.store.items import item_ids
from personalization.store.page import read_exclusions, read_page
from personalization.store.stamps import bump_stamp
from tests.served import ANNA, CATALOG, NOW, Shop

EMAIL = Identity(IdentityKind.EMAIL, " Anna@Example.org")
BROWSER = Identity(IdentityKind.VISITOR, "anna")


@pytest.fixture
def shop(db, settings):
    settings.PERSONALIZATION = CATALOG
    return Shop()


def read(identity=ANNA, before=NOW, tenant=""):
    return read_page(tenant=tenant, identity=identity, before=before)


def told(page):
    return [(event.key, Kind(event.kind).name) for event in page.events]


def test_live_builds_and_the_stamp_come_with_nobody(shop, django_assert_num_queries):
    first = shop.publish("auto", ranking="ab")
    second = shop.publish("auto", ranking="ab")
    shop.publish("popularity", ranking="ab")
    with django_assert_num_queries(1):
        page = read(identity=None)
    assert page.builds.keys() == {"auto", "popularity"}
    assert page.builds["auto"].id == second != first
    assert page.catalog_version == 8
    assert (page.events, page.complete) == ((), True)


def test_both_stamps_come_with_the_page(shop, django_assert_num_queries):
    bump_stamp("rules", tenant="")
    bump_stamp("rules", tenant="other")
    bump_stamp("else", tenant="")
    for identity in (None, ANNA):
        with django_assert_num_queries(1):
            page = read(identity)
        assert (page.catalog_version, page.rules_version) == (8, 1)


def test_an_empty_database_answers(db):
    assert read().builds == {}
    assert read().catalog_version == 0


def test_events_come_newest_first_in_one_statement(shop, django_assert_num_queries):
    shop.buys("ab", quantity="2.5")
    shop.does(Kind.VIEW, "c")
    with django_assert_num_queries(1):
        page = read()
    assert told(page) == [("c", "VIEW"), ("b", "PURCHASE"), ("a", "PURCHASE")]
    assert (page.events[1].quantity, page.events[1].item) == (2.5, item_ids(["b"], tenant="")["b"])


def test_kinds_that_say_nothing_about_taste_do_not_use_up_the_limit(shop, settings):
    settings.PERSONALIZATION = {**CATALOG, "HISTORY_LIMIT": 2}
    shop.buys("ab")
    shop.does(Kind.IMPRESSION, "cdef")
    shop.does(Kind.VIEW, "g", flags=1)
    assert told(read()) == [("b", "PURCHASE"), ("a", "PURCHASE")]


def test_a_cut_history_says_so(shop, settings):
    settings.PERSONALIZATION = {**CATALOG, "HISTORY_LIMIT": 3}
    shop.buys("ab")
    assert read().complete
    shop.buys("cd")
    assert told(read()) == [("d", "PURCHASE"), ("c", "PURCHASE"), ("b", "PURCHASE")]
    assert not read().complete


def test_the_instant_itself_is_not_before_itself(shop):
    shop.buys("ab")
    assert told(read(before=shop.clock)) == [("a", "PURCHASE")]


@pytest.mark.parametrize("identity", [ANNA, EMAIL, BROWSER])
def test_every_kind_of_identity_finds_its_own_events_only(shop, identity):
    shop.buys("a", identity=identity)
    for other in {ANNA, EMAIL, BROWSER} - {identity}:
        assert read(other).events == ()
    assert told(read(identity)) == [("a", "PURCHASE")]


def test_an_address_hashed_with_an_older_key_is_found(shop, settings):
    shop.buys("a", identity=EMAIL)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 9
    assert told(read(EMAIL)) == [("a", "PURCHASE")]


def test_visitors_of_one_person_share_their_events(shop):
    shop.buys("a", identity=BROWSER)
    shop.buys("b")
    shop.buys("c", identity=EMAIL)
    for identity in (BROWSER, EMAIL):
        shop.join(shop.visitor(identity), shop.visitor())
    shop.join(shop.visitor(), shop.visitor())
    for identity in (ANNA, EMAIL):
        assert told(read(identity)) == [("c", "PURCHASE"), ("b", "PURCHASE"), ("a", "PURCHASE")]


def test_a_browser_that_belongs_to_a_person_is_told_nothing_by_itself(shop):
    shop.buys("a", identity=BROWSER)
    shop.buys("b")
    shop.join(shop.visitor(BROWSER), shop.visitor())
    assert told(read()) == [("b", "PURCHASE"), ("a", "PURCHASE")]
    page = read(BROWSER)
    assert (page.events, page.person) == ((), None)
    assert read_exclusions(tenant="", identity=BROWSER, before=NOW) == ()


@pytest.mark.parametrize("refused", ["person", "visitor"])
def test_the_choice_of_the_person_holds_for_all_its_visitors(shop, refused):
    shop.buys("a", identity=EMAIL)
    shop.buys("b")
    shop.join(shop.visitor(EMAIL), shop.visitor())
    who = shop.visitor() if refused == "person" else shop.visitor(EMAIL)
    Visitor.objects.filter(pk=who).update(choice=Visitor.Choice.REFUSED)
    for identity in (ANNA, EMAIL):
        assert bool(read(identity).events) == (refused == "visitor")


def test_the_person_and_its_epoch_come_along(shop, django_assert_num_queries):
    assert (read().person, read().epoch) == (None, 0)
    shop.buys("a", identity=EMAIL)
    shop.join(shop.visitor(EMAIL), shop.visitor())
    Visitor.objects.filter(pk=shop.visitor()).update(epoch=7)
    for identity in (ANNA, EMAIL):
        with django_assert_num_queries(1):
            page = read(identity)
        assert (page.person, page.epoch) == (shop.visitor(), 7)


def test_ratings_come_as_a_share_of_their_scale(shop):
    rows = item_ids("abc", tenant="")
    for key, value, high in (("a", 4, 5), ("b", 1, 5), ("c", 1, 1)):
        Rating.objects.create(
            visitor_id=shop.visitor(),
            item_id=rows[key],
            value=value,
            scale_low=1,
            scale_high=high,
            rated_at=from_micros(NOW - 1),
        )
    assert {event.key: event.quantity for event in read().events} == {"a": 0.75, "b": 0, "c": 0}
    assert read(before=NOW - 1).events == ()


def test_exclusions_sum_up_everything(shop, django_assert_num_queries):
    shop.buys("aa", quantity="2")
    shop.does(Kind.REFUND, "a")
    shop.buys("b", identity=BROWSER)
    shop.join(shop.visitor(BROWSER), shop.visitor())
    with django_assert_num_queries(1):
        found = read_exclusions(tenant="", identity=ANNA, before=NOW)
    assert {(event.key, event.kind, event.quantity) for event in found} == {
        ("a", Kind.PURCHASE, 4.0),
        ("a", Kind.REFUND, 1.0),
        ("b", Kind.PURCHASE, 1.0),
    }


def test_a_long_history_is_read_by_its_index(shop):
    """A history is read from its newest end, so that a million older events cost nothing."""
    if connection.vendor != "sqlite":
        pytest.skip("plans are worded differently elsewhere, and depend on the number of rows")
    with connection.execute_wrapper(_explain(plans := [])):
        read()
    assert "USING INDEX personalization_event_recent (visitor_id=? AND occurred_at<?)" in plans[0]


def _explain(plans):
    def wrapper(execute, sql, params, many, context):
        with connection.cursor() as cursor:
            cursor.cursor.execute("EXPLAIN QUERY PLAN " + sql, params)
            plans.append(" ".join(str(row[-1]) for row in cursor.cursor.fetchall()))
        return execute(sql, params, many, context)

    return wrapper
