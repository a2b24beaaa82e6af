"""The account's page of recommendations, in a shop that has learned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
