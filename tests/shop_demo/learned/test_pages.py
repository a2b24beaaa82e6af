from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unittest.mock import ANY

import pytest
from django.contrib.auth.models import User
from django.db.models import Count
from django.template.loader import render_to_string
from django.test import Client as Browser

from shop_demo.models import Product
from shop_demo.stores import EUROPE
from shop_demo.templatetags.shop import price_in

if TYPE_CHECKING:
    from django.test import Client

PAGES = [
    "/",
    "/products/",
    "/products/?page=3",
    "/products/?category=climbing",
    "/products/?q=tent",
    "/products/?q=nothing+has+this+name",
    "/products/TEN-002/",
    "/login/",
    "/pictures/TEN-002.svg",
]


def shown(client: Client, path: str) -> list[str]:
    """The keys of every item in the slots of a page."""
    return [part.split('"')[0] for part in client.get(path).content.decode().split('data-item="')[1:]]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens(visitor: Client, path: str) -> None:
    answer = visitor.get(path, follow=True)
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/", "/products/", "/products/TEN-002/", "/login/"])
def test_pages_load_nothing_from_elsewhere(client: Client, learned_shop: object, db: None, path: str) -> None:
    text = client.get(path).content.decode()
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "https://" not in text
    scripts = re.findall("<script ([^>]*)>(.*?)</script>", text)
    assert [re.match('src="/static/personalization/(\\w+).js" defer ', tag)[1] for tag, _ in scripts] == [
        "beacon",
        "slots",
    ]
    assert not any(inside for _, inside in scripts)
    assert "style=" not in text


@pytest.mark.parametrize(
    "path", ["/products/XXX-1/", "/products/?category=x", "/products/?page=999", "/pictures/x.svg"]
)
def test_what_is_not_there_is_a_404(client: Client, learned_shop: object, db: None, path: str) -> None:
    assert client.get(path).status_code == 404


def test_hidden_products_have_no_page_and_are_not_listed(
    client: Client, learned_shop: object, db: None
) -> None:
    hidden = Product.objects.filter(available=False).first()
    assert hidden is not None
    assert client.get(hidden.get_absolute_url()).status_code == 404
    assert (
        hidden.name
        not in client.get("/products/", {"q": hidden.name}).content.decode().split("<main")[1].split("<ul")[1]
    )


@pytest.mark.parametrize("path", ["/", "/products/TEN-002/", "/products/CLI-005/"])
def test_slots_show_only_what_is_for_sale_and_nothing_twice(visitor: Client, path: str) -> None:
    keys = shown(visitor, path)
    assert len(keys) >= 8
    assert len(set(keys)) == len(keys)
    assert path.split("/")[-2] not in keys
    assert all(product.for_sale for product in Product.objects.filter(sku__in=keys))


def test_what_sells_out_is_gone_from_the_next_page(signed_in: Client) -> None:
    first = shown(signed_in, "/")[0]
    Product.objects.filter(sku=first).update(stock=0)
    assert first not in shown(signed_in, "/")


def test_a_climber_and_a_cyclist_see_different_things(client: Client, learned_shop: object, db: None) -> None:
    tastes = {}
    for name, activity in (("maya", "climbing"), ("ines", "cycling")):
        client.force_login(User.objects.get(username=name))
        products = Product.objects.filter(sku__in=shown(client, "/")[:8])
        tastes[name] = sum(activity in product.tags for product in products)
    assert tastes == {"maya": ANY, "ines": ANY}
    assert min(tastes.values()) >= 4


def test_a_card_says_why(signed_in: Client) -> None:
    assert "Because you bought" in signed_in.get("/").content.decode()


def test_a_product_page_is_remembered(signed_in: Client) -> None:
    """What the page is marked with is what its script tells (in a browser: tests/journeys/test_beacon.py)."""
    canoe = Product.objects.filter(tags__icontains="paddling", available=True, stock__gt=0).latest("pk")
    page = signed_in.get(canoe.get_absolute_url()).content.decode()
    viewed = page.split('data-personal-view="')[1].split('"')[0]
    told = {"events": [{"id": "0123456789abcdefghij", "kind": "view", "item": viewed}]}
    answer = signed_in.post(
        page.split('beacon.js" defer data-url="')[1].split('"')[0],
        told,
        content_type="application/json",
        headers={"User-Agent": "Mozilla/5.0"},
    )
    assert answer.status_code == 202
    text = signed_in.get("/").content.decode()
    recent = text.split('data-slot="recently_viewed"')[1].split("</section>")[0]
    assert f'data-item="{canoe.sku}"' in recent


def test_a_list_is_the_same_for_everybody_but_for_what_the_browser_fetches(
    signed_in: Client, client: Client
) -> None:
    """The place of a lazy block names nobody; its content is the visitor's own."""
    page = signed_in.get("/products/?category=tents").content.decode()
    signed = page.split('data-personal-lazy="')[1].split('"')[0]
    address = page.split('slots.js" defer data-url="')[1].split('"')[0]
    (mine,) = signed_in.get(address, {"b": signed}).json()["blocks"]
    assert mine.count("You viewed this recently") == 4
    client.logout()
    assert client.get("/products/?category=tents").content.decode().count(signed) == 1
    (nobodys,) = client.get(address, {"b": signed}).json()["blocks"]
    assert nobodys.strip() == ""


def test_stars_are_saved(signed_in: Client) -> None:
    answer = signed_in.post("/products/TEN-002/rate/", {"stars": "4"}, follow=True)
    assert "Thank you" in answer.content.decode()


@pytest.mark.parametrize("stars", ["", "0", "6", "four", "4.5"])
def test_other_stars_are_refused(signed_in: Client, stars: str) -> None:
    answer = signed_in.post("/products/TEN-002/rate/", {"stars": stars}, follow=True)
    assert "Please choose one to five stars." in answer.content.decode()


def test_only_people_who_are_signed_in_rate(client: Client, learned_shop: object, db: None) -> None:
    answer = client.post("/products/TEN-002/rate/", {"stars": "4"})
    assert answer.status_code == 302
    assert "/login/" in answer["Location"]


def test_one_click_signs_in(client: Client, learned_shop: object, db: None) -> None:
    answer = client.post("/login/", {"username": "tom", "password": "demo"}, follow=True)
    assert "camps with the family" in answer.content.decode()
    assert "Sign in" in client.post("/logout/", follow=True).content.decode()


def test_the_shop_speaks_chinese(client: Client, learned_shop: object, db: None) -> None:
    client.post("/language/setlang/", {"language": "zh-hans"})
    text = client.get("/products/?category=tents").content.decode()
    assert '<html lang="zh-hans">' in text
    assert "全部</a>" in text
    assert "帐篷" in text
    assert ">English</button>" in text


def test_a_product_is_described_in_the_language_of_the_page(
    client: Client, learned_shop: object, db: None
) -> None:
    tent = Product.objects.get(sku="TEN-002")
    english = client.get(tent.get_absolute_url()).content.decode()
    assert tent.description in english
    assert '<th scope="row">Season</th><td>summer</td>' in english
    client.post("/language/setlang/", {"language": "zh-hans"})
    chinese = client.get(tent.get_absolute_url()).content.decode()
    assert tent.description_zh in chinese
    assert '<th scope="row">季节</th><td>夏季</td>' in chinese
    assert tent.brand in chinese


def test_a_product_page_shows_what_it_cost_before(client: Client, learned_shop: object, db: None) -> None:
    counted = Product.objects.filter(available=True).alias(n=Count("prices"))
    repriced, steady = counted.filter(n__gt=1).first(), counted.filter(n=1).first()
    assert repriced is not None
    assert steady is not None
    page = client.get(repriced.get_absolute_url()).content.decode().split("Prices so far")[1]
    assert all(price_in(one, EUROPE) in page for one in repriced.prices.all())
    assert "Prices so far" not in client.get(steady.get_absolute_url()).content.decode()


@pytest.mark.parametrize("model", ["product", "category", "order", "return"])
def test_the_shop_has_an_admin(admin_client: Client, learned_shop: object, model: str) -> None:
    path = f"/admin/shop_demo/{model}/"
    assert admin_client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/", "/products/", "/login/", "/admin/login/", "/products/XXX-1/"])
def test_every_page_has_a_strict_policy(client: Client, learned_shop: object, db: None, path: str) -> None:
    policy = client.get(path)["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_store_and_language_are_chosen_above_and_on_phones_below(
    client: Client, learned_shop: object, db: None
) -> None:
    page = client.get("/").content.decode()
    header, rest = page.split("</header>", 1)
    footer = rest[rest.index('<footer class="bottom">') :]
    for part in (header, footer):
        assert '<button class="link" name="store" value="eu" aria-current="true">Europe €</button>' in part
        assert '<button class="link" name="language" value="zh-hans" lang="zh-hans">' in part


def test_a_page_that_is_missing_looks_like_the_shop(client: Client, learned_shop: object, db: None) -> None:
    page = client.get("/nothing/").content.decode()
    assert "There is no such page" in page
    assert "persona-bar" in page


def test_a_failing_page_needs_no_database() -> None:
    assert "Something went wrong here" in render_to_string("500.html")


def test_a_form_without_its_token_is_told_so(learned_shop: object, db: None) -> None:
    answer = Browser(enforce_csrf_checks=True).post("/become/", {"username": "maya"})
    assert answer.status_code == 403
    assert "The form had expired" in answer.content.decode()


def test_browsers_that_ask_for_an_icon_get_one(client: Client) -> None:
    assert client.get("/favicon.ico")["Location"].endswith("icon.svg")


def test_one_click_makes_somebody_else_of_you_on_the_same_page(
    client: Client, learned_shop: object, db: None
) -> None:
    there = {"next": "/products/?category=tents"}
    answer = client.post("/become/", {"username": "yue", **there})
    assert answer["Location"] == there["next"]
    assert client.session["_auth_user_id"] == str(User.objects.get(username="yue").pk)
    client.post("/become/", {"username": "", **there})
    assert "_auth_user_id" not in client.session
    assert "¥" in client.get("/products/").content.decode()  # a stranger shops where Yue did


def test_the_bar_signs_in_the_people_of_the_demo_alone(
    client: Client, learned_shop: object, db: None
) -> None:
    User.objects.create_user("boss", password="demo")
    answer = client.post("/become/", {"username": "boss", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"
    assert "_auth_user_id" not in client.session


def test_a_card_names_its_evidence(signed_in: Client) -> None:
    why = (
        signed_in.get("/").content.decode().split('<details class="personal-why">')[1].split("</details>")[0]
    )
    assert "was used" in why or "were used" in why
    assert 'href="/products/' in why
    assert 'href="/personalization/privacy/"' in why


def test_a_newcomer_chooses_what_to_begin_with_and_the_next_page_is_personal(
    learned_shop: object, db: None
) -> None:
    browser = Browser(headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"})
    home = browser.get("/").content.decode()
    form = home.split('<form class="personal-onboarding"')[1].split("</form>")[0]
    values = dict(re.findall(r'name="(form|next|csrfmiddlewaretoken)" value="([^"]*)"', form))
    offered = re.findall(r'name="item" value="([^"]*)"', form)
    assert len({product.category_id for product in Product.objects.filter(sku__in=offered)}) == 9
    assert "Because you like" not in home
    answer = browser.post("/personalization/likes/", {**values, "item": offered[:3]}, follow=True)
    assert answer.redirect_chain == [("/", 302)]
    personal = answer.content.decode()
    assert '<form class="personal-onboarding"' not in personal
    assert "Because you like" in personal
