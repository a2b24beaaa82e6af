"""Codes are issued, listed, taken along and revoked."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from personalization.engine.types import IdentityKind
from personalization.models import Coupon, Promotion, Redemption
from personalization.store.visitors import ensure_visitors
from tests.admin.conftest import NOW, XSS
from tests.admin.test_promotion import page, save, told

if TYPE_CHECKING:
    from collections.abc import Callable

COUPONS = "/admin/personalization/coupon/"


@pytest.fixture
def promotion(db: None) -> Promotion:
    return save(needs_code=True)


def one(client: Client, promotion: Promotion, code: str = "SAVE-10", **said: Any) -> Any:
    data = {"which": "one", "one-code": code, "one-limit": "1", "one-expires_at": ""}
    return client.post(
        page(promotion, "codes"), data | {f"one-{name}": value for name, value in said.items()}, follow=True
    )


def many(client: Client, promotion: Promotion, count: Any = 3, beginning: str = "TENT") -> Any:
    data = {"which": "many", "many-count": count, "many-beginning": beginning, "many-limit": "1"}
    return client.post(page(promotion, "codes"), data, follow=True)


def errors(response: Any) -> list[str]:
    return [
        error for form, _, _ in response.context["forms"] for texts in form.errors.values() for error in texts
    ]


def test_a_code_is_chosen(chief: Client, promotion: Promotion) -> None:
    assert "1 code is issued." in told(one(chief, promotion, limit="", expires_at="2026-12-24T18:00"))
    coupon = Coupon.objects.get()
    assert (coupon.code, coupon.limit, coupon.promotion) == ("SAVE-10", None, promotion)
    assert coupon.expires_at is not None
    assert LogEntry.objects.get().get_change_message() == "1 code is issued."


def test_a_code_is_not_issued_twice(chief: Client, promotion: Promotion) -> None:
    one(chief, promotion)
    assert "There is this code already, or one that is compared as equal." in errors(
        one(chief, promotion, "save10")
    )
    assert Coupon.objects.count() == 1


@pytest.mark.parametrize("code", ["", "   ", "---", "x" * 65, "\u202e", "\N{ZERO WIDTH SPACE}"])
def test_what_cannot_be_a_code_is_refused(chief: Client, promotion: Promotion, code: str) -> None:
    assert errors(one(chief, promotion, code))
    assert not Coupon.objects.exists()


def test_many_codes_are_drawn_and_taken_along(chief: Client, promotion: Promotion) -> None:
    assert "3 codes are issued." in told(many(chief, promotion))
    one(chief, promotion)
    newest, batch = chief.get(page(promotion, "codes")).context["batches"]
    assert (newest.count, batch.count) == (1, 3)
    answer = chief.get(page(promotion, "batch", str(batch.key)))
    assert answer["Content-Disposition"].startswith("attachment; ")
    header, *lines = csv.reader(io.StringIO(answer.content.decode()))
    assert header[0] == "code"
    assert sorted(line[0] for line in lines) == sorted(
        Coupon.objects.filter(code__startswith="TENT").values_list("code", flat=True)
    )


@pytest.mark.parametrize("code", ["=1+1", "@SUM(A1)", "+1", "-1", "\N{FULLWIDTH EQUALS SIGN}1"])
def test_no_cell_is_a_formula(chief: Client, promotion: Promotion, code: str) -> None:
    one(chief, promotion, code)
    batch = chief.get(page(promotion, "codes")).context["batches"][0]
    lines = list(
        csv.reader(io.StringIO(chief.get(page(promotion, "batch", str(batch.key))).content.decode()))
    )
    assert lines[1][0] == f"'{code}"


@pytest.mark.parametrize("batch", ["0", "1", "9" * 30])
def test_a_batch_that_was_never_issued(chief: Client, promotion: Promotion, batch: str) -> None:
    assert chief.get(page(promotion, "batch", batch)).status_code == 404


@pytest.mark.parametrize(
    ("count", "beginning"), [("0", ""), ("10001", ""), ("x", ""), ("5", "x" * 60), ("5", "--")]
)
def test_what_cannot_be_drawn_is_refused(
    chief: Client, promotion: Promotion, count: str, beginning: str
) -> None:
    assert errors(many(chief, promotion, count, beginning))
    assert not Coupon.objects.exists()


def test_codes_are_revoked(chief: Client, promotion: Promotion) -> None:
    one(chief, promotion)
    data = {"action": "revoke", "_selected_action": [Coupon.objects.get().pk]}
    assert "1 code is revoked." in told(chief.post(COUPONS, data, follow=True))
    assert Coupon.objects.get().state == Coupon.State.REVOKED
    assert "0 codes are revoked." in told(chief.post(COUPONS, data, follow=True))


def test_each_verb_asks_its_permission(staff: Callable[..., Client], promotion: Promotion) -> None:
    codes = page(promotion, "codes")
    stranger = staff("view_promotion")
    viewer = staff("view_promotion", "view_coupon")
    issuer = staff("view_promotion", "add_coupon")
    assert stranger.get(codes).status_code == 403
    assert "Issue codes" not in viewer.get(codes).content.decode()
    assert many(viewer, promotion).status_code == 403
    assert "3 codes are issued." in told(many(issuer, promotion))
    batch = str(viewer.get(codes).context["batches"][0].key)
    assert issuer.get(page(promotion, "batch", batch)).status_code == 403
    assert viewer.get(page(promotion, "batch", batch)).status_code == 200
    data = {"action": "revoke", "_selected_action": [Coupon.objects.order_by("pk")[0].pk]}
    viewer.post(COUPONS, data)
    assert not Coupon.objects.filter(state=Coupon.State.REVOKED).exists()


def test_owners_are_named_or_forgotten(chief: Client, promotion: Promotion) -> None:
    ann = ensure_visitors(IdentityKind.USER, ["ann"], tenant="", now=NOW)["ann"]
    one(chief, promotion)
    Coupon.objects.update(owner=ann, owned=True)
    assert "user:ann" in chief.get(COUPONS).content.decode()
    Coupon.objects.update(owner=None)
    assert "somebody who is forgotten" in chief.get(COUPONS).content.decode()


@pytest.fixture
def used(promotion: Promotion) -> Redemption:
    shares = '[{"amount":"4.00","item":"tent","line":"<b>1</b>"}]'
    return Redemption.objects.create(
        promotion=promotion,
        promotion_version=1,
        digest=b"d" * 16,
        request=b"r" * 16,
        amount=4,
        currency="EUR",
        shares=shares,
        order="A-1",
        reserved_until=1,
        created_at=NOW,
        changed_at=NOW,
    )


def test_the_ledger_is_read(chief: Client, used: Redemption) -> None:
    url = "/admin/personalization/redemption/"
    shown = chief.get(url).content.decode()
    assert "4.00 EUR" in shown
    assert "reserved, has run out" in shown
    line = chief.get(f"{url}{used.pk}/change/").content.decode()
    assert "&lt;b&gt;1&lt;/b&gt; (tent): 4.00" in line
    assert chief.get(f"{url}?q=A-1").context["cl"].result_count == 1
    assert chief.get(f"{url}?promotion__id__exact={used.promotion_id}").context["cl"].result_count == 1
    for path in ("add/", f"{used.pk}/delete/"):
        assert chief.get(f"{url}{path}").status_code == 403
    assert chief.post(f"{url}{used.pk}/change/", {"amount": 1}).status_code == 403


@pytest.mark.parametrize("model", ["coupon", "redemption"])
def test_lists_cost_the_same_for_one_and_many(
    chief: Client, promotion: Promotion, used: Redemption, django_assert_max_num_queries: Any, model: str
) -> None:
    many(chief, promotion, 20)
    with django_assert_max_num_queries(9):
        assert XSS not in chief.get(f"/admin/personalization/{model}/").content.decode()


@pytest.mark.parametrize("model", ["segment", "promotion", "coupon", "redemption"])
def test_an_empty_list_says_how_rows_come_to_be(chief: Client, model: str) -> None:
    answer = chief.get(f"/admin/personalization/{model}/")
    assert answer.context["empty_hint"]
    assert str(answer.context["empty_hint"]) in answer.content.decode()


def test_another_tenants_codes_and_uses_are_not_there(
    chief: Client, promotion: Promotion, used: Redemption
) -> None:
    one(chief, promotion)
    for model in (Coupon, Redemption):
        model.objects.update(tenant="other")
        name = model._meta.model_name
        assert chief.get(f"/admin/personalization/{name}/").context["cl"].result_count == 0
