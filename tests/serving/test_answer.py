import json

from personalization.engine.types import Card, Mode, Reason, ReasonCode, Recommendation, RecommendedItem
from personalization.serving import AnswerToken, answer_dict
from personalization.serving.answer import write_answer

REASON = Reason(ReasonCode.BOUGHT, ("x", "y"))
CARD = Card("a", "Tent “Ä”", "/p/a", "/i/a", "9.50", "EUR", "tents")
ANSWER = Recommendation(
    "r1",
    "for_you",
    Mode.PERSONALIZED,
    (RecommendedItem("a", 0.12345678, REASON, "Because you bought x", CARD),),
    "token",
    3,
)
ITEM = {
    "item": "a",
    "score": 0.123457,
    "reason": {"code": "because_bought", "text": "Because you bought x", "evidence": ["x", "y"]},
}


def test_the_plain_form_is_what_the_command_prints():
    assert answer_dict(ANSWER) == {"recommendation_id": "r1", "mode": "personalized", "items": [ITEM]}


def test_the_whole_form_is_what_the_api_sends():
    card = {
        "title": "Tent “Ä”",
        "url": "/p/a",
        "image": "/i/a",
        "price": "9.50",
        "currency": "EUR",
        "category": "tents",
    }
    assert answer_dict(ANSWER, cards=True) == {
        "recommendation_id": "r1",
        "token": "token",
        "slot": "for_you",
        "mode": "personalized",
        "items": [{**card, **ITEM}],
    }


def write(*cards, reason=REASON):
    answer = AnswerToken("r1", "for_you", Mode.PERSONALIZED, tuple(card.key for card in cards))
    chosen = [(card.key, 0.12345678, reason) for card in cards]
    return write_answer(answer, "token", chosen, {card.key: card for card in cards}, language="en")


def test_written_by_hand_it_says_the_same():
    item = RecommendedItem("a", 0.12345678, REASON, "Because of what you bought", CARD)
    said = Recommendation("r1", "for_you", Mode.PERSONALIZED, (item,), "token")
    assert json.loads(write(CARD)) == answer_dict(said, cards=True)


def test_json_is_compact_and_never_breaks():
    body = write(Card("a", "\ud800 “Ä”"))
    assert body.isascii()
    assert b": " not in body
    assert json.loads(body)["items"][0]["title"] == "\ud800 “Ä”"


def test_kept_parts_are_bounded_and_of_the_card_itself(monkeypatch):
    monkeypatch.setattr("personalization.serving.answer.KEPT", 2)
    for number in range(5):
        card = Card("a", f"Title {number}")
        titles = [json.loads(write(card))["items"][0]["title"] for _ in range(2)]
        assert titles == [f"Title {number}"] * 2
