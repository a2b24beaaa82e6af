"""The commands about people: forget_old, export_person, erase_person, erasures."""

from __future__ import annotations

import io
import json
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from personalization.engine.types import Identity, IdentityKind
from personalization.models import Erasure, Event
from personalization.privacy.choice import choose
from personalization.privacy.erasure import erase
from tests.privacy.people import DAY, busy, joined, known

pytestmark = pytest.mark.django_db

NOW = time.time_ns() // 1000
USER, EMAIL, BROWSER = IdentityKind.USER, IdentityKind.EMAIL, IdentityKind.VISITOR


def said(*args: str) -> str:
    out = io.StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def told(*args: str) -> Any:
    return json.loads(said(*args, "--json"))


def fails(*args: str) -> str:
    with pytest.raises(CommandError) as caught:
        said(*args)
    return str(caught.value)


@pytest.fixture
def ann() -> int:
    person = known(USER, "ann", now=NOW - 9 * DAY)
    joined(known(BROWSER, "phone", now=NOW - 9 * DAY), person)
    busy(person, "anns", at=NOW - DAY)
    return person


# forget_old


def test_forget_old_says_what_went(ann: int) -> None:
    busy(known(USER, "old"), "olds", events=2, at=NOW - 900 * DAY)
    result = told("forget_old")
    assert result["removed"] == {
        "events": 2,
        "view_history": 1,
        "campaign_views": 1,
        "answers": 1,
        "visitors": 0,
    }
    assert set(result) == {"before", "removed", "seconds"}
    assert "0 events, 0 view history, 0 campaign views, 0 answers, 0 visitors" in said("forget_old")


def test_forget_old_may_have_other_days_and_must_be_sure(ann: int) -> None:
    assert "3 of 3 events are older than 1 days" in fails("forget_old", "--days", "1")
    assert told("forget_old", "--days", "1", "--force")["removed"]["events"] == 3
    with override_settings(PERSONALIZATION={"RETENTION_DAYS": None}):
        assert "nothing is forgotten" in said("forget_old")
        assert told("forget_old") == {"before": None, "removed": {}, "seconds": pytest.approx(0, abs=5)}
    with override_settings(PERSONALIZATION={"RETENTION_DAYS": -1}):
        assert fails("forget_old").startswith("RETENTION_DAYS")


# export_person


def test_export_person_prints_one_json_object(ann: int) -> None:
    held = json.loads(said("export_person", "--visitor", "phone"))
    assert len(held["events"]) == 3
    assert json.loads(said("export_person", "--user", "nobody"))["events"] == []


def test_export_person_writes_a_file_that_only_its_owner_reads(ann: int, tmp_path: Path) -> None:
    path = tmp_path / "ann.json"
    result = told("export_person", "--user", "ann", "--output", str(path))
    assert result == {"file": str(path), "bytes": path.stat().st_size}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(json.loads(path.read_text(encoding="ascii"))["events"]) == 3
    assert "output" in fails(
        "export_person", "--user", "ann", "--output", str(path)
    )  # never over another file
    assert "refused" in fails("export_person", "--user", "ann", "--output", str(tmp_path / "no" / "x"))


def test_export_person_leaves_no_half_file(ann: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> Any:
        yield "{"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("personalization.management.commands.export_person.export", broken)
    assert "No space" in fails("export_person", "--user", "ann", "--output", str(tmp_path / "x"))
    assert not list(tmp_path.iterdir())


def test_export_person_is_of_one(ann: int) -> None:
    assert "of one person" in fails("export_person", "--user", "ann", "--email", "a@x.io")
    assert "name somebody" in fails("export_person")


# erase_person


def test_erase_person_counts_before_it_is_sure(ann: int) -> None:
    assert "2 visitors, 3 events, 1 ratings, 1 view history" in said("erase_person", "--user", "ann")
    assert "say --yes" in said("erase_person", "--user", "ann")
    assert Event.objects.count() == 3
    result = told("erase_person", "--user", "ann", "--email", "old@x.io", "--yes")
    assert result["erased"] is True
    assert (result["people"], result["rows"]["events"], result["refusals_kept"]) == (1, 3, 0)
    assert Erasure.objects.count() == 3
    assert "nobody was known" in said("erase_person", "--user", "ann", "--yes")


def test_erase_person_says_what_it_keeps(ann: int) -> None:
    choose(Identity(USER, "ann"), agreed=False, now=NOW)
    assert "kept: that they had refused" in said("erase_person", "--user", "ann", "--yes")


@pytest.mark.parametrize("command", ["erase_person", "export_person"])
def test_a_tenant_that_is_none_is_refused_by_name(command: str) -> None:
    assert "tenant" in fails(command, "--user", "ann", "--tenant", "x" * 65)


# erasures


@pytest.fixture
def written(ann: int, tmp_path: Path) -> Path:
    erase([Identity(USER, "ann")], now=NOW - DAY)
    path = tmp_path / "erasures.jsonl"
    assert said("erasures", "--export", str(path)) == f"2 entries in {path}\n"
    return path


def test_a_list_is_applied_as_often_as_one_likes(written: Path) -> None:
    Erasure.objects.all().delete()
    assert "2 entries; 0 people had come back" in said("erasures", "--apply", str(written))
    assert told("erasures", "--apply", str(written)) == {"listed": 2, "people": 0, "rows": {}}
    assert Erasure.objects.count() == 2
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert [item.name for item in written.parent.iterdir()] == [written.name]


def test_who_came_after_the_erasure_is_left_alone(written: Path) -> None:
    """The account was erased, and opened again: that is nobody's backup."""
    busy(known(USER, "ann", now=NOW - DAY // 2), "new", at=NOW - 5)
    assert told("erasures", "--apply", str(written))["people"] == 0
    assert Event.objects.count() == 3


def test_a_list_of_another_secret_key_is_refused(written: Path) -> None:
    with override_settings(SECRET_KEY="another-one-that-is-quite-as-long-as-it-must-be-0123456789"):
        assert "SECRET_KEY_FALLBACKS" in fails("erasures", "--apply", str(written))


GOOD = {"tenant": "", "kind": "user", "digest": "00" * 16, "erased_at": 5}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "{",
        "[" * 100_000,
        json.dumps({**GOOD, "kind": "child"}),
        json.dumps({**GOOD, "digest": "00"}),
        json.dumps({**GOOD, "digest": "g" * 32}),
        json.dumps({**GOOD, "digest": "AB" * 16}),
        json.dumps({**GOOD, "erased_at": "5"}),
        json.dumps({**GOOD, "erased_at": True}),
        json.dumps({**GOOD, "erased_at": -1}),
        json.dumps({**GOOD, "erased_at": NOW + 9 * DAY}),
        json.dumps({**GOOD, "tenant": "x" * 65}),
        json.dumps({**GOOD, "tenant": "\0"}),
        json.dumps({**GOOD, "more": 1}),
        json.dumps({"kind": "user"}),
        "\ud800",
    ],
)
def test_one_bad_line_and_nothing_is_done(written: Path, line: str) -> None:
    Erasure.objects.all().delete()
    header = written.read_text(encoding="ascii").splitlines()[0]
    text = f"{header}\n{json.dumps(GOOD)}\n{line}\n"
    written.write_bytes(text.encode("utf-8", "surrogatepass"))
    assert fails("erasures", "--apply", str(written)).startswith("apply")
    assert not Erasure.objects.exists()


def test_other_files_are_no_list(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for content in (b"", b"{}\n", b"\xff\xfe", b'{"list": "shopping"}\n'):
        path.write_bytes(content)
        assert "apply" in fails("erasures", "--apply", str(path))
    assert "apply" in fails("erasures", "--apply", str(tmp_path / "none"))
    assert "required" in fails("erasures")
