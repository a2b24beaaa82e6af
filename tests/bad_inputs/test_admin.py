"""The ``admin`` part of the catalog of bad inputs, sent through the forms of promotions, their codes and campaigns.

``coupon.name/title`` is our ``title``, ``discount`` our ``percent``, ``dates`` our ``starts_at`` and ``ends_at``; ``misc``
cases have a test each, or a reason why there is nothing of the kind here.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape

from personalization.engine.types import IdentityKind
from personalization.models import Campaign, Coupon, Promotion, Redemption
from personalization.store.coupons import NewCoupons, add_coupons
from personalization.store.visitors import ensure_visitors
from tests.admin.building import Form
from tests.admin.conftest import NOW
from tests.admin.test_promotion import page, save, told, turn
from tests.bad_inputs.cases import cases
from tests.campaigns.running import SLOT, SLOTS
from tests.campaigns.running import save as save_campaign
from tests.people import make_chief, make_person

if TYPE_CHECKING:
    from django.http import HttpResponse

ADD = "/admin/personalization/promotion/add/"
CAMPAIGN_ADD = "/admin/personalization/campaign/add/"

#: What `misc` asks for → the test that does it.
MISC = {
    "percent 101": "test_percent_101",
    "percent 100 w/o confirm": "test_percent_100_without_a_tick",
    "limit below used": "test_a_limit_below_what_is_used",
    "duplicate code by case": "test_a_code_that_differs_by_case",
    "edit by staff without permission": "test_staff_without_permission",
    "edit by two staff at once (lost update)": "test_two_editors_at_once",
    "delete coupon with redemptions": "test_nothing_with_redemptions_is_deleted",
    "bulk action on 1e5 rows": "test_an_action_on_very_many_rows",
    "POST without CSRF": "test_no_csrf_token",
    "object id of other site/tenant": "test_the_id_of_another_tenants_promotion",
    "segment with 1 person": "test_who_matches_is_told_to_those_who_may_see_visitors",
    "image url http://169.254.169.254/latest": "test_an_address_is_no_image",
    "image url http://[::ffff:127.0.0.1]/": "test_an_address_is_no_image",
    "image url http://0x7f000001/": "test_an_address_is_no_image",
    "image url redirecting to loopback": "test_an_address_is_no_image",
    "image svg with script": "test_what_is_uploaded_is_a_small_picture",
    "image 30000x30000 px 20 kB png": "test_what_is_uploaded_is_a_small_picture",
    "template {{ user.password }}": "test_texts_are_no_templates",
    "template {{ user.delete }}": "test_texts_are_no_templates",
    "template {% include %}": "test_texts_are_no_templates",
    "nested loops 1e9": "test_texts_are_no_templates",
    "audience = everyone without consent": "test_everyone_is_everyone_who_agreed",
    "send now twice (double click)": "test_a_double_click_starts_once",
    "free-text link javascript:": "test_a_link_runs_nothing",
    "subject with CRLF": "test_a_headline_is_one_line",
}
#: Cases about what does not exist here, with the reason.
NOT_OURS = {
    "A/B weights sum 0": "a campaign has no variants: one share of its visitors, 0 to 100 percent, does not see it",
    "A/B weights negative": "a campaign has no variants: one share of its visitors, 0 to 100 percent, does not see it",
}
#: Titles in which nothing could be seen or stored, and those that no column holds.
NO_TITLES = {"", " ", "\t\n", "\u200b\u200c", "a\0b"}
#: Of the values for a discount, those that are a percentage as people write it.
PERCENTAGES = {"1": Decimal(1), "1.0": Decimal(1), "1.5": Decimal("1.5")}


def of(field: str) -> list[Any]:
    return [pytest.param(c["value"], id=f"{n}") for n, c in enumerate(cases("admin")) if c["field"] == field]


def as_text(value: Any) -> str:
    """What a form would send of a value; a lone surrogate comes in as the browser's replacement."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "replace").decode()


@pytest.fixture
def chief(db: None) -> Client:
    client = Client()
    client.force_login(make_chief())
    return client


def new(chief: Client, **said: Any) -> HttpResponse:
    said = {"title": "Tents", "benefit": "1", "percent": "10", "currency": "EUR", "version": "0"} | said
    response: HttpResponse = chief.post(ADD, said)
    return response


def errors(response: Any) -> dict[str, Any]:
    assert response.status_code == 200
    return dict(response.context["adminform"].form.errors)


def test_every_case_is_mapped() -> None:
    known = Counter(case["field"] for case in cases("admin"))
    assert known == {"coupon.name/title": 47, "discount": 37, "dates": 16, "misc": 27}
    assert {
        case["value"] for case in cases("admin") if case["field"] == "misc"
    } == MISC.keys() | NOT_OURS.keys()
    assert all(callable(globals()[name]) for name in MISC.values())


@pytest.mark.parametrize("value", of("coupon.name/title"))
def test_odd_titles_are_stored_and_inert_or_refused(chief: Client, value: str) -> None:
    response = new(chief, title=as_text(value))
    if value in NO_TITLES or len(value) > 255:
        assert list(errors(response)) == ["title"]
        assert not Promotion.objects.exists()
        return
    promotion = Promotion.objects.get()
    assert promotion.title == as_text(value).strip()
    for url in (
        page(promotion),
        page(promotion, "history"),
        page(promotion, "codes"),
        ADD.replace("add/", ""),
    ):
        shown = chief.get(url)
        assert shown.status_code == 200
        assert escape(value) == value or value not in shown.content.decode()


@pytest.mark.parametrize("value", of("discount"))
def test_a_discount_is_a_plain_percentage(chief: Client, value: Any) -> None:
    response = new(chief, percent=as_text(value))
    if as_text(value) in PERCENTAGES:
        assert Promotion.objects.get().percent == PERCENTAGES[as_text(value)]
        return
    assert list(errors(response)) == ["percent"]
    assert not Promotion.objects.exists()


@pytest.mark.parametrize("value", of("dates"))
def test_bad_dates_are_refused(chief: Client, settings: Any, value: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    said = {"ends_at": as_text(value)}
    if value in {"end<start", "start==end"}:
        said = {
            "starts_at": "2026-12-08T00:00",
            "ends_at": "2026-12-0" + ("7" if value == "end<start" else "8") + "T00:00",
        }
    response = new(chief, **said)
    if value == "":  # no end, which nobody starts unseen
        assert "no_end" in [
            one.code for one in turn(chief, Promotion.objects.get(), "start").context["warnings"]
        ]
        return
    assert list(errors(response)) == ["ends_at"]
    assert not Promotion.objects.exists()


def test_percent_101(chief: Client) -> None:
    assert list(errors(new(chief, percent="101"))) == ["percent"]


def test_percent_100_without_a_tick(chief: Client) -> None:
    new(chief, percent="100", cap="5", limit_total="5", ends_at="2999-01-01", needs_code="on")
    promotion = Promotion.objects.get()
    assert [one.code for one in turn(chief, promotion, "start").context["warnings"]] == ["free"]
    promotion.refresh_from_db()
    assert promotion.state == Promotion.State.DRAFT


def test_a_limit_below_what_is_used(chief: Client) -> None:
    promotion = save(limit_total=50)
    Promotion.objects.update(taken=20)
    assert Form(chief, page(promotion)).fill(limit_total="10").save().saved
    promotion.refresh_from_db()
    assert (promotion.limit_total, promotion.taken) == (10, 20)
    assert "20 of 10" in chief.get(page(promotion)).content.decode().replace("\N{NO-BREAK SPACE}", " ")


def test_a_code_that_differs_by_case(chief: Client) -> None:
    promotion = save()
    for code in ("SAVE10", "save10", "Save-10"):
        chief.post(page(promotion, "codes"), {"which": "one", "one-code": code, "one-limit": "1"})
    assert [coupon.code for coupon in Coupon.objects.all()] == ["SAVE10"]


def test_staff_without_permission(db: None) -> None:
    promotion, client = save(), Client()
    client.force_login(make_person("staff", is_staff=True))
    assert client.post(page(promotion), {"title": "Mine"}).status_code == 403
    promotion.refresh_from_db()
    assert promotion.title == "Tents"


def test_two_editors_at_once(chief: Client) -> None:
    promotion = save()
    first, second = Form(chief, page(promotion)), Form(chief, page(promotion))
    first.fill(percent="20").save()
    assert "Somebody else has saved meanwhile" in second.fill(note="mine").save().html
    assert second.data["note"] == ["mine"]
    promotion.refresh_from_db()
    assert (promotion.percent, promotion.note) == (20, "")


def test_nothing_with_redemptions_is_deleted(chief: Client) -> None:
    promotion = save()
    add_coupons(["SAVE10"], NewCoupons(promotion.pk), tenant="", now=NOW)
    coupon = Coupon.objects.get()
    Redemption.objects.create(
        promotion=promotion,
        coupon=coupon,
        promotion_version=1,
        digest=b"d" * 16,
        request=b"r" * 16,
        amount=4,
        currency="EUR",
        shares="[]",
        reserved_until=NOW,
        created_at=NOW,
        changed_at=NOW,
    )
    for row in (coupon, promotion):
        url = f"/admin/personalization/{row._meta.model_name}/{row.pk}/delete/"
        assert chief.post(url, {"post": "yes"}).status_code == 403


def test_an_action_on_very_many_rows(chief: Client) -> None:
    promotion = save()
    add_coupons([f"C{n:05}" for n in range(1001)], NewCoupons(promotion.pk), tenant="", now=NOW)
    data = {
        "action": "revoke",
        "select_across": "1",
        "_selected_action": [Coupon.objects.order_by("pk")[0].pk],
    }
    assert "At most 1000 at once." in told(chief.post("/admin/personalization/coupon/", data, follow=True))
    assert not Coupon.objects.filter(state=Coupon.State.REVOKED).exists()


def test_no_csrf_token(db: None) -> None:
    promotion, client = save(), Client(enforce_csrf_checks=True)
    client.force_login(make_chief())
    for url in (ADD, page(promotion), page(promotion, "codes"), page(promotion, "turn", "start")):
        assert client.post(url, {"title": "x"}).status_code == 403


def test_the_id_of_another_tenants_promotion(chief: Client) -> None:
    promotion = save()
    Promotion.objects.update(tenant="other")
    assert chief.post(page(promotion), {"title": "Mine"}).status_code == 404
    assert Promotion.objects.get().title == "Tents"


def test_who_matches_is_told_to_those_who_may_see_visitors(chief: Client, settings: Any) -> None:
    settings.PERSONALIZATION = settings.PERSONALIZATION | {"CONSENT_REQUIRED": False}
    ensure_visitors(IdentityKind.USER, ["ann"], tenant="", now=NOW)
    asked = {"rule-row": "0::g", "rule-act": "count"}
    url = "/admin/personalization/segment/rules/rule/"
    assert "<strong>1</strong> of 1 visitors" in chief.post(url, asked).content.decode()
    staff, client = make_person("staff", is_staff=True), Client()
    staff.user_permissions.add(*_permissions("change_segment"))
    client.force_login(staff)
    assert "visitors" not in client.post(url, asked).content.decode()


@pytest.fixture
def campaign(chief: Client, settings: Any, tmp_path: Any) -> Form:
    """The form of a new campaign."""
    settings.PERSONALIZATION = settings.PERSONALIZATION | {"SLOTS": SLOTS}
    settings.MEDIA_ROOT, settings.MEDIA_URL = tmp_path, "/media/"
    return Form(chief, CAMPAIGN_ADD).fill(title="Winter", slot=SLOT, headline="Winter is coming")


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest",
        "http://[::ffff:127.0.0.1]/",
        "http://0x7f000001/",
        "https://example.com/redirects-to-loopback.png",
    ],
)
def test_an_address_is_no_image(campaign: Form, address: str) -> None:
    """Nothing is ever fetched: a picture is a file that was uploaded here."""
    assert list(errors(campaign.fill(image=address).save().response)) == ["image"]
    assert campaign.fill(image="", **{"image-file": address}).save().saved  # text is no file
    assert Campaign.objects.get().image.name == ""


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def _huge_png() -> bytes:
    """30,000 by 30,000 pixels of nothing."""
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(3_751) * 30_000, 9)
    chunks = [(b"IHDR", header), (b"IDAT", rows), (b"IEND", b"")]
    packed = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


@pytest.mark.parametrize(
    "content", [SVG, b"\x89PNG\r\n\x1a\n" + SVG, _huge_png()], ids=["svg", "both", "huge"]
)
@pytest.mark.parametrize("name", ["x.png", "x.svg"])
def test_what_is_uploaded_is_a_small_picture(
    campaign: Form, content: bytes, name: str, tmp_path: Any
) -> None:
    campaign.data["image-file"] = SimpleUploadedFile(name, content, "image/png")  # type: ignore[assignment]
    assert list(errors(campaign.save().response)) == ["image"]
    assert not Campaign.objects.exists()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text",
    [
        "{{ user.password }}",
        "{{ user.delete }}",
        '{% include "admin/base.html" %}',
        "{% for a in x %}{% for b in x %}{% for c in x %}.{% endfor %}{% endfor %}{% endfor %}",
    ],
)
def test_texts_are_no_templates(campaign: Form, text: str) -> None:
    """Texts are values of our template, never templates themselves."""
    assert campaign.fill(headline=text, text=text).save().saved
    row = Campaign.objects.get()
    assert (row.headline, row.text) == (text, text)
    Campaign.objects.update(state=Campaign.State.ACTIVE)
    asked = {"slot": SLOT, "known_by": "nobody", "language": "en"}
    shown = campaign.client.post("/admin/personalization/campaign/preview/", asked).content.decode()
    assert escape(escape(text)) in shown


def test_everyone_is_everyone_who_agreed(campaign: Form, settings: Any) -> None:
    settings.PERSONALIZATION = settings.PERSONALIZATION | {"CONSENT_REQUIRED": True}
    ensure_visitors(IdentityKind.USER, ["ann", "bob"], tenant="", now=NOW)
    campaign.press("count")
    assert "Nobody is known yet." in campaign.html or "<strong>0</strong>" in campaign.html
    settings.PERSONALIZATION = settings.PERSONALIZATION | {"CONSENT_REQUIRED": False}
    assert "<strong>2</strong> of 2 visitors" in campaign.press("count").html


def test_a_double_click_starts_once(campaign: Form) -> None:
    saved = save_campaign(state=Campaign.State.DRAFT, now=NOW)
    url = f"/admin/personalization/campaign/{saved.id}/turn/start/"
    sure = {"version": saved.version, "confirmed": ["everyone", "no_cap", "no_end"]}
    answers = [told(campaign.client.post(url, sure, follow=True)) for _ in range(2)]
    assert answers == ["Started.", "It is active already."]
    row = Campaign.objects.get()
    assert (row.state, row.version) == (Campaign.State.ACTIVE, 2)
    assert LogEntry.objects.count() == 1


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "data:text/html,x"]
)
def test_a_link_runs_nothing(campaign: Form, link: str) -> None:
    assert list(errors(campaign.fill(link=link).save().response)) == ["link"]
    assert not Campaign.objects.exists()


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028"])
def test_a_headline_is_one_line(campaign: Form, end: str) -> None:
    assert campaign.fill(headline=f"Winter{end}Bcc: all@example.com").save().saved
    assert Campaign.objects.get().headline == "Winter Bcc: all@example.com"


def _permissions(*codenames: str) -> Any:
    from django.contrib.auth.models import Permission

    return Permission.objects.filter(codename__in=codenames)
