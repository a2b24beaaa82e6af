"""A marketer looks through somebody's eyes: what is seen in a place, and why not the other campaigns."""

from __future__ import annotations

import html
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import translation

from personalization.models import Answer, Campaign, CampaignView, Event, Visitor
from personalization.store.campaign_content import State
from personalization.store.campaign_views import CampaignSeen, record_campaign_views
from tests.campaigns.running import NOW, SLOT, SLOTS, save
from tests.served import CATALOG, Shop

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "/admin/personalization/campaign/preview/"
BOUGHT = {"kind": "visitor.bought_item", "op": "any_of", "values": ["a"]}
AT = "2023-11-14T22:13:20"


@pytest.fixture
def shop(db: None, settings: Any) -> Shop:
    settings.PERSONALIZATION = {**CATALOG, "SLOTS": SLOTS, "CONSENT_REQUIRED": False}
    settings.TIME_ZONE = "UTC"
    return Shop()


def look(client: Client, **said: Any) -> Any:
    asked = {"slot": SLOT, "known_by": "user", "who": "anna", "at": AT, "language": "en", "device": ""}
    response = client.post(URL, asked | said)
    assert response.status_code == 200
    return response


def told(response: Any) -> dict[int, str]:
    return {one.id: one.text for one in response.context["told"]}


def frame(response: Any) -> str:
    """What stands in the frame."""
    found = re.search(r'<iframe sandbox srcdoc="([^"]*)"', response.content.decode())
    return html.unescape(found[1]) if found else ""


def test_one_is_seen_and_of_the_others_it_is_said_why_not(chief: Client, shop: Shop) -> None:
    later = save(starts_at=NOW + 60_000_000, priority=9).id
    over = save(ends_at=NOW - 20_000_000, priority=8).id
    buyers = save(rule=BOUGHT, priority=7).id
    seen = save(cap_count=1, cap_days=1, priority=6).id
    best = save(priority=5, title="Best").id
    beaten = save(priority=4).id
    bad = save(rule=BOUGHT).id
    save(state=State.DRAFT, title="Not started")
    Campaign.objects.filter(pk=bad).update(rule="[]")
    shop.buys("b")
    record_campaign_views([CampaignSeen(seen, shop.visitor(), NOW)], tenant="")
    response = look(chief)
    assert told(response) == {
        later: "It starts on 2023-11-14 22:14:20.",
        over: "It ended on 2023-11-14 22:13.",
        buyers: "Its conditions do not hold:",
        seen: "The visitor has seen it as often as it may be shown (times: 1, days: 1).",
        best: "It is seen.",
        beaten: "“Best” comes first: it has the higher priority, or is older.",
        bad: "It is left out: its conditions cannot be read any more.",
    }
    (reason,) = next(one.reasons for one in response.context["told"] if one.id == buyers)
    assert (reason.sentence, reason.expected) != ("", "")
    assert html.escape(reason.sentence) in response.content.decode()
    assert "Winter is coming</h2>" in frame(response)


def test_nothing_is_stored_and_nothing_can_be_counted(chief: Client, shop: Shop) -> None:
    save(items_slot="popular")
    shop.buys("b")
    before = [model.objects.count() for model in (Answer, CampaignView, Event, Visitor)]
    assert 'data-token=""' in frame(look(chief))
    assert [model.objects.count() for model in (Answer, CampaignView, Event, Visitor)] == before


def test_the_holdout_leaves_the_place_empty(chief: Client, shop: Shop) -> None:
    saved = save(holdout_share=Decimal(1)).id
    shop.buys("b")
    response = look(chief)
    assert "would be seen, but this visitor is in the share" in told(response)[saved]
    assert frame(response) == ""
    assert "the place stays empty" in response.content.decode()


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"kind": "context.store", "op": "any_of", "values": ["north"]}, {"store": "north"}),
        ({"kind": "context.language", "op": "any_of", "values": ["zh-hans"]}, {"language": "zh-hans"}),
        ({"kind": "context.device", "op": "any_of", "values": ["tablet"]}, {"device": "tablet"}),
        ({"kind": "cart.subtotal", "op": "at_least", "value": "19", "currency": "EUR"}, {"cart": "a × 2"}),
        ({"kind": "visitor.signed_in", "op": "yes"}, {"known_by": "user", "who": "anna"}),
    ],
)
def test_what_a_page_would_know_can_be_said(
    chief: Client, shop: Shop, rule: dict[str, Any], said: dict[str, str]
) -> None:
    shop.stock("a")
    shop.buys("b")
    save(rule=rule, headline="Just for you")
    assert frame(look(chief, known_by="nobody", who="")) == ""
    assert "Just for you" in frame(look(chief, **{"known_by": "nobody", "who": ""} | said))


def test_it_is_rendered_in_the_language_of_the_visitor(chief: Client, shop: Shop) -> None:
    save()
    response = look(chief, known_by="nobody", language="zh-hans")
    with translation.override("zh-hans"):
        link = translation.gettext("Have a look")
    assert link in frame(response)
    assert "It is seen." in response.content.decode()


def test_a_visitor_is_named_by_number_too(chief: Client, shop: Shop) -> None:
    save(rule=BOUGHT)
    shop.buys("a")
    assert frame(look(chief, known_by="visitor", who=f"#{shop.visitor()}"))


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"who": "nobody-knows"}, "who"),
        ({"who": ""}, "who"),
        ({"known_by": "visitor", "who": "x"}, "who"),
        ({"known_by": "visitor", "who": "9" * 30}, "who"),
        ({"at": "yesterday"}, "at"),
        ({"slot": "for_you"}, "slot"),
        ({"device": "fridge"}, "device"),
        ({"language": "xx"}, "language"),
        ({"cart": "no-such-item"}, "cart"),
    ],
)
def test_what_cannot_be_is_told_at_its_input(
    chief: Client, shop: Shop, said: dict[str, str], field: str
) -> None:
    save()
    shop.buys("b")
    response = look(chief, **said)
    assert list(response.context["form"].errors) == [field]
    assert "told" not in response.context


def test_people_are_named_by_those_who_may_see_them(staff: Callable[..., Client], shop: Shop) -> None:
    save(rule=BOUGHT)
    shop.buys("a")
    client = staff("view_campaign")
    assert "id_who" not in client.get(URL).content.decode()
    assert frame(look(client)) == ""
    assert frame(look(staff("view_campaign", "view_visitor")))


def test_the_place_is_chosen_by_the_link_of_a_campaign(chief: Client, shop: Shop) -> None:
    saved = save(slot="side")
    page = chief.get(f"/admin/personalization/campaign/{saved.id}/change/").content.decode()
    assert f'href="{URL}?slot=side"' in page
    shown = chief.get(f"{URL}?slot=side").content.decode()
    assert '<option value="side" selected>' in shown


def test_the_frame_runs_nothing(chief: Client, shop: Shop) -> None:
    save(headline='"><script>alert(1)</script>')
    page = look(chief, known_by="nobody").content.decode()
    assert "<script>alert(1)" not in page
    assert "<iframe sandbox srcdoc=" in page
