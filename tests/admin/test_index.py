"""The first page of the app: what runs, what needs somebody, how it does; each part for those who may see it."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from personalization.adapters import Adapter
from personalization.admin.overview.ways import Ways
from personalization.engine.ids import digest
from personalization.engine.types import IdentityKind, Kind
from personalization.models import Build, Campaign, Event, EventCount, LiveBuild, Promotion, Run, Visitor
from personalization.registry import declared
from personalization.store import event_counts, recent
from personalization.store.builds import BuildCost, NewBuild, create_build, fail_build, publish_build
from personalization.store.campaign_views import day_of
from personalization.store.event_counts import count_events
from personalization.store.events import EventRow, Source, append_events
from personalization.store.visitors import ensure_visitors
from tests.admin.conftest import NOW, XSS
from tests.admin.test_promotion import save as make_promotion
from tests.campaigns.running import DAY, SLOT, SLOTS
from tests.campaigns.running import save as save_campaign

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "/admin/personalization/"
QUIET = "Nothing needs attention."
RUNNING = Promotion.State.RUNNING
UNREADABLE = '{"kind": "gone"}'


@pytest.fixture(autouse=True)
def places(settings: Any) -> None:
    settings.PERSONALIZATION = settings.PERSONALIZATION | {"SLOTS": SLOTS}


def make_campaign(**said: Any) -> Campaign:
    return Campaign.objects.get(pk=save_campaign(**{"now": NOW} | said).id)


def happen(*kinds: Kind, at: int = NOW, flags: int = 0, tenant: str = "") -> None:
    visitor = ensure_visitors(IdentityKind.USER, ["ann"], tenant=tenant, now=at)["ann"]
    rows = [
        EventRow(digest(tenant, str(at), str(place)), kind, visitor, None, at, flags=flags)
        for place, kind in enumerate(kinds)
    ]
    append_events(rows, tenant=tenant, source=Source.CODE, now=at)


def learn(alias: str, *, at: int = NOW, tenant: str = "", metrics: dict[str, Any] | None = None) -> int:
    build = create_build(NewBuild(alias=alias, as_of=at, tenant=tenant, items=2), now=at)
    publish_build(build, now=at, cost=BuildCost(seconds=2.5, metrics=metrics or {}))
    return build


@pytest.fixture
def quiet(db: None) -> None:
    """A shop in which all is well."""
    happen(Kind.VIEW)
    for alias in declared():
        learn(alias)


def told(client: Client, **headers: str) -> str:
    """The page as text, without its markup's escapes."""
    response = client.get(URL, headers=headers)
    assert response.status_code == 200
    return unescape(response.content.decode()).replace("\N{NO-BREAK SPACE}", " ")


def needs(client: Client) -> list[tuple[str, str]]:
    """What needs attention, and where something is done about it."""
    return [(need.text, need.url) for need in client.get(URL).context["needs"]]


def test_an_empty_shop_is_told_what_to_do_first(chief: Client) -> None:
    page = told(chief)
    for said in (
        "No event was ever recorded",
        "personalization_doctor",
        "Press “Rebuild now”",
        "No campaign runs",
    ):
        assert said in page
    assert [url for _, url in needs(chief)] == [f"{URL}event/", f"{URL}build/"]


@pytest.mark.usefixtures("quiet")
def test_a_shop_in_which_all_is_well(chief: Client) -> None:
    make_campaign()
    make_promotion(state=RUNNING, limit_total=10)
    assert QUIET in told(chief)
    assert needs(chief) == []


@pytest.mark.usefixtures("quiet")
def test_what_runs_and_what_starts_soon(chief: Client) -> None:
    shown = make_campaign(title="Winter", ends_at=NOW + 9 * DAY)
    make_campaign(title="Spring", starts_at=NOW + 3 * DAY)
    make_campaign(title="Summer", starts_at=NOW + 30 * DAY)
    make_campaign(title="Autumn", state=Campaign.State.PAUSED)
    make_promotion(title="Tents", state=RUNNING, limit_total=10)
    make_promotion(title="Mugs", state=RUNNING, ends_at=NOW - DAY)
    for day, impressions in ((day_of(NOW), 7), (day_of(NOW) - 5, 4), (day_of(NOW) - 40, 100)):
        for kind, count in ((Kind.IMPRESSION, impressions), (Kind.CLICK, 1)):
            EventCount.objects.create(day=day, kind=kind, campaign=shown.pk, count=count)
    campaigns, promotions = chief.get(URL).context["tables"]
    assert [(line.title, line.label) for line in campaigns.lines] == [
        ("Winter", "running"),
        ("Spring", "scheduled"),
    ]
    assert [figure for _, figure in campaigns.lines[0].cells] == [SLOT, 11, 2]
    assert campaigns.lines[0].url == f"{URL}campaign/{shown.pk}/change/"
    assert campaigns.lines[1].when.startswith("from ")
    assert [line.title for line in promotions.lines] == ["Tents"]
    assert "10 %, at most 20.00 EUR" in told(chief)
    assert "0 of 10" in told(chief)


CAMPAIGNS: list[tuple[dict[str, Any], str]] = [
    ({"rule": UNREADABLE}, "Nobody sees the campaign “Winter”: its conditions cannot be read"),
    ({"slot": "gone"}, "no longer declare its place gone"),
]
PROMOTIONS: list[tuple[dict[str, Any], str]] = [
    ({"rule": UNREADABLE}, "Nobody gets the promotion “Tents”: its conditions cannot be read"),
    ({"targets": UNREADABLE}, "Nobody gets the promotion “Tents”: its conditions cannot be read"),
    ({"limit_total": 10, "taken": 9}, "is nearly used up: 9 of 10."),
    ({"ends_at": NOW + 2 * DAY}, "The promotion “Tents” ends on "),
]


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(("columns", "text"), CAMPAIGNS)
def test_a_campaign_that_nobody_sees(chief: Client, columns: dict[str, Any], text: str) -> None:
    campaign = make_campaign()
    Campaign.objects.update(**columns)
    [(said, url)] = needs(chief)
    assert text in said
    assert url == f"{URL}campaign/{campaign.pk}/change/"
    Campaign.objects.update(starts_at=NOW + DAY)
    assert needs(chief) == []


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(("columns", "text"), PROMOTIONS)
def test_a_promotion_that_needs_somebody(chief: Client, columns: dict[str, Any], text: str) -> None:
    promotion = make_promotion(state=RUNNING)
    Promotion.objects.update(**columns)
    [(said, url)] = needs(chief)
    assert text in said.replace("\N{NO-BREAK SPACE}", " ")
    assert url == f"{URL}promotion/{promotion.pk}/change/"
    Promotion.objects.update(state=Promotion.State.PAUSED)
    assert needs(chief) == []


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("columns", [{"limit_total": 10, "taken": 8}, {"ends_at": NOW + 4 * DAY}])
def test_a_promotion_with_enough_left(chief: Client, columns: dict[str, Any]) -> None:
    make_promotion(state=RUNNING)
    Promotion.objects.update(**columns)
    assert needs(chief) == []


@pytest.mark.usefixtures("quiet")
def test_a_campaign_whose_promotion_does_not_run(chief: Client, staff: Callable[..., Client]) -> None:
    promotion = make_promotion()
    make_campaign(promotion=promotion.pk)
    text = "The campaign “Winter” shows the promotion “Tents”, which does not run."
    assert needs(chief) == [(text, f"{URL}promotion/{promotion.pk}/change/")]
    assert "Tents" not in told(staff("view_campaign"))
    Promotion.objects.update(state=RUNNING)
    assert needs(chief) == []


@pytest.mark.usefixtures("quiet")
def test_a_rebuild_that_failed_until_one_succeeds(chief: Client) -> None:
    instants = {"requested_at": NOW, "finished_at": NOW}
    failed = Run.objects.create(kind="rebuild", state=Run.State.FAILED, error="disk full", **instants)
    assert needs(chief) == [("The newest rebuild failed: disk full", f"{URL}run/{failed.pk}/change/")]
    Run.objects.create(kind="rebuild", state=Run.State.SUCCEEDED, **instants)
    assert needs(chief) == []


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(("waited", "said"), [(2 * DAY, 1), (60_000_000, 0)])
def test_a_rebuild_that_nobody_takes(chief: Client, waited: int, said: int) -> None:
    Run.objects.create(kind="rebuild", requested_at=NOW - waited)
    texts = [text for text, _ in needs(chief) if "no worker has taken it" in text]
    assert len(texts) == said


@pytest.mark.usefixtures("quiet")
def test_what_was_learned_grows_old(chief: Client) -> None:
    Build.objects.update(published_at=NOW - 5 * DAY)
    assert needs(chief) == [("What is served was learned 5 days ago.", f"{URL}build/")]


@pytest.mark.usefixtures("quiet")
def test_a_build_that_failed_after_the_one_that_is_served(chief: Client) -> None:
    alias = sorted(declared())[0]
    for _ in range(2):
        failed = create_build(NewBuild(alias=alias, as_of=NOW), now=NOW)
        fail_build(failed, error="disk full")
    [(text, url)] = needs(chief)
    assert f"The newest build of the recommender “{alias}” failed" in text
    assert url == f"{URL}build/{failed}/change/"
    learn(alias)
    assert needs(chief) == []


@pytest.mark.usefixtures("quiet")
def test_a_recommender_that_was_never_learned_and_one_that_is_gone(chief: Client) -> None:
    LiveBuild.objects.filter(alias="popularity").update(alias="gone")
    assert needs(chief) == [
        ("The recommender “popularity” is declared, but was never learned.", f"{URL}build/"),
        (
            "The recommender “gone” is no longer declared: its build only grows old.",
            f"{URL}build/?alias=gone",
        ),
    ]


@pytest.mark.usefixtures("quiet")
def test_events_that_stopped(chief: Client) -> None:
    Event.objects.update(received_at=NOW - 3 * DAY)
    text = "No event has arrived for 3 days, though there were some before."
    assert needs(chief) == [(text, f"{URL}event/")]


def test_what_people_did_by_kind_and_day(chief: Client) -> None:
    happen(Kind.VIEW, Kind.VIEW, Kind.PURCHASE)
    happen(Kind.VIEW, at=NOW - 2 * DAY)
    happen(Kind.VIEW, at=NOW - 90 * DAY)
    happen(Kind.SEARCH, at=NOW - 1, flags=1)
    shown = chief.get(URL).context["happened"]
    assert [(line.label, line.total, line.today, line.most) for line in shown.kinds] == [
        ("view", 3, 2, 2),
        ("purchase", 1, 1, 1),
    ]
    assert [(bar.x, bar.height) for bar in shown.kinds[0].bars] == [(25 * 8, 15), (27 * 8, 30)]
    assert [day.counts for day in shown.days] == [[2, 1], [1, 0]]
    assert "view: 3 counted, at most 2 on a day" in told(chief)


def test_visitors_and_what_they_chose(chief: Client) -> None:
    ensure_visitors(IdentityKind.USER, ["ann", "bob", "eve"], tenant="", now=NOW)
    Visitor.objects.filter(identities__key="bob").update(choice=Visitor.Choice.REFUSED)
    Visitor.objects.filter(identities__key="eve").update(choice=Visitor.Choice.AGREED)
    visitors = chief.get(URL).context["visitors"]
    assert visitors == recent.RecentVisitors(3, agreed=1, refused=1, all_counted=True)


def test_a_build_beside_popularity(chief: Client) -> None:
    learn("auto", metrics={"ndcg@10": 0.18, "popularity": {"ndcg@10": 0.12}})
    learn("even", metrics={"ndcg@10": 0.12, "popularity": {"ndcg@10": 0.12}})
    learn("worse", metrics={"ndcg@10": 0.06, "popularity": {"ndcg@10": 0.12}})
    learn("young", metrics={"skipped": "3 visitors took up something new"})
    compared = [(line.alias, line.compared, line.worse) for line in chief.get(URL).context["builds"]]
    report = {"report": {"events": {"read": 40, "kept": 31}}}
    Run.objects.create(kind="rebuild", state=Run.State.SUCCEEDED, requested_at=NOW, report=report)
    assert "The newest rebuild read 40 events, and learned from 31 of them." in told(chief)
    assert compared == [
        ("auto", "+50 %", False),
        ("even", "±0 %", False),
        ("worse", "−50 %", True),
        ("young", "3 visitors took up something new", False),
    ]


def test_only_the_newest_rows_are_read_and_it_says_so(chief: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "MOST_READ", 2)
    happen(Kind.VIEW, at=NOW - 9 * DAY)
    happen(Kind.VIEW, Kind.VIEW)
    happen(Kind.VIEW, tenant="other")
    response, page = chief.get(URL), told(chief)
    assert [line.total for line in response.context["happened"].kinds] == [1]
    for said in ("Some events are not counted yet", "newest 10,000 visitors"):
        assert said in page
    monkeypatch.setattr(event_counts, "patience", lambda: 0)
    count_events(now=NOW)
    response, page = chief.get(URL), told(chief)
    assert [line.total for line in response.context["happened"].kinds] == [3]
    assert "Some events are not counted yet" not in page


@pytest.mark.usefixtures("quiet")
def test_a_tenant_whose_events_are_not_among_the_newest_is_not_said_to_have_none(
    chief: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent, "MOST_READ", 1)
    happen(Kind.VIEW, tenant="other")
    assert needs(chief) == []


def test_the_page_costs_the_same_however_much_there_is(chief: Client) -> None:
    costs = []
    for place in range(3):
        happen(Kind.VIEW, Kind.SEARCH, at=NOW - place)
        learn(f"more{place}")
        make_campaign(promotion=make_promotion(state=RUNNING).pk)
        Run.objects.create(kind="rebuild", state=Run.State.FAILED, requested_at=NOW)
        with CaptureQueriesContext(connection) as queries:
            chief.get(URL)
        costs.append([query["sql"] for query in queries if "personalization_" in query["sql"]])
    assert len(costs[0]) == len(costs[2]) <= 12
    assert [sql for sql in costs[2] if "LIMIT" not in sql and "personalization_eventcount" not in sql] == []


def test_nothing_of_another_tenant(chief: Client, quiet: None) -> None:
    promotion = make_promotion(title="Foreign", state=RUNNING, ends_at=NOW + DAY)
    make_campaign(title="Foreign", promotion=promotion.pk)
    learn("foreign", tenant="other")
    Run.objects.create(
        kind="rebuild", state=Run.State.FAILED, tenant="other", error="foreign", requested_at=NOW
    )
    happen(Kind.SEARCH, tenant="other")
    for model in (Campaign, Promotion):
        model.objects.update(tenant="other")
    page = told(chief)
    assert "oreign" not in page
    assert "search" not in page
    assert chief.get(URL).context["visitors"].visitors == 1
    assert QUIET in page


def test_titles_are_inert(chief: Client) -> None:
    promotion = make_promotion(title=XSS)
    make_campaign(title=XSS, promotion=promotion.pk)
    learn("auto", metrics={"skipped": XSS})
    Run.objects.create(kind="rebuild", state=Run.State.FAILED, error=XSS, requested_at=NOW)
    response = chief.get(URL)
    assert XSS not in response.content.decode()
    assert unescape(response.content.decode()).count(XSS) >= 5


@pytest.mark.usefixtures("quiet")
def test_of_many_the_first_are_listed(chief: Client) -> None:
    for place in range(31):
        make_campaign(title=f"Campaign {place}")
    Campaign.objects.update(slot="gone")
    table = chief.get(URL).context["tables"][0]
    assert (len(table.lines), table.left_out) == (15, 16)
    assert len(needs(chief)) == 30
    page = told(chief)
    assert "Besides: 1 more." in page
    assert f'<a href="{URL}campaign/">Besides: 16 more.</a>' in page


def test_what_a_host_has_added_is_listed_too() -> None:
    added = {"object_name": "Added", "admin_url": "/added/", "add_url": None}
    [group] = Ways([{"models": [added]}]).groups()
    assert (str(group.name), group.models) == ("More", [added])


PARTS = {
    "campaign": "Campaigns: running",
    "promotion": "Promotions: running",
    "build": "What is served",
    "event": "Newest event",
    "visitor": "of them refused",
}


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("model", [*PARTS, "run"])
def test_each_part_is_for_those_who_may_see_it(staff: Callable[..., Client], model: str) -> None:
    make_promotion(title="Secret promotion", state=RUNNING, ends_at=NOW + DAY)
    make_campaign(title="Secret campaign", slot=SLOT)
    Campaign.objects.update(slot="gone")
    Run.objects.create(kind="rebuild", state=Run.State.FAILED, error="Secret run", requested_at=NOW)
    page = told(staff(f"view_{model}"))
    assert [part for part, text in PARTS.items() if text in page] == [model] * (model in PARTS)
    secrets = [one for one in ("promotion", "campaign", "run") if f"Secret {one}" in page]
    assert secrets == [model] * (model in {"promotion", "campaign", "run"})


def test_lists_are_grouped_and_only_those_that_may_be_used(
    staff: Callable[..., Client], chief: Client
) -> None:
    groups = chief.get(URL).context["groups"]
    assert [str(group.name) for group in groups] == [
        "Marketing",
        "People and what they did",
        "Learning",
        "Privacy",
    ]
    listed = {model["model"] for group in groups for model in group.models}
    assert {model._meta.model_name for model in listed} >= {"campaign", "coupon", "erasure", "run"}
    assert all(apps.get_model("personalization", model.__name__) is model for model in listed)
    page = told(staff("add_segment", "view_rating"))
    assert f'href="{URL}segment/add/"' in page
    assert f'href="{URL}segment/"' not in page
    assert f'href="{URL}rating/"' in page
    assert f'href="{URL}coupon/"' not in page
    assert staff().get(URL).status_code == 404


@pytest.mark.usefixtures("quiet", "languages")
def test_it_speaks_chinese(chief: Client) -> None:
    assert "没有需要关注的事项。" in told(chief, **{"Accept-Language": "zh-hans"})


def test_the_admin_leads_to_it(chief: Client) -> None:
    assert f'href="{URL}" class="section"' in chief.get("/admin/").content.decode()


def test_a_rebuild_is_asked_for_in_ones_own_tenant(chief: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Adapter, "tenant", lambda *_: "b")
    happen(Kind.VIEW, tenant="b")
    assert needs(chief)[0][1] == f"{URL}build/?tenant__exact=b"
