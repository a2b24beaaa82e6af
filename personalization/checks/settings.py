"""Every key of ``PERSONALIZATION`` is judged by one rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from django.core.checks import CheckMessage, Error, register

from personalization.checks import named, plain, traffic
from personalization.checks.cookie import cookie
from personalization.checks.doubts import doubts
from personalization.checks.meant import meant
from personalization.checks.rule import Rule, check_id
from personalization.checks.slot_rules import slot_rules
from personalization.checks.slots import slots
from personalization.conf import DEFAULTS, settings

if TYPE_CHECKING:
    from collections.abc import Sequence


@register("personalization")
def check_settings(app_configs: Sequence[object] | None = None, **kwargs: object) -> list[CheckMessage]:
    """Every fault of ``PERSONALIZATION``, at once."""
    written = settings.written
    if not isinstance(written, Mapping):
        fault = f"PERSONALIZATION must be a dict, not {type(written).__name__}."
        return [
            Error(fault, hint='Write PERSONALIZATION = {"PRODUCT_MODEL": "shop.Product"}.', id=check_id(1))
        ]
    messages: list[CheckMessage] = [_unknown(key) for key in written if key not in RULES]
    for key, rule in RULES.items():
        if key in written:
            messages += [_error(key, fault, rule) for fault in rule.judge(written[key])]
    messages += slot_rules(written.get("SLOTS"))
    return messages or list(doubts())


def _error(key: str, fault: str, rule: Rule) -> CheckMessage:
    return Error(f"PERSONALIZATION[{key!r}] {fault}.".replace("?.", "?"), hint=rule.hint, id=rule.id)


def _unknown(key: object) -> CheckMessage:
    nearest = meant(key, DEFAULTS)
    hint = f"Did you mean {nearest!r}?" if nearest else f"Known settings: {', '.join(sorted(DEFAULTS))}."
    return Error(f"PERSONALIZATION has no setting {key!r}.", hint=hint, id=check_id(2))


#: Every setting has one rule; the order is that of the ids, which are never reused.
RULES: Final[Mapping[str, Rule]] = {
    "ADAPTER": Rule(
        check_id(3), named.adapter, 'Name a subclass of Adapter, such as "shop.personal.ShopAdapter".'
    ),
    "PRODUCT_MODEL": Rule(check_id(4), named.model, 'Name an installed model as "app_label.Model".'),
    "RECOMMENDERS": Rule(
        check_id(5), named.recommenders, 'Write {"alias": {"BACKEND": "dotted.path.Class", "OPTIONS": {…}}}.'
    ),
    "SLOTS": Rule(
        check_id(6), slots, 'Write {"name": {"KIND": "for_you", "RECOMMENDER": "auto", "COUNT": 10}}.'
    ),
    "EVENT_WEIGHTS": Rule(
        check_id(7), plain.weights, 'Write kinds in lower case, such as {"purchase": 5, "view": 1}.'
    ),
    "HALF_LIFE_DAYS": Rule(
        check_id(8), plain.half_life, "None means that old events count as much as new ones."
    ),
    "MOST_PER_VISITOR": Rule(
        check_id(29),
        plain.whole_or_none(1, 1_000_000),
        "1000 is enough for taste; the work grows with the square of the longest history.",
    ),
    "RATING_SCALE": Rule(
        check_id(9), plain.scale, "Write (1, 5); for half stars write (1, 10) and show two per star."
    ),
    "HISTORY_LIMIT": Rule(check_id(10), plain.whole(1, 10_000), "100 is enough for nearly every shop."),
    "MEMORY_BUDGET_MB": Rule(
        check_id(11), plain.whole(16, 1_048_576), "How much memory learning may plan with, in MB."
    ),
    "BUILDS_KEPT": Rule(
        check_id(12), plain.whole(1, 1000), "Keep 2 or more, or there is nothing to roll back to."
    ),
    "LEASE_SECONDS": Rule(
        check_id(13), plain.whole(5, 86_400), "After so many silent seconds a run is taken over."
    ),
    "MAP_BUILDS": Rule(check_id(14), plain.flag, "False makes every worker read tables from the database."),
    "MAP_DIR": Rule(
        check_id(15), plain.folder, "Leave it empty for a folder in the system's temporary directory."
    ),
    "HOLDOUT_SHARE": Rule(
        check_id(16), plain.share, "0.05 keeps 5 % of the visitors without personal answers."
    ),
    "CONSENT_REQUIRED": Rule(
        check_id(17), plain.flag, "True: nobody is known before they agreed. False: until they refuse."
    ),
    "HONOR_GPC": Rule(
        check_id(18), plain.flag, "True takes Global Privacy Control and Do Not Track for a refusal."
    ),
    "COOKIE": Rule(check_id(19), cookie, 'Write only what differs, such as {"AGE_DAYS": 180}.'),
    "RETENTION_DAYS": Rule(
        check_id(20), plain.whole_or_none(1, 36_500), "None keeps events for ever; 395 is 13 months."
    ),
    "THROTTLES": Rule(
        check_id(21), traffic.throttles, 'Write "600/min", with sec, min, hour or day; None is no limit.'
    ),
    "CACHE": Rule(check_id(22), named.cache, "Name an entry of CACHES, best one that all workers share."),
    "BOT_PATTERNS": Rule(
        check_id(23), traffic.bot_patterns, 'Write parts of User-Agents, such as ["ourmonitor/"].'
    ),
    "TRUSTED_PROXIES": Rule(
        check_id(24), traffic.trusted_proxies, 'Write your own proxies only, such as ["10.0.0.0/8"].'
    ),
    "VISITOR_ITEMS": Rule(
        check_id(34), plain.whole(1, 1000), "How many items are kept for each visitor; 100 fill any slot."
    ),
    "VISITOR_DAYS": Rule(
        check_id(35),
        plain.whole_or_none(1, 36_500),
        "None works something out for everybody, however long gone.",
    ),
    "SERVER_KEYS": Rule(
        check_id(25),
        traffic.server_keys,
        'Make one with python -c "import secrets; print(secrets.token_urlsafe(32))", and keep it secret.',
    ),
    "NEW_ITEMS": Rule(
        check_id(33),
        named.of_new_items,
        'Name a recommender that needs no event, such as "content"; "" for none.',
    ),
    "RULE_KINDS": Rule(
        check_id(28),
        named.kinds,
        'Name subclasses of personalization.engine.rules.Kind, such as ["shop.rules.Points"].',
    ),
}
