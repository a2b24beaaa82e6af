"""The ``settings`` part of the catalog of bad inputs, written into PERSONALIZATION.

The catalog speaks of settings in general; ours have other names and some live inside a dict. Every case is put where
its meaning is, and judged by the system check at startup: an error with an id and a hint, and no traceback.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pytest
from django.core.checks import Error, run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import override_settings

from personalization.checks import check_settings
from tests.bad_inputs.cases import cases

if TYPE_CHECKING:
    from collections.abc import Callable

KNN = "personalization.engine.recommenders.item_knn.ItemKNN"


def options(**written: Any) -> dict[str, Any]:
    return {"RECOMMENDERS": {"mine": {"BACKEND": KNN, "OPTIONS": written}}}


#: Name in the catalog → our setting, and what is written for a value.
PLACES: Final[dict[str, list[tuple[str, Callable[[Any], dict[str, Any]]]]]] = {
    "ALGORITHM": [
        ("E005", lambda value: {"RECOMMENDERS": {"mine": {"BACKEND": value}}}),
        ("E006", lambda value: {"SLOTS": {"for_you": {"RECOMMENDER": value}}}),
    ],
    "SIMILARITY": [("E005", lambda value: options(similarity=value))],
    "TOP_N": [("E006", lambda value: {"SLOTS": {"for_you": {"COUNT": value}}})],
    "MIN_SUPPORT": [
        # There is no such option; the one that decides how little evidence a neighbor needs is their number.
        ("E005", lambda value: options(min_support=value)),
        ("E005", lambda value: options(neighbors=value)),
    ],
    "EVENT_WEIGHTS": [
        ("E007", lambda value: {"EVENT_WEIGHTS": value}),
        ("E007", lambda value: {"EVENT_WEIGHTS": {"view": value}}),
    ],
    "RETENTION_DAYS": [("E020", lambda value: {"RETENTION_DAYS": value})],
    "CONSENT_REQUIRED": [
        ("E017", lambda value: {"CONSENT_REQUIRED": value}),
        ("E018", lambda value: {"HONOR_GPC": value}),
    ],
    "CACHE_ALIAS": [("E022", lambda value: {"CACHE": value})],
    "MODEL_DIR": [("E015", lambda value: {"MAP_DIR": value})],
    "THROTTLE": [
        ("E021", lambda value: {"THROTTLES": value}),
        ("E021", lambda value: {"THROTTLES": {"events": value}}),
    ],
    "TRUSTED_PROXIES": [
        ("E024", lambda value: {"TRUSTED_PROXIES": value}),
        ("E024", lambda value: {"TRUSTED_PROXIES": [value]}),
    ],
    "USER_MODEL adapter path": [("E003", lambda value: {"ADAPTER": value})],
    "PRODUCT_MODEL path": [("E004", lambda value: {"PRODUCT_MODEL": value})],
    # Not ours (below), and as long as that is so, an unknown setting whatever its value is.
    "COUPON_CODE_LENGTH": [("E002", lambda value: {"COUPON_CODE_LENGTH": value})],
}

#: What is right here, by what is written → why.
RIGHT: Final = {
    json.dumps(written): why
    for written, why in [
        ({"EVENT_WEIGHTS": {}}, "nothing is changed, the built-in weights hold"),
        ({"EVENT_WEIGHTS": {"view": 0}}, "0 takes a kind out of learning"),
        ({"EVENT_WEIGHTS": {"view": 10**12}}, "weights are relative, only their ratio counts"),
        ({"RETENTION_DAYS": None}, "documented: kept for ever"),
        ({"MAP_DIR": ""}, "documented: a folder in the system's temporary directory"),
        ({"MAP_DIR": "abc"}, "a folder below the current one"),
        ({"MAP_DIR": "os.system"}, "a folder may have such a name; it is opened, never imported"),
        ({"THROTTLES": {}}, "nothing is changed, the built-in rates hold"),
        ({"THROTTLES": {"events": None}}, "documented: no limit"),
        ({"TRUSTED_PROXIES": []}, "documented: no proxy is believed"),
        ({"ADAPTER": ""}, "documented: PRODUCT_MODEL, or the built-in catalog"),
        ({"PRODUCT_MODEL": ""}, "documented: the built-in catalog"),
        (options(neighbors=10**12), "more neighbors than there are items: all of them are kept"),
    ]
}

#: Settings that do not exist here, with the reason.
NOT_OURS: Final = {"COUPON_CODE_LENGTH": "there are no coupons yet"}


def judged() -> list[Any]:
    return [
        pytest.param(id_, place(case["value"]), id=f"{number}-{turn}")
        for number, case in enumerate(cases("settings"))
        for turn, (id_, place) in enumerate(PLACES[case["field"]])
    ]


def test_every_case_is_mapped() -> None:
    fields = Counter(case["field"] for case in cases("settings"))
    assert fields == dict.fromkeys(PLACES, 9)
    assert sum(fields.values()) == 126
    assert NOT_OURS.keys() < PLACES.keys()


def test_every_exception_is_a_case() -> None:
    written = {json.dumps(parameter.values[1]) for parameter in judged()}
    assert not RIGHT.keys() - written


@pytest.mark.parametrize(("expected", "written"), judged())
def test_a_bad_setting_is_an_error_at_startup(expected: str, written: dict[str, Any]) -> None:
    with override_settings(PERSONALIZATION=written):
        messages = check_settings()
        again = run_checks(tags=["personalization"])
    if json.dumps(written) in RIGHT:
        assert messages == again == []
        return
    assert {message.id for message in messages} == {f"personalization.{expected}"}
    assert messages == again
    (key,) = written
    for message in messages:
        assert isinstance(message, Error)
        assert key in message.msg
        assert message.hint


@pytest.mark.parametrize(("expected", "written"), judged())
def test_it_stops_a_command_before_it_begins(expected: str, written: dict[str, Any]) -> None:
    with override_settings(PERSONALIZATION=written):
        if json.dumps(written) in RIGHT:
            call_command("check", fail_level="WARNING")
            return
        with pytest.raises(SystemCheckError, match=expected):
            call_command("check")
