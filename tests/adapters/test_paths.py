from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group, Permission
from django.db.models import Exists, Q

from personalization.adapters.paths import (
    fits,
    holds,
    number_of,
    number_text,
    plain_text,
    text_at,
    value_at,
    way,
)


def test_a_way_names_what_is_joined_and_what_leads_to_several_rows() -> None:
    joined = way(Permission, "content_type__model")
    assert (joined.joins, joined.many, joined.field.name, joined.rest) == ("content_type", (), "model", ())
    several = way(Group, "permissions__content_type__model")
    assert (several.joins, several.many, several.field.name) == ("", ("permissions",), "model")


def test_a_way_ends_where_fields_end() -> None:
    assert way(Permission, "content_type__name").rest == ("name",)  # a property
    assert way(Group, "nothing__at_all").rest == ("nothing", "at_all")
    assert way(Group, "").field is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("name", "Mug"),
        ("shelf__name", "Cups"),
        ("facts__color", "red"),
        ("facts__size", None),
        ("shelf__nothing__name", None),
        ("title", "MUG"),
        ("", None),
    ],
)
def test_values_are_read_from_attributes_keys_and_methods(path: str, expected: object) -> None:
    mug = SimpleNamespace(
        name="Mug", shelf=SimpleNamespace(name="Cups"), facts={"color": "red"}, title=lambda: "MUG"
    )
    assert value_at(mug, path) == expected


def test_methods_that_change_data_are_not_called() -> None:
    assert callable(value_at(Group(), "delete"))


def test_nothing_is_no_text() -> None:
    assert text_at(SimpleNamespace(name=None), "name") == ""
    assert text_at(SimpleNamespace(name=0), "name") == "0"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (Decimal("9.50"), "9.50"),
        (Decimal("1E+2"), "100"),
        (19.990000000000002, "19.99"),
        (100.0, "100"),
        (1e-7, "0"),
        (float("nan"), ""),
        (7, "7"),
        ("8.00", "8.00"),
        (SimpleNamespace(amount=Decimal("3.10"), currency="EUR"), "3.10"),
    ],
)
def test_numbers_are_plain_decimals(value: object, expected: str) -> None:
    assert number_text(value) == expected


@pytest.mark.parametrize("key", ["9" * 30, str(2**63), "-" + "9" * 25, "1.0", "x", ""])
def test_numbers_that_no_column_holds_are_no_keys(key: str) -> None:
    assert not fits(Group, "pk", key)


def test_what_a_column_could_hold_is_a_key() -> None:
    assert fits(Group, "pk", str(2**63 - 1))
    assert fits(Group, "name", "any text")


def test_conditions_on_several_rows_multiply_none() -> None:
    assert holds(Group, Q(name="a")) == Q(name="a")
    assert isinstance(holds(Group, ~Q(name="a") & (Q(name="b") | Q(permissions__codename="c"))), Exists)
    own = Exists(Group.objects.all())
    assert holds(Group, own) is own


@pytest.mark.parametrize("nothing", [None, Q()])
def test_no_condition_holds_always(nothing: Q | None) -> None:
    assert holds(Group, nothing) == Q(pk__isnull=False)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, 3),
        (0, 0),
        (-2, -2),
        (Decimal("2.500"), Decimal("2.5")),
        (0.1, Decimal("0.1")),
        (True, None),
        (False, None),
        (None, None),
        ("3", None),
        (Decimal("NaN"), None),
        (float("inf"), None),
    ],
)
def test_numbers_are_exact_and_yes_is_none(value: object, expected: object) -> None:
    assert number_of(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        ("red", "red"),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (0.1, "0.1"),
        (Decimal("1E+2"), "100"),
    ],
)
def test_plain_text_is_what_people_write(value: object, expected: str) -> None:
    assert plain_text(value) == expected
