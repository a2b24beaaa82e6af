"""The pictures that the documentation shows can be taken again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from shop_demo.camera import Camera, NoPageError, View
from shop_demo.models import Category, Product
from shop_demo.screenshots import Shot

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.live_server_helper import LiveServer
    from selenium.webdriver import Chrome

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PNG, WEBP = b"\x89PNG", b"RIFF"


def test_an_empty_shop_has_no_pictures(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="the shop is empty"):
        call_command("take_screenshots", folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_picture_shows_the_page_in_its_language_and_width(
    live_server: LiveServer, browser: Chrome, expected: list[str], transactional_db: None
) -> None:
    expected.append("/nowhere/")
    kind = Category.objects.create(name="Tents", slug="tents")
    Product.objects.create(sku="T", name="Tarn", name_zh="湖", category=kind, price=9, price_cny=69, stock=2)
    User.objects.create_user("maya", first_name="Maya")
    camera = Camera(browser, live_server.url)
    cart = Shot("cart", "/cart/", "maya", store="cn", cart=(("T", 2),))
    assert camera.take(cart, View(390, "zh-hans"), whole=True, picture="png").startswith(PNG)
    page = browser.page_source
    assert "湖" in page
    assert "¥138.00" in page
    assert browser.execute_script("return innerWidth") == 390
    assert camera.take(cart, View(1280, "en"), whole=False, picture="webp").startswith(WEBP)
    assert "Tarn" in browser.page_source
    with pytest.raises(NoPageError, match="404"):
        camera.take(Shot("none", "/nowhere/"), View(1280, "en"), whole=False, picture="png")
