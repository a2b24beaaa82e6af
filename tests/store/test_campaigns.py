"""Campaigns are saved one version after the other, and nothing that is wrong is."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db.models import ProtectedError

from personalization.engine.rules import default_vocabulary
from personalization.exceptions import InvalidInputError
from personalization.models import Campaign, Promotion
from personalization.store.campaign_content import CampaignContent, State
from personalization.store.campaigns import CAMPAIGNS
from personalization.store.schedule import Phase
from personalization.store.stamps import read_stamp
from personalization.store.versions import ConflictError, Kind, versions_of
from tests.campaigns.running import BANNER, NOW, RETURNING, change, save
from tests.promotions.ledger import running

pytestmark = pytest.mark.django_db

WHOLE = replace(
    BANNER,
    note="for Ann",
    priority=-3,
    starts_at=NOW,
    ends_at=NOW + 1,
    holdout_share=Decimal("0.1250"),
    cap_count=3,
    cap_days=7,
    link="https://shop.example/sale?a=1",
    image=f"personalization/campaigns/{'0' * 32}.webp",
    items_slot="for_you",
)


def test_what_is_saved_is_found():
    promotion = running()
    saved = save(WHOLE, rule=RETURNING, promotion=promotion.pk)
    found = CAMPAIGNS.find(saved.id, tenant="")
    assert found.version == saved.version == 1
    assert found.content == replace(
        WHOLE, rule='{"kind":"visitor.returning","op":"yes"}', promotion=promotion.pk
    )
    assert CampaignContent.from_json(found.content.to_json()) == found.content
    assert CAMPAIGNS.find(saved.id, tenant="other") is None


def test_every_save_is_a_version_and_raises_the_stamp():
    first = save()
    before = read_stamp("rules", tenant="")
    second = change(first, title="Spring")
    (new, old) = versions_of(Kind.CAMPAIGN, first.id, tenant="")
    assert (new.number, new.author, old.number, old.author) == (second.version, "bob", 1, "ann")
    assert read_stamp("rules", tenant="") > before


def test_nobody_saves_over_what_somebody_else_saved():
    saved = save()
    change(saved, title="Spring")
    with pytest.raises(ConflictError):
        change(saved, title="Autumn")
    with pytest.raises(ConflictError):
        change(save(tenant="other"), title="Mine")  # another tenant's is not there
    assert Campaign.objects.get(pk=saved.id).title == "Spring"


def test_an_earlier_version_comes_back_as_the_newest():
    saved = change(save(), title="Spring")
    options = {"vocabulary": default_vocabulary(), "author": "ann", "now": NOW}
    restored = CAMPAIGNS.restore(saved.id, 1, expected_version=saved.version, **options)
    assert restored.version == 3
    assert CAMPAIGNS.find(saved.id, tenant="").content == BANNER
    with pytest.raises(InvalidInputError, match="number"):
        CAMPAIGNS.restore(saved.id, 9, expected_version=3, **options)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("title", value) for value in ("", " ", "x" * 256, "\0", "\ud800")],
        *[("slot", value) for value in ("", "x" * 65, "\0")],
        *[("items_slot", value) for value in ("x" * 65, "home_banner", "\0")],
        *[("headline", value) for value in ("x" * 256, "\0")],
        *[("text", value) for value in ("x" * 2001, "\ud800")],
        *[("note", value) for value in ("x" * 2001, "\0")],
        *[
            ("link", value)
            for value in (
                *(
                    "javascript:alert(1)",
                    "JAVASCRIPT:x",
                    "data:text/html,x",
                    "sale/",
                    "/a b",
                    "/a\tb",
                    "\x01/",
                ),
                *("mailto:a@b.c", "vbscript:x", "/\ud800", "/" + "x" * 1000, "https//x", " https://x"),
            )
        ],
        *[
            ("image", value)
            for value in ("x.png", "../x.png", f"personalization/campaigns/{'0' * 32}.svg", "https://x/y.png")
        ],
        *[("holdout_share", Decimal(value)) for value in ("-0.1", "1.1", "NaN", "Infinity", "0.00001")],
        *[("priority", value) for value in (-1_000_001, 1_000_001)],
        ("rule", "{"),
        ("rule", '{"kind": "item.key", "op": "any_of", "values": ["a"]}'),
        ("rule", '{"kind": "nothing.known", "op": "yes"}'),
        ("promotion", 12345),
    ],
)
def test_what_is_wrong_is_named(field, value):
    with pytest.raises(InvalidInputError) as refused:
        save(**{field: value})
    assert refused.value.field == field
    assert not Campaign.objects.exists()


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"cap_count": 1}, "cap_days"),
        ({"cap_days": 1}, "cap_count"),
        ({"cap_count": 0, "cap_days": 1}, "cap_count"),
        ({"cap_count": 1, "cap_days": 367}, "cap_days"),
        ({"starts_at": 5, "ends_at": 5}, "ends_at"),
    ],
)
def test_what_belongs_together(fields, named):
    with pytest.raises(InvalidInputError) as refused:
        save(**fields)
    assert refused.value.field == named


def test_another_tenants_promotion_is_none_of_ours():
    with pytest.raises(InvalidInputError, match="promotion"):
        save(promotion=running(tenant="other").pk)


def test_a_promotion_that_is_shown_stays():
    promotion = running()
    save(promotion=promotion.pk)
    with pytest.raises(ProtectedError):
        Promotion.objects.get(pk=promotion.pk).delete()


def test_a_draft_may_be_saved_again_as_it_is():
    saved = save(state=State.DRAFT)
    assert change(saved, state=State.DRAFT).version == 2


def test_a_schedule_is_read_from_its_instants():
    content = replace(BANNER, starts_at=NOW, ends_at=NOW + 2)
    phases = [content.phase(now) for now in (NOW - 1, NOW, NOW + 1, NOW + 2)]
    assert phases == [Phase.SCHEDULED, Phase.RUNNING, Phase.RUNNING, Phase.ENDED]
    assert BANNER.phase(0) == Phase.RUNNING


def test_what_cannot_be_read_any_more_can_be_stopped():
    saved = save(rule=RETURNING)
    Campaign.objects.update(rule="[]")
    stopped = CAMPAIGNS.stop(saved.id, State.PAUSED, expected_version=1, author="bob", now=NOW)
    assert (stopped.version, Campaign.objects.get().state) == (2, State.PAUSED)
    by = {"author": "bob", "now": NOW}
    with pytest.raises(ConflictError):
        CAMPAIGNS.stop(saved.id, State.ARCHIVED, expected_version=1, **by)
    with pytest.raises(InvalidInputError, match="state"):
        CAMPAIGNS.stop(saved.id, State.ACTIVE, expected_version=2, **by)
    with pytest.raises(InvalidInputError, match="campaign"):
        CAMPAIGNS.stop(saved.id, State.PAUSED, expected_version=2, tenant="other", **by)
