import pytest
from django.utils import translation

from personalization.engine.types import Card, Reason, ReasonCode
from personalization.serving.reasons import ReasonTexts

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
