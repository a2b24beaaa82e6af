"""Each setting, each way to get it wrong: an id, a hint, and never a traceback."""

from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.test import override_settings

from personalization.adapters import Adapter, DeclarativeAdapter
from personalization.checks import RULES, check_settings
from personalization.conf import DEFAULTS

HERE = __name__
KNN = "personalization.engine.recommenders.item_knn.ItemKNN"


class IncompleteAdapter(Adapter):
    """Implements nothing."""


class NamelessAdapter(DeclarativeAdapter):
    """Declares no model."""


class LostAdapter(DeclarativeAdapter):
    product_model = "personalization.Missing"


def ids(value: object) -> list[str]:
    with override_settings(PERSONALIZATION=value):
        return [message.id.removeprefix("personalization.") for message in check_settings()]


WRONG = [
    (
        "ADAPTER",
        "E003",
        [
            None,
            0,
            [],
            {},
            "abc",
            "os.system",
            "no.such.Adapter",
            ".abc.X",
            "..",
            "tests.checks.test_settings.HERE",
        ],
    ),
    (
        "ADAPTER",
        "E003",
        [f"{HERE}.{name}" for name in ("IncompleteAdapter", "NamelessAdapter", "LostAdapter")],
    ),
    ("PRODUCT_MODEL", "E004", [None, -1, 0, [], {}, "abc", "os.system", "a.b.c", "personalization.Missing"]),
    ("RECOMMENDERS", "E005", [None, "", 0, [], "abc"]),
    ("RECOMMENDERS", "E005", [{"": {"BACKEND": "os.getcwd"}}, {"x" * 65: {"BACKEND": "os.getcwd"}}, {1: {}}]),
    ("RECOMMENDERS", "E005", [{"x": value} for value in (None, {}, "os.system", {"BACKEND": 1})]),
    ("RECOMMENDERS", "E005", [{"x": {"BACKEND": path}} for path in ("abc", "os.getcwd", "no.such.Thing")]),
    ("RECOMMENDERS", "E005", [{"x": {"BACKEND": "os.getcwd", "OPTIONS": []}}]),
    ("RECOMMENDERS", "E005", [{"x": {"BACKEND": KNN, "SEGMENT": segment}} for segment in ("", ["a"], 7)]),
    ("RECOMMENDERS", "E005", [{"x": {"BACKEND": "os.getcwd", "OPTIONS": {"no": 1}}}]),
    ("RECOMMENDERS", "E005", [{"x": {"BACKEND": "os.getcwd", "TYPO": 1}}]),
    ("SLOTS", "E006", [None, "", 0, [], {"": {}}, {1: {}}, {"for_you": None}]),
    ("SLOTS", "E006", [{"new": {"KIND": kind}} for kind in (None, "abc", 1, "FOR_YOU")]),
    ("SLOTS", "E006", [{"for_you": {"COUNT": count}} for count in (0, -1, 101, True, "10", 1.0, None)]),
    ("SLOTS", "E006", [{"for_you": {"EXCLUDE": exclude}} for exclude in (None, "all", True, 0)]),
    ("SLOTS", "E006", [{"for_you": {"FILL": fill}} for fill in (None, "yes", 0)]),
    ("SLOTS", "E006", [{"for_you": {"RECOMMENDER": "abc"}}, {"for_you": {"RECOMENDER": "auto"}}]),
    ("SLOTS", "E006", [{"buy_again": {"EXCLUDE": exclude}} for exclude in ("purchased", "seen")]),
    ("SLOTS", "E006", [{"again": {"KIND": "buy_again", "FILL": True}}]),
    ("VISITOR_ITEMS", "E034", [None, "", 0, -1, True, "3", 1001]),
    ("VISITOR_DAYS", "E035", ["", 0, -1, True, 365.0, "365", 36_501]),
    ("EVENT_WEIGHTS", "E007", [None, "", -1, 0, "abc", [], {"abc": 1}, {"VIEW": 1}]),
    ("EVENT_WEIGHTS", "E007", [{"view": w} for w in (-1, None, "1", True, float("nan"), float("inf"))]),
    ("HALF_LIFE_DAYS", "E008", [0, -1, "", "30", True, [], float("nan"), float("inf")]),
    (
        "RATING_SCALE",
        "E009",
        [None, "", 5, [], (1,), (5, 1), (1, 1), (1, 5, 1), (0.5, 5), (True, 5), (1, 10**4)],
    ),
    ("MOST_PER_VISITOR", "E029", ["", 0, -1, True, 1000.0, "1000", [], 10**12]),
    ("HISTORY_LIMIT", "E010", [None, "", 0, -1, True, 1.0, "100", [], 10**12]),
    ("MEMORY_BUDGET_MB", "E011", [None, "", 0, 15, True, 512.0, "512", {}, 10**12]),
    ("BUILDS_KEPT", "E012", [None, "", 0, -1, True, "3", 10**12]),
    ("LEASE_SECONDS", "E013", [None, "", 0, 4, True, 60.0, "60", 10**12]),
    ("MAP_BUILDS", "E014", [None, "", 0, 1, "yes", []]),
    ("MAP_DIR", "E015", [None, 0, -1, [], {}, 10**12, "a\0b"]),
    ("HOLDOUT_SHARE", "E016", [None, "", -0.1, 1.1, True, "0.1", float("nan"), []]),
    ("SLOTS", "E006", [{"new": {"KIND": []}}, {"new": {"RECOMMENDER": {}}}, {"for_you": {"LAZY": 1}}]),
    ("CONSENT_REQUIRED", "E017", [None, "", 0, 1, "yes", []]),
    ("HONOR_GPC", "E018", [None, "", 0, 1, "no", {}]),
    ("RETENTION_DAYS", "E020", ["", 0, -1, True, 395.0, "395", [], 36_501]),
    ("CACHE", "E022", [None, "", 0, [], {}, "redis", "DEFAULT"]),
    ("NEW_ITEMS", "E033", [None, 0, [], "nothing", "popularity"]),
    (
        "RULE_KINDS",
        "E028",
        [
            None,
            "tests.test_registry.Points",
            [None],
            [7],
            [""],
            ["shop.Missing"],
            ["os.path"],
            ["datetime.date"],
            ["builtins.dict"],
            ["tests.test_registry.Age"],
            ["tests.test_registry.Points", "tests.test_registry.Points"],
        ],
    ),
]


@pytest.mark.parametrize(("key", "expected", "value"), [(key, id_, v) for key, id_, vs in WRONG for v in vs])
def test_a_wrong_value_is_an_error_with_its_own_id_and_a_hint(key: str, expected: str, value: object) -> None:
    with override_settings(PERSONALIZATION={key: value}):
        (message,) = check_settings()
    assert message.id == f"personalization.{expected}"
    assert repr(key) in message.msg
    assert message.hint


@pytest.mark.parametrize(
    "value",
    [
        {},
        dict(DEFAULTS),
        {"ADAPTER": "tests.goods.GoodsAdapter"},
        {"ADAPTER": "personalization.store.catalog.CatalogAdapter"},
        {"PRODUCT_MODEL": "personalization.Item", "ADAPTER": f"{HERE}.NamelessAdapter"},
        {
            "SLOTS": {
                "home": {"KIND": "popular", "EXCLUDE": "seen", "FILL": False},
                "new": {},
                "for_you": {"COUNT": 100, "RECOMMENDER": "popularity"},
            }
        },
        {
            "EVENT_WEIGHTS": {"view": 0, "rate": 2.5},
            "HALF_LIFE_DAYS": 0.5,
            "MOST_PER_VISITOR": None,
            "RATING_SCALE": [-2, 2],
        },
        {"MAP_DIR": Path("/tmp"), "HOLDOUT_SHARE": 1, "MAP_BUILDS": False},
        {"CONSENT_REQUIRED": True, "HONOR_GPC": False, "RETENTION_DAYS": None, "CACHE": "default"},
        {"RULE_KINDS": ["tests.test_registry.Points"]},
        {"VISITOR_ITEMS": 1, "VISITOR_DAYS": None},
        {"SLOTS": {"buy_again": {"RECOMMENDER": "user-knn", "FILL": False, "EXCLUDE": "none"}}},
        {"NEW_ITEMS": ""},
        {"RETENTION_DAYS": 1, "COOKIE": {"AGE_DAYS": 1}, "SLOTS": {"home": {"LAZY": True}}},
    ],
)
def test_right_values_pass_in_silence(value: dict[str, object]) -> None:
    assert ids(value) == []


def test_a_recommender_of_the_host_passes_and_can_be_named_by_a_slot() -> None:
    backend = "personalization.engine.recommenders.popularity.Popularity"
    assert (
        ids({"RECOMMENDERS": {"mine": {"BACKEND": backend}}, "SLOTS": {"popular": {"RECOMMENDER": "mine"}}})
        == []
    )


@pytest.mark.parametrize("value", [None, "", 0, [], "abc", [("ADAPTER", "")]])
def test_personalization_must_be_a_dict(value: object) -> None:
    assert ids(value) == ["E001"]


@pytest.mark.parametrize(
    ("key", "hint"), [("ADAPTR", "'ADAPTER'"), ("slots", "'SLOTS'"), (1, "Known settings")]
)
def test_an_unknown_setting_is_answered_with_the_one_that_was_meant(key: object, hint: str) -> None:
    with override_settings(PERSONALIZATION={key: 1}):
        (message,) = check_settings()
    assert message.id == "personalization.E002"
    assert hint in message.hint


def test_every_fault_is_told_at_once() -> None:
    assert ids(
        {"HISTORY_LIMIT": 0, "BUILDS_KEPT": 0, "X": 1, "SLOTS": {"a": {"KIND": 1}, "b": {"KIND": 2}}}
    ) == [
        "E002",
        "E006",
        "E006",
        "E010",
        "E012",
    ]


def test_wrong_recommenders_are_not_blamed_on_the_slots() -> None:
    assert ids({"RECOMMENDERS": [], "SLOTS": {"popular": {}}}) == ["E005"]


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        (
            {"SLOTS": {"for_you": {"COUNTS": 3}}},
            "entry 'for_you' has no option 'COUNTS'; did you mean 'COUNT'?",
        ),
        ({"SLOTS": {"for_you": {"kind": "popular"}}}, "did you mean 'KIND'?"),
        ({"EVENT_WEIGHTS": {"puchase": 1}}, "has no kind 'puchase'; did you mean 'purchase'?"),
        ({"COOKIE": {"SAME_SITE": "Lax"}}, "has no option 'SAME_SITE'; did you mean 'SAMESITE'?"),
        ({"THROTTLES": {"event": "1/sec"}}, "has no scope 'event'; did you mean 'events'?"),
        ({"CACHE": "defualt"}, "has no cache 'defualt'; did you mean 'default'?"),
        ({"RECOMMENDERS": {"x": {"BACKEND": "os.getcwd", "OPTION": {}}}}, "did you mean 'OPTIONS'?"),
        (
            {"RECOMMENDERS": {"x": {"BACKEND": KNN, "OPTIONS": {"neighbours": 9}}}},
            "did you mean 'neighbors'?",
        ),
        ({"COOKIE": {"HTTPONLY": True}}, "has no option 'HTTPONLY'; there are NAME, CONSENT_NAME"),
    ],
)
def test_names_inside_a_setting_are_answered_too(written: dict[str, object], advice: str) -> None:
    with override_settings(PERSONALIZATION=written):
        (message,) = check_settings()
    assert advice in message.msg


def test_every_setting_has_a_rule_and_every_rule_its_own_id() -> None:
    assert RULES.keys() == DEFAULTS.keys()
    assert len({rule.id for rule in RULES.values()}) == len(RULES)


def test_the_reference_page_lists_every_id() -> None:
    page = Path("docs/reference/checks.md").read_text()
    listed = {
        f"personalization.{name}" for name in ("E001", "E002", "W001", "W002", "W003", "W004", "W005", "W006")
    }
    assert not {i for i in listed | {rule.id for rule in RULES.values()} if i not in page}


def test_django_runs_them() -> None:
    with override_settings(PERSONALIZATION=[]):
        assert [message.id for message in run_checks(tags=["personalization"])] == ["personalization.E001"]
