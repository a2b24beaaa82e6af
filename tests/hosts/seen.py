"""What a browser sees of recommendations, through the doors that browsers use."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

BLOCKS = "/personalization/v1/blocks/"
_BLOCK = re.compile(r'<section class="personal-slot" data-slot="([^"]*)".*?</section>', re.DOTALL)
_NAME = re.compile(r'class="personal-slot-name">([^<]*)<')
_LAZY = re.compile(r'data-personal-lazy="([^"]*)"')


def slot_keys(browser: Client, slot: str, **query: Any) -> list[str]:
    """The keys that the API answers."""
    response = browser.get(f"/personalization/v1/slots/{slot}/", query)
    assert response.status_code == 200, response.content
    return [item["item"] for item in response.json()["items"]]


def places(page: HttpResponse) -> list[str]:
    """What the script asks for to fill the lazy slots of a page."""
    return [unescape(signed) for signed in _LAZY.findall(page.content.decode())]


def blocks(browser: Client, page: HttpResponse) -> dict[str, str]:
    """Slot → its block on a page, those included that the script fetches."""
    assert page.status_code == 200
    markup = page.content.decode()
    if lazy := places(page):
        fetched = browser.get(BLOCKS, {"b": lazy})
        assert fetched.status_code == 200, fetched.content
        markup += "".join(fetched.json()["blocks"])
    return {block[1]: block[0] for block in _BLOCK.finditer(markup)}


def block_names(browser: Client, page: HttpResponse, slot: str = "") -> list[str]:
    """The names of the products in one block, or in all of them."""
    found = blocks(browser, page)
    chosen = [found[slot]] if slot else found.values()
    return [unescape(name) for block in chosen for name in _NAME.findall(block)]
