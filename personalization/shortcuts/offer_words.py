"""Refusals as sentences for shoppers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext, gettext_noop, ngettext

from personalization.engine.promotions import RefusalCode, round_amount
from personalization.engine.rules import conditions, read_condition
from personalization.promotions.result import LedgerCode
from personalization.shortcuts.offer import RefusedOffer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from personalization.engine.promotions import Promotion
    from personalization.engine.rules import Failure
    from personalization.promotions.result import Refused

_TEXTS: Final[Mapping[str, str]] = {
    RefusalCode.UNKNOWN: gettext_noop("This code cannot be used."),
    RefusalCode.NOT_STARTED: gettext_noop("It does not hold yet."),
    RefusalCode.EXPIRED: gettext_noop("It is over."),
    RefusalCode.CURRENCY: gettext_noop("It is for carts in another currency."),
    RefusalCode.CONDITION_FAILED: gettext_noop("Its conditions are not met."),
    RefusalCode.ZERO_EFFECT: gettext_noop("Nothing in your cart is part of it."),
    RefusalCode.BEATEN: gettext_noop("Another offer is worth more to you, and one applies to a cart."),
    RefusalCode.INVALID_RULE: gettext_noop("It cannot be used at the moment."),
    RefusalCode.EXHAUSTED: gettext_noop("It is used up."),
    RefusalCode.USED_UP_BY_PERSON: gettext_noop("You have used it as often as one may."),
    RefusalCode.PERSON_UNKNOWN: gettext_noop("Sign in, or tell your e-mail address, to use it."),
    RefusalCode.PAUSED: gettext_noop("It cannot be used at the moment."),
    RefusalCode.REVOKED: gettext_noop("It was taken back."),
    LedgerCode.KEY_REUSED: gettext_noop("Something else was reserved under this key."),
    LedgerCode.UNKNOWN_KEY: gettext_noop("Nothing was reserved under this key."),
    LedgerCode.RUN_OUT: gettext_noop("The reservation has run out."),
    LedgerCode.RELEASED: gettext_noop("The reservation was given back."),
    LedgerCode.OTHER_ORDER: gettext_noop("The reservation belongs to another order."),
}


def told(refused: Refused, promotion: Promotion | None) -> RefusedOffer:
    """What a shopper is told of a refusal; of a code that must not be found out nothing but that."""
    if promotion is None or refused.reason == RefusalCode.UNKNOWN:
        return RefusedOffer(refused.code, "", refused.reason.value, reason_text(refused.reason))
    text = refusal_text(refused.reason, refused.failures, promotion)
    missing, unit = _near_miss(refused.failures)
    return RefusedOffer(refused.code, promotion.title, refused.reason.value, text, missing, unit)


def reason_text(reason: str) -> str:
    """A reason as a sentence, as far as it stands for itself."""
    text = _TEXTS.get(reason, _TEXTS[RefusalCode.UNKNOWN])
    return gettext(text)


def refusal_text(reason: str, failures: Sequence[Failure], promotion: Promotion) -> str:
    """The same with what is missing, or what would have to be so."""
    if not failures:
        return reason_text(reason)
    missing, unit = _near_miss(failures)
    if missing is None:
        return gettext("It applies when %(condition)s.") % {"condition": _wanted(failures, promotion)}
    if unit:
        return gettext("%(amount)s more, and it applies.") % {"amount": f"{missing} {unit}"}
    return ngettext(
        "%(count)s piece more, and it applies.", "%(count)s pieces more, and it applies.", int(missing)
    ) % {"count": f"{missing:f}"}


def _near_miss(failures: Sequence[Failure]) -> tuple[Decimal | None, str]:
    """How much more of the cart would do, where one condition is all that is in the way."""
    if len(failures) != 1 or failures[0].missing is None or not failures[0].kind.startswith("cart."):
        return None, ""
    (failure,) = failures
    missing = failure.missing
    return (round_amount(missing, failure.unit) if missing and failure.unit else missing), failure.unit


def _wanted(failures: Sequence[Failure], promotion: Promotion) -> str:
    """The conditions that fail, in words; those that hold are nobody's business."""
    if promotion.rule is None:
        return ""
    written = dict(conditions(promotion.rule.root))
    texts = [
        _sentence(failure, read_condition(written[failure.path], translate=gettext)) for failure in failures
    ]
    joint = (
        gettext("{first}, or {next}")
        if all("/any/" in failure.path for failure in failures)
        else gettext("{first}, and {next}")
    )
    wanted = texts[0]
    for text in texts[1:]:
        wanted = joint.format(first=wanted, next=text)
    return wanted


def _sentence(failure: Failure, text: str) -> str:
    return gettext("it is not so that {sentence}").format(sentence=text) if failure.negated else text
