import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpRequest
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import get_template
from django.test import override_settings
from django.utils import translation

from personalization.engine.types import ItemRecord
from personalization.models import Item
from personalization.shortcuts.block import Block, read_block
from personalization.store.catalog import CatalogAdapter
from personalization.store.items import upsert_items
from personalization.templatetags.personalization import web_address
from tests.served import CATALOG, NOW, Shop


@pytest.fixture
def shop(db, settings):
    settings.PERSONALIZATION = CATALOG
    shop = Shop("abc")
    shop.publish("item-cosine", keys="abc", neighbors={"a": {"b": 0.5}})
    return shop


def render(source, **context):
    template = Template("{% load personalization %}" + source)
    with translation.override("en"):
        return template.render(Context({"request": HttpRequest(), **context}))


def test_the_block_is_a_section_with_a_heading_and_reasons(shop):
    html = render('{% personal_slot "similar" item=product count=1 title="More like this" %}', product="a")
    assert '<section class="personal-slot" data-slot="similar" data-token="' in html
    assert 'aria-labelledby="personalization-similar"' in html
    assert '<h2 id="personalization-similar" class="personal-slot-title">More like this</h2>' in html
    assert '<a class="personal-slot-link" href="/p/b">' in html
    assert "9.50" in html
    assert "Similar to Item a" in html
    assert "<script" not in html
    assert " style=" not in html


def test_without_a_title_the_section_is_labelled(shop):
    html = render('{% personal_slot "popular" %}')
    assert "<h2" not in html
    assert 'aria-label="Recommended items"' in html


def test_the_answer_can_be_kept(shop):
    html = render(
        '{% personal_slot "similar" item="a" count=2 as rec %}{% for x in rec.items %}{{ x.key }}{% endfor %}'
    )
    assert html == "bc"


def test_slots_of_one_page_repeat_nothing(shop):
    source = (
        '{% personal_slot "popular" count=2 as x %}{% personal_slot "popular" as y %}{{ y.items|length }}'
    )
    assert render(source) == "1"


def test_an_empty_slot_renders_nothing(shop):
    assert render('{% personal_slot "recently_viewed" title="Seen" %}').strip() == ""


def test_everything_is_escaped(shop):
    bad = "<script>alert(1)</script>\"'"
    record = ItemRecord("<x>", title=bad, url='/"onmouseover="x', image='/i"x')
    upsert_items([record], tenant="", origin=Item.Origin.IMPORT, now=NOW)
    html = render('{% personal_slot "popular" count=1 title=title %}', title=bad)
    assert "<script" not in html
    assert "<x>" not in html
    assert '"onmouseover' not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "\tjavascript:x", "x y"]
)
def test_an_address_that_runs_code_is_no_link(shop, url):
    record = ItemRecord("evil", title="Evil", url=url, image=url)
    upsert_items([record], tenant="", origin=Item.Origin.IMPORT, now=NOW)
    html = render('{% personal_slot "popular" count=1 %}')
    assert "Evil" in html
    assert f'href="{url}"' not in html
    assert "personal-slot-link" not in html
    assert "<img" not in html


@pytest.mark.parametrize(
    "url", ["", "/p/1", "p/1?at=10:30", "https://cdn.example/x:1", "HTTP://x", "//cdn/x", "?a:b"]
)
def test_other_addresses_stay_as_they_are(url):
    assert web_address(url) == url


def test_a_shop_has_its_own_look(shop, settings, tmp_path):
    (tmp_path / "personalization").mkdir()
    (tmp_path / "personalization" / "slot_home_popular.html").write_text("own {{ rec.slot }} {{ title }}")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    assert render('{% personal_slot "home.popular" title="T" %}') == "own home.popular T"
    assert 'data-slot="popular"' in render('{% personal_slot "popular" %}')


def test_a_template_with_a_mistake_is_logged_and_left_out(shop, settings, tmp_path, caplog):
    (tmp_path / "personalization").mkdir()
    (tmp_path / "personalization" / "slot_popular.html").write_text("{% nonsense %}")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    assert render('before {% personal_slot "popular" %}') == "before "
    assert "rendering slot popular failed" in caplog.text


def test_a_page_never_breaks(shop, caplog):
    assert render('{% personal_slot "nonsense" %}').strip() == ""
    assert render("{% personal_slot missing as rec %}[{{ rec.items|length }}]") == "[0]"
    assert render('{% personal_slot "popular" count="x" %}').strip() != ""
    assert caplog.records


def test_a_variable_that_is_missing_is_as_if_it_was_not_written(shop):
    assert "Item" in render('{% personal_slot "popular" item=missing count=missing %}')


def test_a_template_without_a_request_works(shop):
    template = Template('{% load personalization %}{% personal_slot "popular" count=1 %}')
    assert "Item" in template.render(Context())


@pytest.mark.parametrize(
    "source", ["", "as rec", '"x" lazy=True as rec', '"x" colour="red"', '"x" item', '"x" "y"']
)
def test_mistakes_are_told_to_whoever_writes_the_template(source):
    with pytest.raises(TemplateSyntaxError, match="personal_slot"):
        Template("{% load personalization %}{% personal_slot " + source + " %}")


def test_the_template_ships_with_the_app():
    assert get_template("personalization/slot.html")


def test_a_lazy_slot_is_the_same_place_for_everybody(shop, savepoints_are_free, django_assert_num_queries):
    with django_assert_num_queries(0):
        html = render(
            '{% personal_slot "similar" item=product count=3 title=title lazy=True %}',
            product="a",
            title="<x>",
        )
    assert 'aria-busy="true" aria-label="&lt;x&gt;"' in html
    assert html.count("personal-slot-item personal-slot-wait") == 3
    assert "data-token" not in html
    assert block_in(html) == Block("similar", ("a",), 3, (), "&lt;x&gt;", "en")
    assert html == render(
        '{% personal_slot "similar" item=product count=3 title=title lazy=True %}', product="a", title="<x>"
    )


def test_a_slot_may_be_lazy_by_its_settings(shop, settings):
    settings.PERSONALIZATION = {**CATALOG, "SLOTS": {"popular": {"LAZY": True, "COUNT": 2}}}
    html = render('{% personal_slot "popular" %}')
    assert block_in(html) == Block("popular", language="en")
    assert html.count("personal-slot-item personal-slot-wait") == 2
    assert "data-token" in render('{% personal_slot "popular" lazy=False %}')
    assert render('{% personal_slot "popular" as rec %}{{ rec.items|length }}') == "2"


def test_a_lazy_slot_does_not_repeat_what_the_page_shows(shop):
    html = render('{% personal_slot "popular" count=1 as rec %}{% personal_slot "for_you" lazy=True %}')
    assert block_in(html).exclude == ("c",)
    html = render(
        '{% personal_slot "popular" count=1 as rec %}{% personal_slot "recently_viewed" lazy=True %}'
    )
    assert block_in(html).exclude == ()


def test_a_lazy_slot_with_a_mistake_is_left_out(shop, caplog):
    assert render('{% personal_slot "nonsense" lazy=True %}') == ""
    assert (
        render('{% personal_slot "popular" lazy=True title=long %}', long="".join(map(chr, range(300, 3000))))
        == ""
    )
    assert len(caplog.records) == 2


def block_in(html):
    return read_block(html.split('data-personal-lazy="')[1].split('"')[0])


def test_the_scripts_know_their_addresses(shop, settings):
    html = render("{% personal_script %}")
    assert html.count("<script ") == html.count("></script>") == html.count(" defer ") == 2
    assert 'personalization/beacon.js" defer data-url="/personalization/v1/events/" data-agreed=""' in html
    assert 'personalization/slots.js" defer data-url="/personalization/v1/blocks/"' in html
    assert "nonce" not in html
    settings.PERSONALIZATION = {**CATALOG, "CONSENT_REQUIRED": True}
    assert 'data-agreed="personalization_consent=1"' in render("{% personal_script %}")


def test_the_scripts_carry_the_pages_nonce(shop):
    request = HttpRequest()
    request.csp_nonce = "n1"
    assert render("{% personal_script %}", request=request).count(' nonce="n1"') == 2
    assert render("{% personal_script %}", csp_nonce="n2").count(' nonce="n2"') == 2


@override_settings(ROOT_URLCONF=())
def test_without_our_addresses_there_are_no_scripts(shop, caplog):
    assert render("before {% personal_script %}") == "before "
    assert "personal_script failed" in caplog.text


def test_a_product_page_is_marked(shop):
    assert (
        render("{% personal_view product %}", product="a")
        == '<data hidden value="a" data-personal-view="a"></data>'
    )
    assert 'data-personal-view="&lt;&quot;"' in render("{% personal_view product %}", product='<"')
    assert render("{% personal_view missing %}") == ""


def test_a_product_without_a_key_is_not_marked(shop, settings, caplog):
    settings.PERSONALIZATION = {"ADAPTER": f"{__name__}.Keyless"}
    assert render("a{% personal_view product %}", product=object()) == "a"
    assert "personal_view failed" in caplog.text


class Keyless(CatalogAdapter):
    def key_of(self, product):
        raise RuntimeError("bug")


def test_fragments_are_kept_apart_by_a_key(shop):
    assert render("{% personal_cache_key as key %}{{ key }}").startswith("anonymous.")
    template = Template("{% load personalization %}{% personal_cache_key as key %}{{ key }}")
    assert template.render(Context()) != template.render(Context())  # nobody can be told from another


@pytest.mark.parametrize("name", ["beacon", "slots"])
def test_the_scripts_are_small_and_do_nothing_that_a_strict_policy_forbids(name):
    path = finders.find(f"personalization/{name}.js")
    text = Path(path).read_text()
    assert name == "slots" or len(text.encode()) <= 2048
    assert not re.search(r"eval|Function\(|innerHTML|document\.write|\.style|\?\.|\?\?|catch \{", text)
