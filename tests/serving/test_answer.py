import json

from personalization.engine.types import Card, Mode, Reason, ReasonCode, Recommendation, RecommendedItem
from personalization.serving import answer_dict, answer_json

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
    assert json.loads(answer_json(ANSWER)) == {
        "recommendation_id": "r1",
        "token": "token",
        "slot": "for_you",
        "mode": "personalized",
        "items": [{**card, **ITEM}],
    }


def test_json_is_compact_and_readable():
    assert "Tent “Ä”".encode() in answer_json(ANSWER)
    assert b": " not in answer_json(ANSWER).replace(b"Because you bought x", b"")
