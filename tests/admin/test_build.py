"""What can be done with builds: make one live, roll back, ask for a rebuild."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from personalization.admin.build import REBUILD
from personalization.learning import rebuild
from personalization.models import Build, Run
from personalization.store.builds import live_builds

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "/admin/personalization/build/"


def told(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(str(message) for message in response.context["messages"])


def test_rolling_back_is_asked_then_done_and_noted(chief: Client, rows: SimpleNamespace) -> None:
    page = chief.get(f"{URL}{rows.newer}/change/").content.decode()
    assert f"{URL}{rows.older}/serve/" in page
    assert chief.get(f"{URL}{rows.older}/serve/").status_code == 200
    assert live_builds("") == {"auto": rows.newer}
    assert "is live now" in told(chief.post(f"{URL}{rows.older}/serve/", follow=True))
    assert live_builds("") == {"auto": rows.older}
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.get_change_message()) == (str(rows.older), "Made live.")


def test_forward_again(chief: Client, rows: SimpleNamespace) -> None:
    chief.post(f"{URL}{rows.older}/serve/")
    page = chief.get(f"{URL}{rows.newer}/change/").content.decode()
    assert f"{URL}{rows.newer}/serve/" in page
    chief.post(f"{URL}{rows.newer}/serve/")
    assert live_builds("") == {"auto": rows.newer}


def test_an_unfinished_build_is_not_served(chief: Client, rows: SimpleNamespace) -> None:
    assert "/serve/" not in chief.get(f"{URL}{rows.unfinished}/change/").content.decode()
    assert "not ready" in told(chief.post(f"{URL}{rows.unfinished}/serve/", follow=True))
    assert live_builds("") == {"auto": rows.newer}
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("build", ["0", "abc", "9" * 30])
def test_a_build_that_is_not_there_leads_back(chief: Client, rows: SimpleNamespace, build: str) -> None:
    assert chief.post(f"{URL}{build}/serve/")["Location"] == URL
    assert chief.get(f"{URL}{build}/change/").status_code == 302


def test_serving_needs_the_right_to_change_builds(
    staff: Callable[..., Client], rows: SimpleNamespace
) -> None:
    viewer = staff("view_build")
    assert "/serve/" not in viewer.get(f"{URL}{rows.newer}/change/").content.decode()
    for call in (viewer.get, viewer.post):
        assert call(f"{URL}{rows.older}/serve/").status_code == 403
    assert live_builds("") == {"auto": rows.newer}
    editor = staff("view_build", "change_build")
    assert editor.post(f"{URL}{rows.older}/serve/").status_code == 302
    assert live_builds("") == {"auto": rows.older}


def test_a_rebuild_is_requested_once(chief: Client, rows: SimpleNamespace) -> None:
    assert "Rebuild now" in chief.get(URL).content.decode()
    assert "is requested" in told(chief.post(f"{URL}rebuild/", follow=True))
    assert "already there: requested" in told(chief.post(f"{URL}rebuild/", follow=True))
    run = Run.objects.get(kind=REBUILD)
    assert (run.state, run.tenant, run.arguments) == (Run.State.REQUESTED, "", {})
    assert LogEntry.objects.get().object_id == str(run.pk)


@pytest.mark.parametrize("parameter", ["tenant", "tenant__exact"])
def test_a_rebuild_is_of_the_tenant_that_is_looked_at(
    chief: Client, rows: SimpleNamespace, parameter: str
) -> None:
    Build.objects.filter(pk=rows.unfinished).update(tenant="b")
    assert (
        '<input type="hidden" name="tenant" value="b">' in chief.get(f"{URL}?{parameter}=b").content.decode()
    )
    chief.post(f"{URL}rebuild/", {"tenant": "b"})
    assert Run.objects.get(kind=REBUILD).tenant == "b"


def test_a_tenant_that_no_database_stores_is_none(chief: Client, rows: SimpleNamespace) -> None:
    chief.post(f"{URL}rebuild/", {"tenant": "a\0"})
    assert Run.objects.get(kind=REBUILD).tenant == ""


def test_a_rebuild_needs_its_permission_a_post_and_the_token(
    staff: Callable[..., Client], rows: SimpleNamespace
) -> None:
    viewer = staff("view_build")
    assert "Rebuild now" not in viewer.get(URL).content.decode()
    assert viewer.post(f"{URL}rebuild/").status_code == 403
    asker = staff("view_build", "add_run", enforce_csrf_checks=True)
    assert asker.get(f"{URL}rebuild/").status_code == 405
    assert asker.post(f"{URL}rebuild/").status_code == 403
    assert asker.post(f"{URL}{rows.older}/serve/").status_code == 403
    assert not Run.objects.filter(kind=REBUILD).exists()


def test_it_is_the_run_that_learning_does() -> None:
    assert REBUILD == rebuild.REBUILD
