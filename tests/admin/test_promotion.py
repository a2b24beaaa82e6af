"""A marketer makes a promotion: what is given, on which lines, to whom, when, how often."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from personalization.engine.promotions import AmountOff, PercentOff
from personalization.engine.rules import default_vocabulary
from personalization.models import Promotion
from personalization.store.promotion_content import PromotionContent
from personalization.store.promotions import PROMOTIONS
from tests.admin.building import Form
from tests.admin.conftest import NOW, XSS

if TYPE_CHECKING:
    from collections.abc import Callable

State = Promotion.State
ADD = "/admin/personalization/promotion/add/"


def page(promotion: Promotion, what: str = "change", *more: str) -> str:
    return reverse(f"admin:personalization_promotion_{what}", args=[promotion.pk, *more])


@pytest.fixture
def form(chief: Client) -> Form:
    return Form(chief, ADD).fill(title="Tents", percent="10", currency="EUR")


def test_ten_percent_off_tents_for_who_bought_a_sleeping_bag(form: Form) -> None:
    form.fill(cap="20.00", limit_total="500", starts_at="2026-12-01T00:00", ends_at="2026-12-08T00:00")
    form.add("item.category", builder="targets", values="Tents")
    form.add("visitor.bought_category", values="Sleeping bags", days="365")
    assert form.save().saved
    promotion = Promotion.objects.get()
    assert json.loads(promotion.targets)["values"] == ["Tents"]
    assert json.loads(promotion.rule)["days"] == 365
    assert (promotion.percent, promotion.cap, promotion.limit_total) == (10, 20, 500)
    assert promotion.state == Promotion.State.DRAFT


def save(**said: Any) -> Promotion:
    given: dict[str, Any] = {
        "benefit": PercentOff(Decimal(10), Decimal(20)),
        "currency": "EUR",
        "title": "Tents",
    }
    content = PromotionContent(**given | said)
    saved = PROMOTIONS.save(content, vocabulary=default_vocabulary(), author="li", now=NOW)
    return Promotion.objects.get(pk=saved.id)


def told(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def turn(client: Client, promotion: Promotion, verb: str, **data: Any) -> Any:
    promotion.refresh_from_db()
    posted = {"version": promotion.version, **data}
    return client.post(page(promotion, "turn", verb), posted, follow=True)


def state_of(promotion: Promotion) -> Any:
    promotion.refresh_from_db()
    return promotion.state


def test_an_amount_in_a_currency_without_decimals(form: Form) -> None:
    form.fill(benefit="2", amount="500", currency="jpy")
    assert form.save().saved
    promotion = Promotion.objects.get()
    assert (promotion.amount, promotion.percent, promotion.currency) == (500, None, "JPY")
    assert Form(form.client, page(promotion)).data["amount"] == ["500"]
    assert "500 JPY" in form.client.get("/admin/personalization/promotion/").content.decode()


def test_what_is_started_for_later_does_not_say_that_it_runs(chief: Client) -> None:
    listed = "/admin/personalization/promotion/"
    day = 86_400_000_000
    now = time.time_ns() // 1000
    made = {
        "draft": save(),
        "scheduled": save(state=Promotion.State.RUNNING, starts_at=now + day, ends_at=now + 2 * day),
        "running": save(state=Promotion.State.RUNNING, benefit=AmountOff(Decimal("5.5"))),
        "ended": save(state=Promotion.State.RUNNING, ends_at=now - day),
    }
    for phase, promotion in made.items():
        found = chief.get(f"{listed}?phase={phase}")
        assert [row.pk for row in found.context["cl"].result_list] == [promotion.pk]
        assert f"rule-badge-{phase}" in found.content.decode()
        assert f"rule-badge-{phase}" in chief.get(page(promotion)).content.decode()
    everything = chief.get(listed).content.decode()
    for gives in ("10 %, at most 20.00 EUR", "5.50 EUR", "at any time"):
        assert gives in everything


def test_a_draft_says_what_is_left_to_be_done(form: Form) -> None:
    hint = "before you press “Start”"
    assert form.save().saved
    assert hint in form.client.get(form.response.url).content.decode()
    promotion = Promotion.objects.get()
    turn(form.client, promotion, "start", confirmed=["no_cap", "no_end", "no_limit", "everyone"])
    turn(form.client, promotion, "pause")
    assert state_of(promotion) == State.PAUSED
    again = Form(form.client, page(promotion)).fill(note="ours").save()
    assert again.saved
    assert hint not in form.client.get(again.response.url).content.decode()


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"percent": "101"}, "percent"),
        ({"percent": "0"}, "percent"),
        ({"percent": "12.345"}, "percent"),
        ({"percent": ""}, "percent"),
        ({"cap": "0"}, "cap"),
        ({"cap": "5.001"}, "cap"),
        ({"benefit": "2", "amount": "1.50", "currency": "JPY"}, "amount"),
        ({"benefit": "2"}, "amount"),
        ({"benefit": "9"}, "benefit"),
        ({"currency": "€"}, "currency"),
        ({"limit_total": "0"}, "limit_total"),
        ({"limit_person": "-1"}, "limit_person"),
        ({"priority": "9999999"}, "priority"),
        ({"starts_at": "2026-12-08T00:00", "ends_at": "2026-12-08T00:00"}, "ends_at"),
        ({"title": "\u200b"}, "title"),
    ],
)
def test_what_cannot_be_given_is_refused_at_its_input(form: Form, said: dict[str, str], field: str) -> None:
    form.fill(**said).save()
    assert list(form.response.context["adminform"].form.errors) == [field]
    assert not Promotion.objects.exists()


def test_times_are_the_shops(form: Form, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    form.fill(starts_at="2026-12-01T00:00", ends_at="2026-12-07").save()
    promotion = Promotion.objects.get()
    assert promotion.starts_at is not None
    assert promotion.ends_at is not None
    assert promotion.starts_at.isoformat() == "2026-11-30T23:00:00+00:00"
    assert promotion.ends_at.isoformat() == "2026-12-07T23:00:00+00:00"  # a day alone is a whole day
    assert Form(form.client, page(promotion)).data["ends_at"] == ["2026-12-08T00:00"]


@pytest.mark.parametrize("wall", ["2026-03-29T02:30", "2026-10-25T02:30"])
def test_times_that_the_clock_does_not_show_once_are_refused(form: Form, settings: Any, wall: str) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    form.fill(ends_at=wall).save()
    assert list(form.response.context["adminform"].form.errors) == ["ends_at"]


def test_errors_stand_in_the_builder_they_are_about(form: Form) -> None:
    form.press("add:0", builder="targets").save()
    errors = form.response.context["adminform"].form.errors
    assert list(errors) == ["targets"]
    assert "Condition 1: Please choose what this condition is about." in errors["targets"]


def test_lines_are_chosen_by_items_and_people_by_visitors(form: Form) -> None:
    form.fill(targets__row=["0::g", "1:0:c"], targets__1__kind="visitor.returning").save()
    assert "This cannot be asked here." in form.html
    assert not Promotion.objects.exists()


def test_starting_asks_what_may_not_be_meant(chief: Client) -> None:
    promotion = save(benefit=PercentOff(Decimal(100)))
    asked = turn(chief, promotion, "start")
    shown = [one.code for one in asked.context["warnings"]]
    assert shown == ["free", "no_cap", "everyone", "no_limit", "no_end"]
    assert state_of(promotion) == State.DRAFT
    asked = turn(chief, promotion, "start", confirmed=shown[:3])
    assert [one.ticked for one in asked.context["warnings"]] == [True, True, True, False, False]
    assert "Started." in told(turn(chief, promotion, "start", confirmed=shown))
    assert state_of(promotion) == State.RUNNING
    assert LogEntry.objects.get().get_change_message() == "Started."


def test_what_runs_is_changed_with_open_eyes(chief: Client) -> None:
    promotion = save(limit_total=5, ends_at=NOW * 2, needs_code=True)
    turn(chief, promotion, "start")
    assert state_of(promotion) == State.RUNNING
    form = Form(chief, page(promotion)).fill(cap="", limit_total="")
    form.save()
    assert "There is no cap" in form.html
    assert form.data["limit_total"] == [""]
    assert form.save(confirmed=["no_cap", "no_limit"]).saved
    promotion.refresh_from_db()
    assert (promotion.cap, promotion.limit_total, promotion.state) == (None, None, State.RUNNING)


def test_doubts_about_its_rules_are_asked(chief: Client) -> None:
    over = {"kind": "context.dates", "op": "within", "until": "2020-01-01"}
    promotion = save(rule=json.dumps(over), limit_total=5, ends_at=NOW * 2)
    assert [one.code for one in turn(chief, promotion, "start").context["warnings"]] == ["rule:over"]


def test_pausing_and_archiving(chief: Client) -> None:
    promotion = save(limit_total=5, ends_at=NOW * 2, needs_code=True)
    assert "already" in told(turn(chief, promotion, "pause"))
    for verb, state in (("start", State.RUNNING), ("pause", State.PAUSED), ("archive", State.ARCHIVED)):
        turn(chief, promotion, verb)
        assert state_of(promotion) == state
    assert [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")] == [
        "Started.",
        "Paused.",
        "Archived.",
    ]
    turn(chief, promotion, "start")
    assert state_of(promotion) == State.ARCHIVED
    assert chief.post(page(promotion), {"title": "x"}).status_code == 403
    assert chief.get(page(promotion)).status_code == 200


def test_a_state_is_not_changed_unseen(chief: Client) -> None:
    promotion = save(limit_total=5, ends_at=NOW * 2, needs_code=True)
    answer = chief.post(page(promotion, "turn", "start"), {"version": 0}, follow=True)
    assert "Somebody has saved meanwhile" in told(answer)
    assert state_of(promotion) == State.DRAFT
    assert chief.get(page(promotion, "turn", "start")).status_code == 405
    assert chief.post(page(promotion, "turn", "explode")).status_code == 404


def test_a_promotion_whose_rule_cannot_be_read_does_not_start(chief: Client) -> None:
    promotion = save()
    Promotion.objects.update(rule='{"kind":"visitor.shoe_size"}')
    assert "cannot be used as it is" in told(turn(chief, promotion, "start"))
    assert "there is no kind" in chief.get(page(promotion)).content.decode()
    Promotion.objects.update(state=State.RUNNING)
    turn(chief, promotion, "pause")
    assert Promotion.objects.get().state == State.PAUSED


def test_a_restored_version_starts_nothing(chief: Client) -> None:
    promotion = save(limit_total=5, ends_at=NOW * 2, needs_code=True)
    turn(chief, promotion, "start")
    answer = chief.post(page(promotion, "restore"), {"number": 1, "version": 2}, follow=True)
    assert "pause it first" in told(answer)
    turn(chief, promotion, "pause")
    chief.post(page(promotion, "restore"), {"number": 2, "version": 3})
    promotion.refresh_from_db()
    assert (promotion.state, promotion.version) == (State.PAUSED, 4)
    assert "has no version" in told(
        chief.post(page(promotion, "restore"), {"number": 77, "version": 4}, follow=True)
    )


def test_versions_are_compared_in_words(chief: Client, settings: Any) -> None:
    settings.TIME_ZONE = "UTC"
    promotion = save(ends_at=1_800_000_000_000_000)
    Form(chief, page(promotion)).fill(percent="15", cap="", ends_at="").add(
        "item.category", builder="targets", values="Tents"
    ).save()
    shown = chief.get(page(promotion, "history")).content.decode()
    for line in (
        "15</ins>",
        "20</del>",
        "without conditions</del>",
        "the item’s category is “Tents”</ins>",
        "2027-01-15 08:00</del>",
    ):
        assert line in shown


def test_the_second_editor_is_told(chief: Client) -> None:
    promotion = save()
    first, second = Form(chief, page(promotion)), Form(chief, page(promotion))
    assert first.fill(percent="15").save().saved
    second.fill(percent="5").save()
    assert "Somebody else has saved meanwhile" in second.html
    promotion.refresh_from_db()
    assert promotion.percent == 15


def test_each_verb_asks_its_permission(staff: Callable[..., Client]) -> None:
    promotion = save(limit_total=5, ends_at=NOW * 2, needs_code=True)
    viewer, editor = staff("view_promotion"), staff("view_promotion", "change_promotion")
    chief = staff("view_promotion", "delete_promotion")
    assert [turn(viewer, promotion, verb).status_code for verb in ("start", "pause", "archive")] == [403] * 3
    assert turn(editor, promotion, "archive").status_code == 403
    assert turn(chief, promotion, "start").status_code == 403
    assert "/turn/start/" in editor.get(page(promotion)).content.decode()
    assert "/turn/archive/" not in editor.get(page(promotion)).content.decode()
    assert turn(editor, promotion, "start").status_code == 200
    assert state_of(promotion) == State.RUNNING
    turn(chief, promotion, "archive")
    assert state_of(promotion) == State.ARCHIVED


def test_another_tenants_promotion_is_not_there(chief: Client) -> None:
    promotion = save()
    Promotion.objects.update(tenant="other")
    assert [chief.get(page(promotion, what)).status_code for what in ("change", "history", "codes")] == [
        404
    ] * 3
    assert chief.post(page(promotion, "turn", "start")).status_code == 404
    assert chief.post(page(promotion, "codes")).status_code == 404
    assert chief.get(page(promotion, "batch", "1")).status_code == 404


def test_how_much_is_used_is_seen(chief: Client) -> None:
    promotion = save(limit_total=500)
    Promotion.objects.update(taken=20)
    for url in (page(promotion), "/admin/personalization/promotion/"):
        shown = chief.get(url).content.decode().replace("\N{NO-BREAK SPACE}", " ")
        assert '20 of 500 <progress class="rule-used" value="20" max="500">' in shown


def test_titles_are_inert(chief: Client) -> None:
    promotion = save(title=XSS, note=XSS)
    for url in (
        page(promotion),
        page(promotion, "history"),
        page(promotion, "codes"),
        "/admin/personalization/promotion/",
    ):
        assert XSS not in chief.get(url).content.decode()
    assert XSS not in turn(chief, promotion, "start").content.decode()
