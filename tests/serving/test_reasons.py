import pytest
from django.utils import translation

from personalization.engine.types import Card, Reason, ReasonCode
from personalization.serving.reasons import ReasonTexts

CARDS = {"a": Card("a", "100% <Wool>"), "b": Card("b", "")}


@pytest.mark.parametrize("code", ReasonCode)
def test_every_code_has_a_text(code):
    assert ReasonTexts(CARDS).text(Reason(code, ("a",)))


def test_the_first_evidence_is_named_as_it_is():
    assert ReasonTexts(CARDS).text(Reason(ReasonCode.BOUGHT, ("a", "b"))) == "Because you bought 100% <Wool>"


@pytest.mark.parametrize("key", ["b", "gone"])
def test_an_item_without_a_title_is_not_named(key):
    assert ReasonTexts(CARDS).text(Reason(ReasonCode.BOUGHT, (key,))) == "Because of what you bought"


def test_texts_are_lazy_about_language_until_they_are_written():
    with translation.override("de"):
        assert ReasonTexts(CARDS).text(Reason(ReasonCode.POPULAR))
