"""A campaign as HTML: with what it has, by the shop's own template, and never an error in the page."""

import pytest
from asgiref.sync import async_to_sync
from django.template import Context, Template
from django.test import RequestFactory

from personalization import shortcuts
from personalization.models import Campaign
from tests.campaigns.running import SLOT, SLOTS, save
from tests.promotions.ledger import coupon_of, running
from tests.served import CATALOG, NOW, Shop

IMAGE = f"personalization/campaigns/{'a' * 32}.png"


@pytest.fixture
def shop(db, settings):
    settings.PERSONALIZATION = {**CATALOG, "SLOTS": SLOTS}
    settings.MEDIA_URL = "/media/"
    return Shop()


def render(tag=f'{{% personal_slot "{SLOT}" %}}', **context):
    context = {"request": RequestFactory().get("/"), **context}
    return Template("{% load personalization %}" + tag).render(Context(context)).strip()


def test_everything_a_campaign_has(shop):
    promotion = running(needs_code=True, title="10 % <off>")
    coupon_of(promotion, "SAVE10")
    save(image=IMAGE, promotion=promotion.pk, items_slot="popular")
    html = render()
    for part in (
        'data-slot="home_banner"',
        '<div class="personal-campaign-content" data-item="">',
        'aria-labelledby="personalization-home_banner"',
        '<h2 id="personalization-home_banner" class="personal-campaign-headline">Winter is coming</h2>',
        f'<img class="personal-campaign-image" src="/media/{IMAGE}" alt="">',
        "10 % &lt;off&gt;",
        "<code>SAVE10</code>",
        'href="/sale/"',
        'data-item="h"',
    ):
        assert part in html
    assert html.index('data-item=""') < html.index('data-item="h"')


def test_a_campaign_of_text_alone_has_a_name(shop):
    save(headline="", link="")
    html = render()
    assert 'aria-label="Offer"' in html
    assert "<h2" not in html
    assert "<a " not in html


def test_a_title_of_the_page_stands_above(shop):
    save()
    html = render(f'{{% personal_slot "{SLOT}" title="Today" %}}')
    assert '<h2 id="personalization-home_banner" class="personal-campaign-headline">Today</h2>' in html
    assert '<p class="personal-campaign-subtitle">Winter is coming</p>' in html


def test_nothing_renders_nothing(shop):
    assert render() == ""


def test_a_link_that_was_stored_past_us_leads_nowhere(shop):
    saved = save()
    Campaign.objects.filter(pk=saved.id).update(link="javascript:alert(1)")
    html = render()
    assert "javascript" not in html
    assert "Winter" in html


def test_a_shop_has_its_own_look(shop, settings, tmp_path):
    save()
    folder = tmp_path / "personalization"
    folder.mkdir()
    (folder / "campaign_home_banner.html").write_text("{{ rec.creative.headline }}!")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    assert render() == "Winter is coming!"


def test_the_answer_as_a_variable(shop):
    save()
    assert render(f'{{% personal_slot "{SLOT}" as rec %}}{{{{ rec.creative.text }}}}') == "Stay warm."


def test_a_lazy_slot_holds_one_place(shop):
    html = render('{% personal_slot "lazy_banner" %}')
    assert "data-personal-lazy" in html
    assert html.count("personal-slot-item personal-slot-wait") == 1


def test_python_asks_for_it(shop):
    saved = save()
    request = RequestFactory().get("/")
    assert shortcuts.recommend(request, slot=SLOT, now=NOW).creative.campaign == saved.id
    assert shortcuts.slot(request, SLOT).creative.campaign == saved.id


def test_an_async_view_awaits_it(shop):
    save()
    request = RequestFactory().get("/")

    async def view():
        await shortcuts.aslot(request, SLOT)
        return render(request=request)

    assert "Winter" in async_to_sync(view)()


def test_what_fails_leaves_the_page_whole(shop, monkeypatch, caplog):
    save()

    def fail(*args, **kwargs):
        raise RuntimeError("bug")

    monkeypatch.setattr("personalization.campaigns.showing.decide", fail)
    assert render("a" + f'{{% personal_slot "{SLOT}" %}}') == "a"
    assert caplog.text.count("slot home_banner failed") == 1
