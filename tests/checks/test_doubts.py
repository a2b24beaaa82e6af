"""Settings that are right, and hardly what was meant."""

from pathlib import Path

import pytest

from tests.checks.test_settings import ids


def test_a_folder_that_cannot_be_written_is_a_warning_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    below_a_file = str(tmp_path / "file" / "builds")
    assert ids({"MAP_DIR": below_a_file}) == ["W001"]
    assert ids({"MAP_DIR": below_a_file, "MAP_BUILDS": False}) == []
    assert ids({"MAP_DIR": str(tmp_path / "new" / "builds")}) == []


def test_errors_come_first(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert ids({"MAP_DIR": str(tmp_path / "file" / "builds"), "BUILDS_KEPT": 0}) == ["E012"]


@pytest.mark.parametrize(
    ("kept", "age", "expected"), [(30, 395, ["W004"]), (30, 30, []), (30, 31, ["W004"]), (None, 400, [])]
)
def test_a_cookie_should_not_outlive_what_it_names(kept: int | None, age: int, expected: list[str]) -> None:
    assert ids({"RETENTION_DAYS": kept, "COOKIE": {"AGE_DAYS": age}}) == expected
