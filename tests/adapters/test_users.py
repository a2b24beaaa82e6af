"""Django's users are called by their names."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from personalization.adapters import DeclarativeAdapter
from personalization.adapters.users import names_of_users
from shop_demo.models import Product

pytestmark = pytest.mark.django_db


class ByLogin(DeclarativeAdapter):
    product_model = Product._meta.label

    def user_key(self, user: object) -> str:
        return str(user)


def test_by_full_name_else_by_login(django_assert_num_queries) -> None:
    maya = User.objects.create_user("maya", first_name="Maya", last_name="Lindqvist")
    tom = User.objects.create_user("tom")
    with django_assert_num_queries(1):
        assert names_of_users([str(maya.pk), str(tom.pk), "cookie", "999999"]) == {
            str(maya.pk): "Maya Lindqvist",
            str(tom.pk): "tom",
        }


def test_a_shop_with_keys_of_its_own_names_people_itself() -> None:
    tom = User.objects.create_user("tom")
    assert ByLogin().person_names([str(tom.pk)]) == {}
    assert DeclarativeAdapter().person_names([str(tom.pk)]) == {str(tom.pk): "tom"}
