"""System checks: a wrong setting fails at ``manage.py check``, with an id and a hint.

The ids are stable and listed in docs/reference/checks.md.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - Django's name
from django.utils.module_loading import import_string

from personalization.adapters import Adapter, DeclarativeAdapter
from personalization.conf import BUILT_IN_SLOTS, DEFAULTS, settings
from personalization.engine.recommenders.base import Recommender
from personalization.engine.types import Kind
from personalization.exceptions import InvalidInputError
from personalization.registry import BUILT_IN, declared, get_recommender

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    #: What is wrong with a value, one text per fault; none when it is right.
    Judge = Callable[[Any], Iterator[str]]

SLOT_KINDS: Final = frozenset(str(options["KIND"]) for options in BUILT_IN_SLOTS.values())
SLOT_OPTIONS: Final = ("KIND", "RECOMMENDER", "COUNT", "EXCLUDE", "FILL")
EXCLUDES: Final = ("none", "purchased", "seen")
MAX_COUNT: Final = 100
_NAME_LENGTH: Final = 64


@dataclass(frozen=True, slots=True)
class Rule:
    """How one setting is judged, and what to tell whoever got it wrong."""

    id: str
    judge: Judge
    hint: str


@register("personalization")
def check_settings(app_configs: Sequence[object] | None = None, **kwargs: object) -> list[CheckMessage]:
    """Every fault of ``PERSONALIZATION``, at once."""
    written = settings.written
    if not isinstance(written, Mapping):
        fault = f"PERSONALIZATION must be a dict, not {type(written).__name__}."
        return [Error(fault, hint='Write PERSONALIZATION = {"PRODUCT_MODEL": "shop.Product"}.', id=_id(1))]
    messages: list[CheckMessage] = [_unknown(key) for key in written if key not in RULES]
    for key, rule in RULES.items():
        if key in written:
            messages += [_error(key, fault, rule) for fault in rule.judge(written[key])]
    return messages or _map_dir_warnings()


def _id(number: int, level: str = "E") -> str:
    return f"personalization.{level}{number:03}"


def _error(key: str, fault: str, rule: Rule) -> CheckMessage:
    return Error(f"PERSONALIZATION[{key!r}] {fault}.", hint=rule.hint, id=rule.id)


def _unknown(key: object) -> CheckMessage:
    close = get_close_matches(str(key).upper(), DEFAULTS, n=1)
    hint = f"Did you mean {close[0]!r}?" if close else f"Known settings: {', '.join(sorted(DEFAULTS))}."
    return Error(f"PERSONALIZATION has no setting {key!r}.", hint=hint, id=_id(2))


def _map_dir_warnings() -> list[CheckMessage]:
    """Serving works without local copies, so a folder that cannot be written is no error."""
    if not settings.MAP_BUILDS or _writable(settings.map_dir):
        return []
    hint = "Name a folder that the workers may write to, or set MAP_BUILDS to False."
    fault = (
        f"PERSONALIZATION['MAP_DIR']: {str(settings.map_dir)!r} cannot be written to; builds are not mapped."
    )
    return [Warning(fault, hint=hint, id=_id(1, "W"))]


def _writable(folder: Path) -> bool:
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)


# Judges of plain values.


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _whole(low: int, high: int) -> Judge:
    def judge(value: Any) -> Iterator[str]:
        if type(value) is not int or not low <= value <= high:
            yield f"must be a whole number from {low} to {high}, not {value!r}"

    return judge


def _flag(value: Any) -> Iterator[str]:
    if not isinstance(value, bool):
        yield f"must be True or False, not {value!r}"


def _share(value: Any) -> Iterator[str]:
    if not _is_number(value) or not 0 <= value <= 1:
        yield f"must be a number from 0 to 1, not {value!r}"


def _half_life(value: Any) -> Iterator[str]:
    if value is not None and (not _is_number(value) or value <= 0):
        yield f"must be None or a number of days greater than 0, not {value!r}"


def _folder(value: Any) -> Iterator[str]:
    if not isinstance(value, str | Path):
        yield f"must be a path, not {value!r}"
    elif "\0" in str(value):
        yield "must be a path without NUL characters"


def _scale(value: Any) -> Iterator[str]:
    pair = isinstance(value, tuple | list) and len(value) == 2 and all(type(end) is int for end in value)
    if not pair or not -9999 <= value[0] < value[1] <= 9999:
        yield f"must be two whole numbers, the lower one first, not {value!r}"


def _weights(value: Any) -> Iterator[str]:
    kinds = [kind.name.lower() for kind in Kind]
    if not isinstance(value, Mapping):
        yield f"must be a dict of kind: weight, not {value!r}"
        return
    for kind, weight in value.items():
        if kind not in kinds:
            yield f"knows no kind {kind!r}; kinds: {', '.join(kinds)}"
        elif not _is_number(weight) or weight < 0:
            yield f"must give {kind!r} a finite number of 0 or more, not {weight!r}"


# Judges of what is named by a path, a label or an alias.


def _adapter(value: Any) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"must be a dotted path, not {value!r}"
    elif value:
        yield from _adapter_at(value)


def _adapter_at(path: str) -> Iterator[str]:
    try:
        found = import_string(path)
    except (ImportError, TypeError, ValueError) as error:  # the last two for paths such as ".shop.Adapter"
        yield f"cannot be imported: {error}"
        return
    if not (isinstance(found, type) and issubclass(found, Adapter)):
        yield f"names {path!r}, which is no subclass of personalization.adapters.Adapter"
        return
    if missing := sorted(getattr(found, "__abstractmethods__", ())):
        yield f"names {path!r}, which does not implement {', '.join(missing)}"
    elif issubclass(found, DeclarativeAdapter) and found.model is DeclarativeAdapter.model:
        yield from _declared_model(found)


def _declared_model(adapter: type[DeclarativeAdapter]) -> Iterator[str]:
    label = adapter.product_model or settings.PRODUCT_MODEL
    if not label:
        yield f"names {adapter.__name__}, which declares no product_model, and PRODUCT_MODEL is empty"
    elif adapter.product_model:
        yield from (f"names {adapter.__name__}, whose product_model {fault}" for fault in _model(label))


def _model(value: Any) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"must be text such as 'shop.Product', not {value!r}"
    elif value:
        try:
            apps.get_model(value)
        except (LookupError, ValueError) as error:
            yield f"names no installed model: {error}"


def _recommenders(value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"must be a dict of alias: declaration, not {value!r}"
        return
    for alias, declaration in value.items():
        yield from (f"entry {alias!r} {fault}" for fault in _recommender(alias, declaration))


def _recommender(alias: Any, declaration: Any) -> Iterator[str]:
    if not _is_name(alias):
        yield f"needs an alias of 1 to {_NAME_LENGTH} characters"
    elif not isinstance(declaration, Mapping) or not isinstance(declaration.get("BACKEND"), str):
        yield 'must be a dict with a dotted path "BACKEND"'
    elif unknown := sorted(map(str, set(declaration) - {"BACKEND", "OPTIONS"})):
        yield f"has unknown keys: {', '.join(unknown)}"
    elif not isinstance(declaration.get("OPTIONS", {}), Mapping):
        yield 'must have a dict of "OPTIONS"'
    else:
        yield from _made(alias)


def _made(alias: str) -> Iterator[str]:
    try:
        made: object = get_recommender(alias)
    except InvalidInputError as error:
        yield f"is not usable: {error.message}"
        return
    if not isinstance(made, Recommender):
        yield "names a BACKEND that is no subclass of personalization.engine.recommenders.base.Recommender"


def _slots(value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"must be a dict of name: options, not {value!r}"
        return
    for name, options in value.items():
        if not _is_name(name):
            yield f"needs names of 1 to {_NAME_LENGTH} characters, not {name!r}"
        elif not isinstance(options, Mapping):
            yield f"must give {name!r} a dict of options"
        else:
            yield from (f"entry {name!r} {fault}" for fault in _slot(name, options))


def _slot(name: str, options: Mapping[str, Any]) -> Iterator[str]:
    options = {**BUILT_IN_SLOTS.get(name, {}), **options}
    if unknown := sorted(map(str, set(options) - set(SLOT_OPTIONS))):
        yield f"has unknown options: {', '.join(unknown)}"
    if options.get("KIND", "for_you") not in SLOT_KINDS:
        yield f"needs a KIND out of {', '.join(sorted(SLOT_KINDS))}, not {options.get('KIND')!r}"
    if options.get("EXCLUDE", "none") not in EXCLUDES:
        yield f"needs an EXCLUDE out of {', '.join(EXCLUDES)}, not {options['EXCLUDE']!r}"
    if not isinstance(options.get("FILL", True), bool):
        yield f"needs a FILL of True or False, not {options['FILL']!r}"
    if options.get("RECOMMENDER", "auto") not in _aliases():
        yield f"names a RECOMMENDER that is not declared: {options['RECOMMENDER']!r}"
    yield from (f"has a COUNT that {fault}" for fault in _whole(1, MAX_COUNT)(options.get("COUNT", 1)))


def _aliases() -> list[object]:
    return list(declared() if isinstance(settings.RECOMMENDERS, Mapping) else BUILT_IN)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _NAME_LENGTH


#: Every setting has one rule; the order is that of the ids, which are never reused.
RULES: Final[Mapping[str, Rule]] = {
    "ADAPTER": Rule(_id(3), _adapter, 'Name a subclass of Adapter, such as "shop.personal.ShopAdapter".'),
    "PRODUCT_MODEL": Rule(_id(4), _model, 'Name an installed model as "app_label.Model".'),
    "RECOMMENDERS": Rule(
        _id(5), _recommenders, 'Write {"alias": {"BACKEND": "dotted.path.Class", "OPTIONS": {…}}}.'
    ),
    "SLOTS": Rule(_id(6), _slots, 'Write {"name": {"KIND": "for_you", "RECOMMENDER": "auto", "COUNT": 10}}.'),
    "EVENT_WEIGHTS": Rule(_id(7), _weights, 'Write kinds in lower case, such as {"purchase": 5, "view": 1}.'),
    "HALF_LIFE_DAYS": Rule(_id(8), _half_life, "None means that old events count as much as new ones."),
    "RATING_SCALE": Rule(_id(9), _scale, "Write (1, 5); for half stars write (1, 10) and show two per star."),
    "HISTORY_LIMIT": Rule(_id(10), _whole(1, 10_000), "100 is enough for nearly every shop."),
    "MEMORY_BUDGET_MB": Rule(
        _id(11), _whole(16, 1_048_576), "How much memory learning may plan with, in MB."
    ),
    "BUILDS_KEPT": Rule(_id(12), _whole(1, 1000), "Keep 2 or more, or there is nothing to roll back to."),
    "LEASE_SECONDS": Rule(_id(13), _whole(5, 86_400), "After so many silent seconds a run is taken over."),
    "MAP_BUILDS": Rule(_id(14), _flag, "False makes every worker read tables from the database."),
    "MAP_DIR": Rule(_id(15), _folder, "Leave it empty for a folder in the system's temporary directory."),
    "HOLDOUT_SHARE": Rule(_id(16), _share, "0.05 keeps 5 % of the visitors without personal answers."),
}
