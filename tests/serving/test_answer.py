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


def test_json_is_compact_and_never_breaks():
    card = Card("a", "\ud800 “Ä”")
    odd = Recommendation("r", "s", Mode.CONTEXTUAL, (RecommendedItem("a", 1e-9, REASON, "\udfff", card),))
    body = answer_json(odd)
    assert body.isascii()
    assert b": " not in body
    assert json.loads(body)["items"][0]["title"] == "\ud800 “Ä”"


def test_kept_parts_are_bounded_and_of_the_card_itself(monkeypatch):
    monkeypatch.setattr("personalization.serving.answer.KEPT", 2)
    for number in range(5):
        card = Card(str(number), f"Title {number}")
        item = RecommendedItem(card.key, 1.0, REASON, "", card)
        answer = Recommendation("r", "s", Mode.CONTEXTUAL, (item, item))
        titles = [entry["title"] for entry in json.loads(answer_json(answer))["items"]]
        assert titles == [f"Title {number}"] * 2
