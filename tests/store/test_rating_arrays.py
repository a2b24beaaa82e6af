import numpy as np
import pytest

from personalization.engine.ids import digest
from personalization.models import Item, Rating, Visitor
from personalization.store import id_ranges
from personalization.store.rating_arrays import extract_ratings

pytestmark = pytest.mark.django_db

NOW = 1_700_000_000_000_000


def item(key="a", *, tenant=""):
    return Item.objects.create(tenant=tenant, key=key, digest=digest(key), created_at=NOW, updated_at=NOW)


def visitor(*, person=None, tenant=""):
    return Visitor.objects.create(tenant=tenant, person=person, created_at=NOW)


def said(who, what, value, *, scale=(1, 5), at=NOW, tenant=""):
    low, high = scale
    return Rating.objects.create(
        visitor=who, item=what, value=value, scale_low=low, scale_high=high, rated_at=at, tenant=tenant
    )


def test_ratings_are_shares_of_their_own_scale():
    who, items = visitor(), [item(key) for key in "abcd"]
    for what, value, scale in zip(items, (1, 4, 10, 0), ((1, 5), (1, 5), (1, 10), (-2, 2)), strict=True):
        said(who, what, value, scale=scale)
    ratings = extract_ratings("", NOW + 1)
    assert ratings.person.tolist() == [who.pk] * 4
    assert dict(zip(ratings.item.tolist(), ratings.share.tolist(), strict=True)) == {
        what.pk: share for what, share in zip(items, (0, 0.75, 1, 0.5), strict=True)
    }
    assert [ratings.person.dtype, ratings.item.dtype, ratings.share.dtype] == [np.int64, np.int32, np.float64]


def test_of_all_browsers_of_a_person_the_latest_holds():
    person, what = visitor(), item()
    said(visitor(person=person), what, 5, at=NOW - 1)
    said(person, what, 2, at=NOW - 3)
    said(visitor(), what, 1, at=NOW - 2)
    ratings = extract_ratings("", NOW)
    assert (ratings.person[0], ratings.share.tolist()) == (person.pk, [1, 0])
    assert ratings.at.tolist() == [NOW - 1, NOW - 2]
    assert len(ratings) == 2


def test_only_what_was_said_before_until_in_this_tenant():
    who, what = visitor(), item()
    said(who, what, 3, at=NOW)
    said(visitor(tenant="b"), item("b", tenant="b"), 4, at=NOW - 1, tenant="b")
    assert len(extract_ratings("", NOW)) == 0
    assert len(extract_ratings("", NOW + 1)) == len(extract_ratings("b", NOW)) == 1


def test_blocks_are_joined(monkeypatch):
    monkeypatch.setattr(id_ranges, "SIZE", 2)
    what = item()
    people = [visitor() for _ in range(5)]
    for who in people:
        said(who, what, 3)
    assert extract_ratings("", NOW + 1).person.tolist() == [who.pk for who in people]
