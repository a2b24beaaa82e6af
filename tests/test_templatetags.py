import pytest
from django.http import HttpRequest
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import get_template

from personalization.engine.types import ItemRecord
from personalization.models import Item
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
    return template.render(Context({"request": HttpRequest(), **context}))


def test_the_block_is_a_section_with_a_heading_and_reasons(shop):
    html = render('{% personal_slot "similar" item=product count=1 title="More like this" %}', product="a")
    assert '<section class="personal-slot" data-slot="similar" data-token="' in html
    assert 'aria-labelledby="personalization-similar"' in html
    assert '<h2 id="personalization-similar" class="personal-slot-title">More like this</h2>' in html
    assert '<a class="personal-slot-link" href="/p/b">' in html
    assert "9.50 EUR" in html
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
    assert "href" not in html
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


@pytest.mark.parametrize("source", ["", "as rec", '"x" colour="red"', '"x" item', '"x" "y"'])
def test_mistakes_are_told_to_whoever_writes_the_template(source):
    with pytest.raises(TemplateSyntaxError, match="personal_slot"):
        Template("{% load personalization %}{% personal_slot " + source + " %}")


def test_the_template_ships_with_the_app():
    assert get_template("personalization/slot.html")
