"""Settings with their defaults, read afresh each time."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from django.test import override_settings

from personalization.conf import BUILT_IN_SLOTS, DEFAULTS, settings


@pytest.mark.parametrize("key", DEFAULTS)
@pytest.mark.parametrize("written", [{}, None, [], "abc"])
def test_every_setting_has_a_default_whatever_is_written(key: str, written: object) -> None:
    with override_settings(PERSONALIZATION=written):
        assert getattr(settings, key) == DEFAULTS[key]


def test_a_host_without_the_setting_gets_the_defaults(settings: object) -> None:
    from personalization.conf import settings as ours

    del settings.PERSONALIZATION  # type: ignore[attr-defined]
    assert ours.HISTORY_LIMIT == 100


def test_what_is_written_holds() -> None:
    with override_settings(PERSONALIZATION={"HISTORY_LIMIT": 7}):
        assert settings.HISTORY_LIMIT == 7
    assert settings.HISTORY_LIMIT == 100


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(AttributeError, match="HISTORY_LIMITS"):
        _ = settings.HISTORY_LIMITS


def test_slots_are_changed_option_by_option() -> None:
    with override_settings(PERSONALIZATION={"SLOTS": {"for_you": {"COUNT": 3}, "home": {"KIND": "popular"}}}):
        slots = settings.slots
    assert slots["for_you"] == {"KIND": "for_you", "RECOMMENDER": "auto", "COUNT": 3}
    assert slots["home"] == {"KIND": "popular"}
    assert slots["similar"] == BUILT_IN_SLOTS["similar"]
    slots["similar"]["COUNT"] = 99
    assert settings.slots["similar"]["COUNT"] == 10  # a copy


def test_weights_are_changed_kind_by_kind() -> None:
    with override_settings(PERSONALIZATION={"EVENT_WEIGHTS": {"view": 0, "rate": 2}}):
        weights = settings.event_weights
    assert (weights["view"], weights["rate"], weights["purchase"]) == (0, 2, 5.0)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"MAP_DIR": ""}, Path(tempfile.gettempdir()) / "personalization-builds"),
        ({"MAP_DIR": "/srv/x"}, Path("/srv/x")),
    ],
)
def test_the_folder_of_builds(written: dict[str, str], expected: Path) -> None:
    with override_settings(PERSONALIZATION=written):
        assert settings.map_dir == expected


@override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["old"], TIME_ZONE="Asia/Shanghai")
def test_djangos_own_settings_are_passed_on() -> None:
    assert settings.secret_keys == ["new", "old"]
    assert settings.time_zone == "Asia/Shanghai"


@override_settings(TIME_ZONE=None)
def test_without_a_zone_it_is_utc() -> None:
    assert settings.time_zone == "UTC"


@pytest.mark.parametrize("written", [None, "", 0, "abc", [], ["ab"], 10**12, {1: None}, {"for_you": None}])
@pytest.mark.parametrize(
    "key", ["RECOMMENDERS", "SLOTS", "EVENT_WEIGHTS", "COOKIE", "THROTTLES", "SERVER_KEYS"]
)
def test_what_is_of_a_wrong_type_is_left_to_the_checks(key: str, written: object) -> None:
    with override_settings(PERSONALIZATION={key: written}):
        assert settings.slots["similar"] == BUILT_IN_SLOTS["similar"]
        assert settings.cookie["NAME"] == "personalization"
        assert settings.throttles["events"] == "600/min"
        assert settings.event_weights["view"] == 1.0
        assert settings.server_keys == ()
        assert isinstance(settings.recommenders, Mapping)


def test_a_short_text_opens_no_door() -> None:
    """Each letter of a text that should have been a list would be a key."""
    with override_settings(PERSONALIZATION={"SERVER_KEYS": "k" * 40}):
        assert settings.server_keys == ()
    with override_settings(PERSONALIZATION={"SERVER_KEYS": ["short", None, "k" * 32]}):
        assert settings.server_keys == ("k" * 32,)
