"""Would it match? A rule tried for one visitor, at some time, with some cart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext

from personalization.admin.rule_builder.segment_rules import segment_rules
from personalization.admin.rule_builder.titles import titled
from personalization.admin.rule_builder.trial_cart import facts_of_cart
from personalization.conf import settings
from personalization.engine.rules import Facts, Truth, conditions, evaluate, read_condition
from personalization.engine.rules.wall_time import instant_of, local_time
from personalization.engine.types import Identity, IdentityKind
from personalization.exceptions import InvalidInputError
from personalization.models import Visitor
from personalization.store.fact_names import BOUGHT, FIRST_SEEN, LAST_SEEN, ORDERS, VIEWED
from personalization.store.visitor_facts import read_visitor_facts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from personalization.admin.rule_builder.titles import Titles
    from personalization.engine.rules import Condition, Failure, Rule

_NAMES: Final = frozenset({FIRST_SEEN, LAST_SEEN, ORDERS, *BOUGHT, *VIEWED})


@dataclass(frozen=True, slots=True)
class Reason:
    """A condition that stands in the way: in words, with what was wanted, what is, and how much more would do."""

    sentence: str
    negated: bool
    expected: str
    actual: str | None
    missing: str


@dataclass(frozen=True, slots=True)
class Trial:
    """``truth``: "true", "false" or "unknown"; ``error``: why nothing could be tried; ``at``: the shop's time that was
    meant."""

    truth: str = ""
    reasons: tuple[Reason, ...] = ()
    error: str = ""
    at: str = ""


def try_rule(
    rule: Rule | None, asked: Mapping[str, str], *, tenant: str, now: int, titles: Titles | None = None
) -> Trial:
    """Evaluate a rule as the shop would, for whom ``asked`` names."""
    if rule is None:
        return Trial(error=gettext("Add a condition, and complete those that are there."))
    try:
        at = moment_of(asked.get("at", ""), now)
        values = _visitor_facts(asked, tenant, at) | facts_of_cart(asked.get("cart", ""), tenant=tenant)
    except InvalidInputError as error:
        return Trial(error=error.message)
    verdict = evaluate(rule, Facts(values, at, settings.time_zone), segment_rules(tenant))
    found = dict(conditions(titled(rule, titles or {}).root))
    reasons = [reason_of(failure, found[failure.path]) for failure in verdict.failures]
    shown = local_time(at, settings.time_zone).strftime("%Y-%m-%d %H:%M")
    return Trial(Truth(verdict.truth).name.lower(), tuple(reasons), at=shown)


def moment_of(text: str, now: int) -> int:
    """A local time of the shop in UTC microseconds; empty: now. Raises InvalidInputError naming ``at``."""
    if not text.strip():
        return now
    try:
        wall = datetime.fromisoformat(text.strip())
    except ValueError:
        wall = None
    if wall is None or wall.tzinfo is not None or not 1970 < wall.year < 3000:
        raise InvalidInputError("at", gettext("There is no such day or time."))
    return instant_of(wall, settings.time_zone)


def _visitor_facts(asked: Mapping[str, str], tenant: str, now: int) -> dict[str, object]:
    """What is known of whoever was named; nothing of nobody."""
    who = asked.get("who", "").strip()
    if not who:
        return {}
    identity = Identity(IdentityKind.USER, who) if asked.get("as") == "user" else find_identity(who, tenant)
    facts = read_visitor_facts(identity, tenant=tenant, now=now, names=_NAMES) if identity else {}
    if not facts:
        raise InvalidInputError("who", gettext("Nobody is known by this, or the person refused."))
    return facts | {"visitor.signed_in": identity is not None and identity.kind == IdentityKind.USER}


def find_identity(number: str, tenant: str) -> Identity | None:
    """Something that the visitor of a number is known by."""
    digits = number.removeprefix("#")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 19):
        return None
    visitor = Visitor.objects.filter(pk=int(digits), tenant=tenant).first()
    known = [] if visitor is None else list(visitor.identities.exclude(key="").order_by("-kind", "pk"))
    return Identity(IdentityKind(known[0].kind), known[0].key) if known else None


def reason_of(failure: Failure, condition: Condition) -> Reason:
    """A failure in the reader's language."""
    missing = "" if failure.missing is None else f"{failure.missing:f} {failure.unit}".strip()
    return Reason(
        sentence=read_condition(condition, translate=gettext),
        negated=failure.negated,
        expected=failure.expected,
        actual=failure.actual,
        missing=missing,
    )
