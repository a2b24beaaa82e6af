"""A marketer makes a campaign: who sees what, where and when; starts it, changes it, and brings it back."""

from __future__ import annotations

import json
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from personalization.engine.types import Kind
from personalization.models import Campaign, EventCount, Promotion, Segment
from personalization.store.campaign_figures import CampaignFigures
from personalization.store.campaign_views import day_of
from tests.admin.building import Form
from tests.admin.conftest import NOW, XSS
from tests.admin.test_promotion import save as save_promotion
from tests.admin.test_promotion import told
from tests.campaigns.running import DAY, RETURNING, SLOT, SLOTS, save

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

State = Campaign.State
LIST = "/admin/personalization/campaign/"
ADD = f"{LIST}add/"
#: What nothing is to be asked about.
SURE: dict[str, Any] = {"rule": RETURNING, "cap_count": 3, "cap_days": 7, "ends_at": NOW + 9 * DAY}


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path) -> None:
    settings.PERSONALIZATION = settings.PERSONALIZATION | {"SLOTS": SLOTS}
    settings.MEDIA_ROOT, settings.MEDIA_URL = tmp_path, "/media/"


@pytest.fixture
def form(chief: Client) -> Form:
    return Form(chief, ADD).fill(title="Winter", slot=SLOT, headline="Winter is coming")


def make(**said: Any) -> Campaign:
    return Campaign.objects.get(pk=save(**{"state": State.DRAFT, "now": NOW} | said).id)


def page(campaign: Campaign, what: str = "change", *more: str) -> str:
    return reverse(f"admin:personalization_campaign_{what}", args=[campaign.pk, *more])


def turn(client: Client, campaign: Campaign, verb: str, **data: Any) -> Any:
    campaign.refresh_from_db()
    posted = {"version": campaign.version, **data}
    return client.post(page(campaign, "turn", verb), posted, follow=True)


def state_of(campaign: Campaign) -> Any:
    campaign.refresh_from_db()
    return campaign.state


def picture(size: tuple[int, int] = (3, 2)) -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", size).save(content, "PNG")
    return SimpleUploadedFile("winter.png", content.getvalue(), "image/png")


def errors(form: Form) -> list[str]:
    return list(form.response.context["adminform"].form.errors)


def test_a_banner_for_those_who_come_back(form: Form) -> None:
    promotion = save_promotion()
    form.fill(text="Stay warm.", link="/sale/", items_slot="for_you", promotion=promotion.pk, priority="5")
    form.fill(starts_at="2026-12-01T00:00", ends_at="2026-12-08T00:00")
    form.fill(cap_count="3", cap_days="7", holdout="12.5")
    form.add("visitor.returning", op="yes")
    assert form.save().saved
    campaign = Campaign.objects.get()
    assert json.loads(campaign.rule) == RETURNING
    assert (campaign.slot, campaign.items_slot, campaign.promotion_id) == (SLOT, "for_you", promotion.pk)
    assert (campaign.priority, campaign.cap_count, campaign.cap_days) == (5, 3, 7)
    assert (campaign.holdout_share, campaign.state) == (Decimal("0.125"), State.DRAFT)
    again = Form(form.client, page(campaign))
    assert (again.data["holdout"], again.data["starts_at"]) == (["12.5"], ["2026-12-01T00:00"])
    assert again.save().saved
    campaign.refresh_from_db()
    assert (campaign.version, campaign.promotion_id, campaign.text) == (2, promotion.pk, "Stay warm.")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"title": "\u200b"}, "title"),
        ({"slot": "nowhere"}, "slot"),
        ({"slot": "for_you"}, "slot"),
        ({"items_slot": "side"}, "items_slot"),
        ({"promotion": "77"}, "promotion"),
        ({"link": "sale"}, "link"),
        ({"link": "ftp://x/"}, "link"),
        ({"holdout": "101"}, "holdout"),
        ({"holdout": "1e1"}, "holdout"),
        ({"cap_count": "3"}, "cap_days"),
        ({"cap_days": "3"}, "cap_count"),
        ({"cap_count": "0", "cap_days": "1"}, "cap_count"),
        ({"priority": "9999999"}, "priority"),
        ({"starts_at": "2026-12-08T00:00", "ends_at": "2026-12-08T00:00"}, "ends_at"),
        ({"headline": "x" * 256}, "headline"),
        ({"image": "/etc/passwd"}, "image"),
    ],
)
def test_what_cannot_be_is_refused_at_its_input(form: Form, said: dict[str, str], field: str) -> None:
    assert errors(form.fill(**said).save()) == [field]
    assert not Campaign.objects.exists()


def test_times_are_the_shops(form: Form, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    form.fill(starts_at="2026-12-01T00:00", ends_at="2026-12-07").save()
    campaign = Campaign.objects.get()
    assert campaign.starts_at is not None
    assert campaign.ends_at is not None
    assert campaign.starts_at.isoformat() == "2026-11-30T23:00:00+00:00"
    assert campaign.ends_at.isoformat() == "2026-12-07T23:00:00+00:00"  # a day alone is a whole day
    shown = form.client.get(LIST).content.decode()
    assert "<span>2026-12-01 00:00 –</span> <span>2026-12-08 00:00</span>" in shown


def test_a_picture_comes_stays_and_goes(form: Form) -> None:
    assert 'enctype="multipart/form-data"' in form.html
    form.data["image-file"] = picture()  # type: ignore[assignment]
    assert form.save().saved
    campaign = Campaign.objects.get()
    first = campaign.image.name
    form = Form(form.client, page(campaign))
    assert f'src="/media/{first}"' in form.html
    assert form.fill(note="x").save().saved
    campaign.refresh_from_db()
    assert campaign.image.name == first
    form = Form(form.client, page(campaign))
    assert form.fill(image__remove="1").save().saved
    campaign.refresh_from_db()
    assert campaign.image.name == ""


def test_a_picture_is_not_chosen_twice(form: Form) -> None:
    """A form that comes back with an error, or after a button of the builder, still has it."""
    form.data["image-file"] = picture()  # type: ignore[assignment]
    form.fill(holdout="101").save()
    del form.data["holdout"]
    kept = form.data["image"]
    assert kept[0].endswith(".png")
    form.press("add:0")
    assert form.data["image"] == kept
    form.press("remove:1")
    form.data["image-file"] = picture()  # type: ignore[assignment]
    form.press("add:0")
    assert form.data["image"] not in ([""], kept)
    form.data["image-file"] = SimpleUploadedFile("x.png", b"no picture")  # type: ignore[assignment]
    form.press("add:0")
    assert "This is no whole PNG" in told(form.response)


def test_without_a_place_it_is_said_how_to_declare_one(chief: Client, settings: Any) -> None:
    settings.PERSONALIZATION = settings.PERSONALIZATION | {"SLOTS": {}}
    for url in (LIST, ADD, f"{LIST}preview/"):
        assert "&quot;KIND&quot;: &quot;campaign&quot;" in chief.get(url).content.decode()


def test_a_place_that_is_no_longer_declared_is_kept_and_told(chief: Client, settings: Any) -> None:
    campaign = make(**SURE)
    settings.PERSONALIZATION = settings.PERSONALIZATION | {"SLOTS": {"side": {"KIND": "campaign"}}}
    form = Form(chief, page(campaign))
    assert "home_banner (no longer declared)" in form.html
    assert form.fill(note="x").save().saved
    assert Campaign.objects.get().slot == SLOT
    assert [one.code for one in turn(chief, campaign, "start").context["warnings"]] == ["no_place"]
    assert "home_banner (no longer declared)" in chief.get(LIST).content.decode()


def test_a_promotion_that_does_not_run_is_asked_about(chief: Client) -> None:
    promotion = save_promotion()
    campaign = make(**SURE, promotion=promotion.pk)
    (warned,) = turn(chief, campaign, "start").context["warnings"]
    assert (warned.code, warned.text) == (
        "promotion",
        "Its promotion does not run (draft): nobody is told of it.",
    )
    Promotion.objects.update(state=Promotion.State.RUNNING)
    assert "Started." in told(turn(chief, campaign, "start"))


def test_starting_asks_what_may_not_be_meant(chief: Client) -> None:
    campaign = make(headline="", text="", link="", holdout_share=Decimal(1))
    asked = turn(chief, campaign, "start")
    shown = [one.code for one in asked.context["warnings"]]
    assert shown == ["nothing", "held_out", "everyone", "no_cap", "no_end"]
    assert state_of(campaign) == State.DRAFT
    asked = turn(chief, campaign, "start", confirmed=shown[:3])
    assert [one.ticked for one in asked.context["warnings"]] == [True, True, True, False, False]
    assert "Started." in told(turn(chief, campaign, "start", confirmed=shown))
    assert state_of(campaign) == State.ACTIVE
    assert LogEntry.objects.get().get_change_message() == "Started."


def test_what_runs_is_changed_with_open_eyes(chief: Client) -> None:
    campaign = make(**SURE)
    turn(chief, campaign, "start")
    assert state_of(campaign) == State.ACTIVE
    form = Form(chief, page(campaign)).fill(cap_count="", cap_days="")
    form.save()
    assert "the same visitor may see it on every page" in form.html
    assert form.save(confirmed=["no_cap"]).saved
    campaign.refresh_from_db()
    assert (campaign.cap_count, campaign.state) == (None, State.ACTIVE)


def test_pausing_archiving_and_clicking_twice(chief: Client) -> None:
    campaign = make(**SURE)
    version = campaign.version
    for _ in range(2):
        answer = chief.post(page(campaign, "turn", "start"), {"version": version}, follow=True)
    assert "already" in told(answer)
    for verb, state in (("pause", State.PAUSED), ("archive", State.ARCHIVED)):
        turn(chief, campaign, verb)
        assert state_of(campaign) == state
    assert [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")] == [
        "Started.",
        "Paused.",
        "Archived.",
    ]
    assert chief.post(page(campaign), {"title": "x"}).status_code == 403
    assert chief.get(page(campaign)).status_code == 200
    assert chief.get(page(campaign, "turn", "start")).status_code == 405


def test_a_campaign_whose_rule_cannot_be_read_stops_but_does_not_start(chief: Client) -> None:
    campaign = make(**SURE)
    Campaign.objects.update(rule='{"kind":"visitor.shoe_size"}')
    assert "cannot be used as it is" in told(turn(chief, campaign, "start"))
    Campaign.objects.update(state=State.ACTIVE)
    turn(chief, campaign, "pause")
    assert state_of(campaign) == State.PAUSED


def test_each_verb_asks_its_permission(staff: Callable[..., Client]) -> None:
    campaign = make(**SURE)
    stranger, viewer = staff(), staff("view_campaign")
    editor, remover = staff("view_campaign", "change_campaign"), staff("view_campaign", "delete_campaign")
    for url in (LIST, page(campaign), f"{LIST}preview/"):
        assert (stranger.get(url).status_code, viewer.get(url).status_code) == (403, 200)
    assert [turn(viewer, campaign, verb).status_code for verb in ("start", "pause", "archive")] == [403] * 3
    assert turn(editor, campaign, "archive").status_code == 403
    assert turn(remover, campaign, "start").status_code == 403
    assert viewer.post(page(campaign), {"title": "x"}).status_code == 403
    assert "/turn/archive/" not in editor.get(page(campaign)).content.decode()
    turn(editor, campaign, "start")
    assert state_of(campaign) == State.ACTIVE
    turn(remover, campaign, "archive")
    assert state_of(campaign) == State.ARCHIVED


def test_versions_are_compared_and_restored(chief: Client, settings: Any) -> None:
    settings.TIME_ZONE = "UTC"
    campaign = make(**SURE | {"ends_at": 1_800_000_000_000_000})
    Form(chief, page(campaign)).fill(headline="Spring", holdout="10", ends_at="").save()
    shown = chief.get(page(campaign, "history")).content.decode()
    for line in ("Spring</ins>", "Winter is coming</del>", "10 %</ins>", "2027-01-15 08:00</del>"):
        assert line in shown
    turn(chief, campaign, "start", confirmed=["no_end"])
    restore = page(campaign, "restore")
    assert "pause it first" in told(chief.post(restore, {"number": 1, "version": 3}, follow=True))
    turn(chief, campaign, "pause")
    chief.post(restore, {"number": 1, "version": 4})
    campaign.refresh_from_db()
    assert (campaign.headline, campaign.state, campaign.version) == ("Winter is coming", State.PAUSED, 5)
    assert "has no version" in told(chief.post(restore, {"number": 77, "version": 5}, follow=True))


def test_the_second_editor_is_told_and_loses_nothing(chief: Client) -> None:
    campaign = make()
    first, second = Form(chief, page(campaign)), Form(chief, page(campaign))
    assert first.fill(headline="Spring").save().saved
    second.data["image-file"] = picture()  # type: ignore[assignment]
    second.fill(headline="Autumn").save()
    assert "Somebody else has saved meanwhile" in second.html
    assert (second.data["headline"], second.data["image"] != [""]) == (["Autumn"], True)
    assert second.save().saved
    campaign.refresh_from_db()
    assert (campaign.headline, bool(campaign.image)) == ("Autumn", True)


def test_the_list_tells_phases_and_counts_in_one_statement(chief: Client) -> None:
    made = {
        "draft": make(title="draft"),
        "scheduled": make(state=State.ACTIVE, starts_at=NOW + DAY, slot="side"),
        "running": make(state=State.ACTIVE),
        "paused": make(state=State.PAUSED, starts_at=NOW + DAY),
        "ended": make(state=State.ACTIVE, ends_at=NOW - DAY),
        "archived": make(state=State.ARCHIVED),
    }
    for age in (0, 2):
        for kind, held_out, count in (
            (Kind.IMPRESSION, False, 14),
            (Kind.CLICK, False, 4),
            (Kind.IMPRESSION, True, 3),
        ):
            EventCount.objects.create(
                day=day_of(NOW) - age, kind=kind, campaign=made["running"].pk, held_out=held_out, count=count
            )
    with CaptureQueriesContext(connection) as queries:
        shown = chief.get(LIST)
    assert len([query for query in queries if "personalization_eventcount" in query["sql"]]) == 1
    rows = {row.pk: row for row in shown.context["cl"].result_list}
    assert rows[made["running"].pk].figures == CampaignFigures(28, 8, 6)
    assert rows[made["draft"].pk].figures == CampaignFigures()
    outcome = chief.get(page(made["running"])).context["outcome"]
    assert (outcome.total, outcome.rate) == (CampaignFigures(28, 8, 6), "28.6 %")
    assert [(line.label, line.total, line.today) for line in outcome.kinds] == [
        ("Impressions", 28, 14),
        ("Clicks", 8, 4),
        ("Left out by lot", 6, 3),
    ]
    assert [line.counts for line in outcome.days] == [[14, 4, 3], [14, 4, 3]]
    assert "Nobody has seen it in these days." in chief.get(page(made["draft"])).content.decode()
    for phase, campaign in made.items():
        found = chief.get(f"{LIST}?phase={phase}")
        assert [row.pk for row in found.context["cl"].result_list] == [campaign.pk]
        assert f"rule-badge-{phase}" in found.content.decode()
    assert [row.pk for row in chief.get(f"{LIST}?q=draft").context["cl"].result_list] == [made["draft"].pk]
    assert [row.pk for row in chief.get(f"{LIST}?slot=side").context["cl"].result_list] == [
        made["scheduled"].pk
    ]


def test_an_empty_list_says_what_to_do(chief: Client) -> None:
    assert "Press “Add campaign”" in chief.get(LIST).content.decode()


def test_another_tenants_campaign_is_not_there(chief: Client) -> None:
    campaign, promotion = make(), save_promotion()
    Campaign.objects.update(tenant="other")
    Promotion.objects.update(tenant="other")
    assert [chief.get(page(campaign, what)).status_code for what in ("change", "history")] == [404] * 2
    assert chief.post(page(campaign, "turn", "start")).status_code == 404
    form = Form(chief, ADD).fill(title="x", slot=SLOT, promotion=promotion.pk)
    assert errors(form.save()) == ["promotion"]


def test_a_segment_knows_the_campaigns_that_name_it(chief: Client) -> None:
    segment = Segment.objects.create(
        name="vip", title="VIP", rule=json.dumps(RETURNING), created_at=NOW, updated_at=NOW
    )
    make(title="For VIPs", rule={"kind": "visitor.segment", "op": "any_of", "values": ["vip"]})
    shown = chief.get(f"/admin/personalization/segment/{segment.pk}/change/").content.decode()
    assert "For VIPs" in shown


def test_texts_are_inert(chief: Client) -> None:
    campaign = make(title=XSS, note=XSS, headline=XSS, text=XSS, state=State.ACTIVE)
    for url in (LIST, page(campaign), page(campaign, "history")):
        assert XSS not in chief.get(url).content.decode()
    assert XSS not in chief.post(f"{LIST}preview/", {"slot": SLOT}).content.decode()
