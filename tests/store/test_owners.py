import numpy as np
import pytest

from personalization.models import Visitor
from personalization.store import id_ranges
from personalization.store.owners import read_owners

pytestmark = pytest.mark.django_db

NOW = 1_700_000_000_000_000


def visitor(*, person=None, tenant=""):
    return Visitor.objects.create(tenant=tenant, person=person, created_at=NOW).pk


def test_each_visitor_is_stood_for_by_its_person_or_itself():
    ann, alone = Visitor.objects.create(created_at=NOW), visitor()
    first, second = visitor(person=ann), visitor(person=ann)
    newest = visitor()
    asked = np.array([newest, second, alone, ann.pk, first, second])
    assert read_owners("").of(asked).tolist() == [newest, ann.pk, alone, ann.pk, ann.pk, ann.pk]


def test_where_nobody_is_known_visitors_stand_for_themselves():
    assert read_owners("").of(np.array([7, 3, 7])).tolist() == [7, 3, 7]


def test_another_tenants_people_are_not_read():
    theirs = Visitor.objects.create(tenant="b", created_at=NOW)
    browser = visitor(person=theirs, tenant="b")
    assert read_owners("").of(np.array([browser])).tolist() == [browser]
    assert read_owners("b").of(np.array([browser])).tolist() == [theirs.pk]


def test_ranges_of_ids_are_joined(monkeypatch):
    monkeypatch.setattr(id_ranges, "SIZE", 2)
    people = [Visitor.objects.create(created_at=NOW) for _ in range(4)]
    browsers = [visitor(person=person) for person in people]
    assert read_owners("").of(np.array(browsers)).tolist() == [person.pk for person in people]
