"""An answer as programs read it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from personalization.engine.types import Card, Recommendation, RecommendedItem

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def answer_dict(recommendation: Recommendation, *, cards: bool = False) -> dict[str, Any]:
    """JSON-ready: id, mode, and items with score and reason; with ``cards`` also slot, token and what a page shows."""
    answer: dict[str, Any] = {"recommendation_id": recommendation.id, "mode": recommendation.mode.value}
    if not cards:
        return {**answer, "items": [_item(item) for item in recommendation.items]}
    items = [{**_card(item.card), **_item(item)} for item in recommendation.items]
    return {**answer, "slot": recommendation.slot, "token": recommendation.token, "items": items}


def answer_json(recommendation: Recommendation) -> bytes:
    """The whole answer, cards and token included, as compact JSON in UTF-8."""
    return _encode(answer_dict(recommendation, cards=True)).encode()


def _item(item: RecommendedItem) -> dict[str, Any]:
    reason = {
        "code": item.reason.code.value,
        "text": item.text,
        "evidence": list(item.reason.evidence),
    }
    return {"item": item.key, "score": round(item.score, 6), "reason": reason}


def _card(card: Card) -> dict[str, str]:
    return {
        "title": card.title,
        "url": card.url,
        "image": card.image,
        "price": card.price,
        "currency": card.currency,
        "category": card.category,
    }
