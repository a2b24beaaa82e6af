"""An answer as programs read it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from personalization.serving.reasons import ReasonTexts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from personalization.engine.types import Card, Reason, Recommendation, RecommendedItem
    from personalization.serving.demand import Candidate
    from personalization.serving.token import AnswerToken

#: How many cards' parts a process keeps.
KEPT: Final = 10_000
_parts: dict[int, tuple[Card, str]] = {}
_quote = json.encoder.encode_basestring_ascii  # a host's texts may hold what UTF-8 cannot


def answer_dict(recommendation: Recommendation, *, cards: bool = False) -> dict[str, Any]:
    """JSON-ready: id, mode, and items with score and reason; with ``cards`` also slot, token and what a page shows."""
    answer: dict[str, Any] = {"recommendation_id": recommendation.id, "mode": recommendation.mode.value}
    if not cards:
        return {**answer, "items": [_item(item) for item in recommendation.items]}
    items = [{**card_dict(item.card), **_item(item)} for item in recommendation.items]
    return {**answer, "slot": recommendation.slot, "token": recommendation.token, "items": items}


def write_answer(
    answer: AnswerToken, token: str, chosen: Iterable[Candidate], cards: Mapping[str, Card], *, language: str
) -> bytes:
    """What ``answer_dict(…, cards=True)`` says, as compact JSON in ASCII.

    Written by hand, because most of it is known before: a card's part is kept as long as the card is, and items of
    one answer share their reasons.
    """
    texts = ReasonTexts(cards, language)
    items, last, written, parts = [], None, "", _parts
    for key, score, reason in chosen:
        if reason is not last:
            last, written = reason, _reason_part(reason, texts.text(reason))
        card = cards[key]
        kept = parts.get(id(card))  # by identity: cards never change
        part = kept[1] if kept is not None and kept[0] is card else _card_part(card)
        items.append(f'{part},"score":{score:.6f},"reason":{written}}}')
    return (
        f'{{"recommendation_id":{_quote(answer.id)},"mode":{_quote(answer.mode)},"slot":{_quote(answer.slot)},'
        f'"token":{_quote(token)},"items":[{",".join(items)}]}}'
    ).encode("ascii")


def _reason_part(reason: Reason, text: str) -> str:
    evidence = ",".join(map(_quote, reason.evidence))
    return f'{{"code":{_quote(reason.code)},"text":{_quote(text)},"evidence":[{evidence}]}}'


def _card_part(card: Card) -> str:
    """The beginning of an item's JSON object, kept for the next answers."""
    if len(_parts) >= KEPT:
        _parts.clear()
    part = json.dumps({"item": card.key, **card_dict(card)}, separators=(",", ":"))[:-1]
    _parts[id(card)] = (card, part)
    return part


def _item(item: RecommendedItem) -> dict[str, Any]:
    return {"item": item.key, "score": round(item.score, 6), "reason": _reason(item)}


def _reason(item: RecommendedItem) -> dict[str, Any]:
    return {"code": item.reason.code.value, "text": item.text, "evidence": list(item.reason.evidence)}


def card_dict(card: Card) -> dict[str, str]:
    """What a page shows of an item, besides its key."""
    return {
        "title": card.title,
        "url": card.url,
        "image": card.image,
        "price": card.price,
        "currency": card.currency,
        "category": card.category,
    }
