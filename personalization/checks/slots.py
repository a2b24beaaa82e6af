"""The judge of SLOTS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from personalization.checks.meant import unknown_names
from personalization.checks.plain import whole
from personalization.checks.rule import NEEDS_NAMES, is_name
from personalization.conf import BUILT_IN_SLOTS
from personalization.registry import available

if TYPE_CHECKING:
    from collections.abc import Iterator

OPTIONS: Final = ("KIND", "RECOMMENDER", "COUNT", "EXCLUDE", "FILL", "LAZY", "FILTER", "BOOST")
KINDS: Final = tuple(sorted(["campaign", *[str(options["KIND"]) for options in BUILT_IN_SLOTS.values()]]))
EXCLUDES: Final = ("none", "purchased", "seen")
FLAGS: Final = ("FILL", "LAZY")
MAX_COUNT: Final = 100


def slots(value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"must be a dict of name: options, not {value!r}"
        return
    for name, options in value.items():
        if not is_name(name):
            yield f"{NEEDS_NAMES}, not {name!r}"
        elif not isinstance(options, Mapping):
            yield f"must give {name!r} a dict of options"
        else:
            yield from (f"entry {name!r} {fault}" for fault in _slot(name, options))


def _slot(name: str, options: Mapping[str, Any]) -> Iterator[str]:
    options = {**BUILT_IN_SLOTS.get(name, {}), **options}
    yield from unknown_names(options, OPTIONS, noun="option")
    if options.get("KIND", "for_you") not in KINDS:
        yield f"needs a KIND out of {', '.join(KINDS)}, not {options.get('KIND')!r}"
    if options.get("EXCLUDE", "none") not in EXCLUDES:
        yield f"needs an EXCLUDE out of {', '.join(EXCLUDES)}, not {options['EXCLUDE']!r}"
    if options.get("KIND") == "buy_again":
        if options.get("EXCLUDE", "none") in ("purchased", "seen"):
            yield f"has an EXCLUDE of {options['EXCLUDE']!r}, which leaves out all that it could show"
        if options.get("FILL") is True:
            yield "has a FILL of True, but shows nothing besides what was bought"
    for flag in FLAGS:
        if not isinstance(options.get(flag, True), bool):
            yield f"needs a {flag} of True or False, not {options[flag]!r}"
    if options.get("RECOMMENDER", "auto") not in list(available()):
        yield f"names a RECOMMENDER that is not declared: {options['RECOMMENDER']!r}"
    yield from (f"has a COUNT that {fault}" for fault in whole(1, MAX_COUNT)(options.get("COUNT", 1)))
