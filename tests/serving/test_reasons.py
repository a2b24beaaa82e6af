import pytest
from django.utils import translation

from personalization.engine.types import Card, Reason, ReasonCode
from personalization.serving.reasons import ReasonTexts, used_text

CARDS = {"a": Card("a", "100% <Wool>"), "b": Card("b", "")}


@pytest.mark.parametrize("code", ReasonCode)
def test_every_code_has_a_text(code):
    assert ReasonTexts(CARDS, "en").text(Reason(code, ("a",)))


def test_the_first_evidence_is_named_as_it_is():
    assert (
        ReasonTexts(CARDS, "en").text(Reason(ReasonCode.BOUGHT, ("a", "b")))
        == "Because you bought 100% <Wool>"
    )


@pytest.mark.parametrize("key", ["b", "gone"])
def test_an_item_without_a_title_is_not_named(key):
    assert ReasonTexts(CARDS, "en").text(Reason(ReasonCode.BOUGHT, (key,))) == "Because of what you bought"


def test_texts_are_in_the_language_of_each_page():
    popular = Reason(ReasonCode.POPULAR)
    told = []
    for language in ("en", "zh-hans", "en"):
        with translation.override(language):
            told.append(ReasonTexts(CARDS, language).text(popular))
    assert told[0] == told[2] == "Popular with our customers"
    assert told[1] != told[0]


def test_the_evidence_is_shown_as_far_as_it_is_known_and_has_a_title():
    texts = ReasonTexts(CARDS, "en")
    assert texts.because("x", Reason(ReasonCode.BOUGHT, ("gone", "b", "a"))) == (CARDS["a"],)
    assert texts.because("a", Reason(ReasonCode.RECENTLY_VIEWED, ("a",))) == ()


def test_what_was_used_is_said_and_nothing_where_nothing_was():
    assert "your orders" in used_text(ReasonCode.BOUGHT)
    impersonal = (ReasonCode.SIMILAR, ReasonCode.POPULAR, ReasonCode.POPULAR_RECENT, ReasonCode.NEWEST)
    assert {used_text(code) for code in impersonal} == {"Nothing about you was used for it."}
    personal = set(ReasonCode).difference(impersonal)
    assert all("was used" in used_text(code) or "were used" in used_text(code) for code in personal)
    assert not any("Nothing" in used_text(code) for code in personal)
