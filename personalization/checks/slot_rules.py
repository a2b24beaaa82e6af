"""The judge of the rules in SLOTS: which items a slot may show, and which come first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from django.core.checks import CheckMessage, Error

from personalization.checks.rule import check_id
from personalization.engine.rules import InvalidRuleError
from personalization.exceptions import InvalidInputError
from personalization.serving.item_rules import read_boost, read_item_rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FILTER_ID: Final = check_id(26)
_BOOST_ID: Final = check_id(27)
_CAMPAIGN: Final = "campaign"
_HINTS: Final = {
    _FILTER_ID: 'Write a rule about items, such as {"kind": "item.category", "op": "any_of", "values": ["Tents"]}.',
    _BOOST_ID: 'Write [{"WHEN": {a rule about items}, "TIMES": 1.3}]; less than 1 makes items come later.',
}


def slot_rules(slots: Any) -> Iterator[CheckMessage]:
    """Every fault of FILTER and BOOST, at once; what else is wrong with slots says another check."""
    for name, options in slots.items() if isinstance(slots, Mapping) else ():
        if isinstance(options, Mapping):
            yield from _filter(name, options)
            yield from _boost(name, options)


def _filter(name: object, options: Mapping[str, Any]) -> Iterator[CheckMessage]:
    if options.get("FILTER") is not None:
        yield from _elsewhere(name, options, "FILTER", _FILTER_ID)
        for fault in _faults(read_item_rule, options["FILTER"]):
            yield _error(name, f"has a FILTER that is wrong: {fault}", _FILTER_ID)


def _boost(name: object, options: Mapping[str, Any]) -> Iterator[CheckMessage]:
    boosts = options.get("BOOST")
    if boosts is None:
        return
    yield from _elsewhere(name, options, "BOOST", _BOOST_ID)
    if not isinstance(boosts, list | tuple):
        yield _error(name, f"needs a BOOST that is a list, not {boosts!r}", _BOOST_ID)
        return
    for place, boost in enumerate(boosts):
        for fault in _faults(read_boost, boost):
            yield _error(name, f"has a BOOST whose entry {place} is wrong: {fault}", _BOOST_ID)


def _elsewhere(name: object, options: Mapping[str, Any], option: str, number: str) -> Iterator[CheckMessage]:
    if options.get("KIND") == _CAMPAIGN:
        yield _error(
            name, f"shows campaigns: give the {option} to the slot that fills their rows of items", number
        )


def _faults(read: Callable[[object], object], written: object) -> Iterator[str]:
    try:
        read(written)
    except InvalidRuleError as error:
        yield from (f"{one.path or '/'}: {one.message}" for one in error.problems)
    except InvalidInputError as error:
        yield str(error)


def _error(name: object, fault: str, number: str) -> CheckMessage:
    return Error(f"PERSONALIZATION['SLOTS'] entry {name!r} {fault}.", hint=_HINTS[number], id=number)
