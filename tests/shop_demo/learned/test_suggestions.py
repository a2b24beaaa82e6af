"""The account's page of recommendations, in a shop that has learned."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shop_demo.models import OrderLine
from tests.hosts.failures import TABLES
from tests.hosts.test_queries import MOST as SLOTS
from tests.hosts.test_queries import MOST_OFFERS as OFFERS
from tests.shop_demo.test_account import PERSON, main

if TYPE_CHECKING:
    from django.test import Client


def test_what_is_not_interesting_does_not_come_again(
    signed_in: Client, django_capture_on_commit_callbacks: Any
) -> None:
    def suggested() -> list[str]:
        text = main(signed_in, "/account/recommendations/").split("suggestions")[1].split("</section>")[0]
        return [part.split('"')[0] for part in text.split('data-item="')[1:]]

    first = suggested()
    assert len(first) == 12
    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in.post(f"/account/recommendations/{first[0]}/hide/", headers=PERSON)
    assert first[0] not in suggested()
    assert first[1] in suggested()
    assert answer["Location"] == "/account/recommendations/"


def test_who_switched_personalization_off_is_told_so(signed_in: Client) -> None:
    signed_in.post("/personalization/privacy/", {"act": "refuse"})
    assert "These are not about you" in main(signed_in, "/account/recommendations/")
    answer = signed_in.post("/account/recommendations/TEN-002/hide/", follow=True, headers=PERSON)
    assert "You switched personalization off" in answer.content.decode()


def test_the_account_offers_what_was_bought_before(signed_in: Client) -> None:
    block = main(signed_in, "/account/").split('data-slot="buy_again"')[1].split("</section>")[0]
    offered = re.findall('data-item="([^"]+)"', block)
    assert offered
    bought = OrderLine.objects.filter(order__customer__username="maya").values_list("product__sku", flat=True)
    assert set(offered) <= set(bought)
    assert block.count("You bought this before") == len(offered)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/account/", SLOTS + OFFERS),
        ("/account/coupons/", OFFERS),
        ("/account/recommendations/", SLOTS),
        ("/account/ratings/", 1),
        ("/account/details/", 0),
        ("/orders/", 0),
    ],
)
def test_pages_cost_few_statements_of_personalization(signed_in: Client, path: str, most: int) -> None:
    signed_in.get(path)  # a worker reads tables once
    with CaptureQueriesContext(connection) as captured:
        signed_in.get(path)
    ours = [query["sql"] for query in captured if any(table in query["sql"] for table in TABLES)]
    assert len(ours) <= most, ours
