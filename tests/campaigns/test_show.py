"""What a campaign slot answers, for whom, and what it costs."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from personalization import campaigns, serving
from personalization.engine.rules import default_vocabulary
from personalization.engine.types import Cart, CartLine, Identity, IdentityKind, Kind, Query
from personalization.exceptions import InvalidInputError
from personalization.models import Visitor
from personalization.serving import is_personal, read_token
from personalization.store.campaign_content import State
from personalization.store.campaign_views import CampaignSeen, record_campaign_views
from personalization.store.catalog import CatalogAdapter
from personalization.store.segments import SegmentContent, save_segment
from tests.campaigns.running import BANNER, DAY, NOW, RETURNING, SLOT, change, save
from tests.promotions.ledger import coupon_of, running
from tests.served import ANNA, keys

BROWSER = Identity(IdentityKind.VISITOR, "browser")
BOUGHT = {"kind": "visitor.bought_item", "op": "any_of", "values": ["a"]}
MOBILE = {"kind": "context.device", "op": "any_of", "values": ["mobile"]}


class Carts(CatalogAdapter):
    lines = (CartLine("a", "2", "10.00"),)
    currency = "EUR"
    read = 0

    def cart(self, request):
        Carts.read += 1
        return Cart(Carts.lines, Carts.currency)


@pytest.fixture
def carts(shop, settings, monkeypatch):
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "ADAPTER": f"{__name__}.Carts"}
    monkeypatch.setattr(Carts, "read", 0)
    return Carts


def ask(slot=SLOT, *, identity=ANNA, now=NOW, request=None, **options):
    return campaigns.show(Query(slot, now, identity=identity, **options), request=request)


def shown(*args, **options):
    creative = ask(*args, **options).creative
    return creative and creative.campaign


def a_request(agent="Mozilla/5.0 (X11; Linux x86_64)"):
    request = RequestFactory().get("/", headers={"user-agent": agent})
    request.user = AnonymousUser()
    return request


def test_a_campaign_for_everyone(shop):
    saved = save()
    answer = ask()
    assert (answer.creative.headline, answer.creative.text, answer.creative.link) == (
        BANNER.headline,
        BANNER.text,
        BANNER.link,
    )
    token = read_token(answer.token)
    assert (token.campaign, token.slot, token.items, token.arm, token.mode) == (
        saved.id,
        SLOT,
        (),
        "",
        "non-personalized",
    )
    assert shown(identity=None) == saved.id


def test_nothing_where_nothing_fits(shop):
    for fields in ({"slot": "side"}, {"state": State.DRAFT}, {"rule": BOUGHT}, {"starts_at": NOW + 1}):
        save(**fields)
    save(ends_at=NOW)
    answer = ask()
    assert (answer.creative, answer.token, answer.items, answer.held_out) == (None, "", (), False)


def test_a_schedule_is_half_open_and_needs_no_worker(shop):
    saved = save(starts_at=NOW, ends_at=NOW + DAY).id
    assert [shown(now=now) for now in (NOW - 1, NOW, NOW + DAY - 1, NOW + DAY)] == [None, saved, saved, None]


def test_the_highest_priority_then_the_oldest(shop):
    first, _ = save().id, save()
    assert shown() == first
    high = save(priority=1).id
    assert shown() == high


def test_what_somebody_did_decides(shop):
    saved = save(rule=BOUGHT).id
    assert shown() is None
    shop.buys("a")
    assert shown() == saved
    assert ask().mode == "personalized"
    assert shown(identity=None) is None
    assert shown(identity=BROWSER) is None


def test_segments_are_evaluated_live(shop):
    content = SegmentContent(
        "buyers", "Buyers", '{"kind":"visitor.bought_item","op":"any_of","values":["a"]}'
    )
    save_segment(content, vocabulary=default_vocabulary(), expected_version=0, author="ann", now=NOW)
    saved = save(rule={"kind": "visitor.segment", "op": "any_of", "values": ["buyers"]}).id
    assert shown() is None
    shop.buys("a")
    assert shown() == saved


def test_somebody_who_refused_is_known_by_nothing(shop):
    save(rule={"not": BOUGHT})
    shop.buys("b")
    assert shown() is not None
    Visitor.objects.update(choice=Visitor.Choice.REFUSED)
    assert shown() is None


def test_somebody_in_the_global_holdout_is_known_by_that_alone(shop, settings):
    settings.PERSONALIZATION = {**settings.PERSONALIZATION, "HOLDOUT_SHARE": 1.0}
    shop.buys("a")
    save(rule=BOUGHT)
    assert shown() is None
    held = save(rule={"kind": "visitor.holdout", "op": "yes"}).id
    assert shown() == held


def test_the_page_decides_without_knowing_anybody(shop):
    mobile = save(rule=MOBILE, priority=1).id
    german = save(rule={"kind": "context.language", "op": "any_of", "values": ["en"]}).id
    iphone = a_request("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)")
    assert shown(identity=None, request=iphone) == mobile
    assert shown(identity=None, request=a_request()) == german
    assert ask(identity=None, request=iphone).mode == "contextual"


def test_who_is_signed_in(shop):
    members = save(rule={"kind": "visitor.signed_in", "op": "yes"}).id
    guests = save(rule={"kind": "visitor.signed_in", "op": "no"}).id
    assert shown(identity=ANNA, request=a_request()) == members
    assert shown(identity=None, request=a_request()) == guests
    assert shown(identity=BROWSER, request=a_request()) == guests
    without_consent = a_request()
    without_consent.user = type("User", (), {"is_authenticated": True})()
    assert shown(identity=None, request=without_consent) is None


def test_the_cart_decides_and_is_read_when_a_rule_asks_alone(carts, shop):
    save(slot="side")
    ask("side", request=a_request())
    assert carts.read == 0
    request = a_request()
    full = save(rule={"kind": "cart.subtotal", "op": "at_least", "value": "20", "currency": "EUR"}).id
    shop.stock("a", category="Tents")
    tents = save(
        slot="side", priority=1, rule={"kind": "cart.has_category", "op": "any_of", "values": ["Tents"]}
    ).id
    assert shown(request=request) == full
    assert shown("side", request=request) == tents
    assert carts.read == 1


@pytest.mark.parametrize(("lines", "currency"), [((CartLine("a"),), "EUR"), ((CartLine("a", "1", "1"),), "")])
def test_a_cart_without_prices_is_known_by_its_items(carts, monkeypatch, caplog, lines, currency):
    monkeypatch.setattr(carts, "lines", lines)
    monkeypatch.setattr(carts, "currency", currency)
    save(rule={"kind": "cart.subtotal", "op": "at_most", "value": "20", "currency": "EUR"})
    has = save(rule={"kind": "cart.has_item", "op": "any_of", "values": ["a"]}).id
    assert shown(request=a_request()) == has
    assert not caplog.records


def test_a_cart_that_fails_is_not_known(carts, monkeypatch, caplog):
    monkeypatch.setattr(carts, "lines", None)
    everyone = save().id
    save(rule={"kind": "cart.has_item", "op": "any_of", "values": ["a"]}, priority=1)
    assert shown(request=a_request()) == everyone
    assert "reading the cart for campaigns failed" in caplog.text


def test_a_cap_counts_days_of_the_shop(shop):
    saved, other = save(cap_count=2, cap_days=2, priority=1).id, save().id
    shop.visitor()

    def see(now):
        record_campaign_views([CampaignSeen(saved, shop.visitor(), now)], tenant="")

    see(NOW - 2 * DAY)
    see(NOW - DAY)
    assert shown() == saved
    see(NOW)
    assert shown() == other
    assert shown(identity=BROWSER) == saved
    assert shown(now=NOW + DAY) == saved


def test_somebody_held_out_gets_the_token_alone(shop):
    saved = save(holdout_share=Decimal(1), items_slot="popular").id
    save(priority=-1)
    answer = ask()
    assert (answer.creative, answer.items, answer.held_out) == (None, (), True)
    token = read_token(answer.token)
    assert (token.campaign, token.arm, token.propensity, token.items) == (saved, "holdout", 1.0, ())
    assert shown(identity=None) == saved


def test_both_sides_of_a_holdout_say_how_probable_they_were(shop):
    save(holdout_share=Decimal("0.25"))
    tokens = [
        read_token(ask(identity=Identity(IdentityKind.USER, str(number))).token) for number in range(60)
    ]
    assert {(token.arm, token.propensity) for token in tokens} == {("holdout", 0.25), ("shown", 0.75)}


def test_a_row_of_items(shop):
    shop.publish("popularity-recent", ranking="abc")
    shop.publish("auto", weights={"a": {"b": 0.5}})
    shop.buys("a")
    save(items_slot="for_you")
    answer = ask(count=2)
    assert keys(answer) == "bc"
    assert answer.mode == "personalized"
    token = read_token(answer.token)
    assert (token.items, token.build) == (("b", "c"), answer.build)


@pytest.mark.parametrize("slot", ["similar", "nowhere", "side"])
def test_without_its_items_the_rest_is_shown(shop, slot):
    saved = save(items_slot=slot).id
    answer = ask()
    assert (answer.creative.campaign, answer.items) == (saved, ())


def test_a_promotion_is_shown_while_it_runs(shop):
    promotion = running(starts_at=NOW, ends_at=NOW + 1)
    save(promotion=promotion.pk)
    assert [ask(now=now).creative.promotion for now in (NOW - 1, NOW, NOW + 1)] == ["", "Autumn", ""]
    assert ask().creative.code == ""


def test_a_code_that_may_be_used(shop):
    promotion = running(needs_code=True)
    save(promotion=promotion.pk)
    assert ask().creative.code == ""
    coupon_of(promotion, "SAVE10")
    coupon_of(promotion, "ANNA", owner_id=shop.visitor(), owned=True)
    save(state=State.DRAFT)  # something was saved
    assert ask().creative.code == "ANNA"
    assert ask(identity=None).creative.code == "SAVE10"


def test_a_page_costs_two_statements_however_many_slots(shop, django_assert_num_queries, savepoints_are_free):
    promotion = running(needs_code=True)
    coupon_of(promotion, "ANNA", owner_id=shop.visitor(), owned=True)
    shop.publish("popularity-recent", ranking="abcdefgh")
    shop.buys("a")
    save(rule=BOUGHT, cap_count=3, cap_days=3, promotion=promotion.pk, items_slot="popular")
    save(slot="side", rule=RETURNING, items_slot="for_you", holdout_share=Decimal("0.0001"))
    for number in range(20):
        save(slot=f"s{number}", rule={"kind": "visitor.orders", "op": "at_least", "value": number})

    def page():
        request = a_request()
        recommended = Query("for_you", NOW, count=2, identity=ANNA)
        return (
            ask("side", count=2, request=request),
            ask(count=2, request=request),
            serving.recommend(recommended, request=request),
        )

    page()
    with django_assert_num_queries(2):
        side, banner, _ = page()
    assert banner.creative.code == "ANNA"
    assert len(banner.items) == 2
    assert side.creative is not None


def test_a_page_whose_rules_ask_for_nobody_costs_one(shop, django_assert_num_queries, savepoints_are_free):
    save(rule=MOBILE)
    save()
    ask()
    with django_assert_num_queries(1):
        request = a_request()
        ask(request=request), ask("side", request=request)


def test_other_slots_rules_cost_a_page_nothing(carts, shop, django_assert_num_queries, savepoints_are_free):
    save(rule={"all": [MOBILE, {"kind": "visitor.signed_in", "op": "yes"}]})
    save(slot="side", rule={"all": [BOUGHT, {"kind": "cart.has_item", "op": "any_of", "values": ["a"]}]})
    ask()
    with django_assert_num_queries(1):
        ask(request=a_request())
    assert carts.read == 0


def test_a_changed_campaign_is_shown_at_once(shop):
    saved = save()
    assert ask().creative.headline == BANNER.headline
    change(saved, headline="Sale")
    assert ask().creative.headline == "Sale"


def test_pages_that_depend_on_somebody_are_kept_for_nobody_else(shop):
    request = a_request()
    ask(request=request)
    assert not is_personal(request)
    saved = save()
    for identity, personal in ((None, False), (ANNA, True)):
        request = a_request()
        ask(identity=identity, request=request)
        assert is_personal(request) is personal
    change(saved, rule='{"kind":"context.device","op":"any_of","values":["mobile"]}')
    ask(identity=None, request=request)
    assert is_personal(request)


def test_tenants_are_apart(shop):
    save(tenant="second")
    assert shown() is None
    assert shown(tenant="second") is not None


def test_serving_itself_knows_no_campaigns(shop):
    with pytest.raises(InvalidInputError, match="campaign"):
        serving.recommend(Query(SLOT, NOW))


def test_an_invalid_stored_rule_breaks_no_page(shop, caplog):
    from personalization.models import Campaign

    saved = save(priority=1, rule=BOUGHT)
    good = save().id
    Campaign.objects.filter(pk=saved.id).update(rule="{")
    assert shown() == good


def test_a_visit_of_today_is_not_a_return(shop):
    save(rule=RETURNING)
    shop.does(Kind.VIEW, "a")
    assert shown(now=shop.clock + 60) is None
    assert shown(now=NOW + 2 * DAY) is not None
