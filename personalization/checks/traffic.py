"""Judges of who may ask how often, and whom requests are believed to come from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import Any, Final

from personalization.checks.meant import unknown_names
from personalization.conf import BUILT_IN_THROTTLES, KEY_LENGTH, settings

RATE: Final = re.compile(r"[1-9][0-9]{0,8}/(sec|min|hour|day)")
#: What matches all of these matches the browsers of people.
BROWSERS: Final = tuple(
    "mozilla/5.0 (" + rest
    for rest in (
        "windows nt 10.0; win64; x64) applewebkit/537.36 (khtml, like gecko) chrome/140.0.0.0 safari/537.36",
        "iphone; cpu iphone os 18_6 like mac os x) applewebkit/605.1.15 (khtml, like gecko) version/18.6 safari/604.1",
        "x11; linux x86_64; rv:143.0) gecko/20100101 firefox/143.0",
    )
)


def throttles(value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"must be a dict of scope: rate, not {value!r}"
        return
    yield from unknown_names(value, BUILT_IN_THROTTLES, noun="scope")
    for scope, rate in value.items():
        if rate is not None and not (isinstance(rate, str) and RATE.fullmatch(rate)):
            yield f"must give {scope!r} None or a rate such as '600/min', not {rate!r}"


def bot_patterns(value: Any) -> Iterator[str]:
    if not _is_sequence(value):
        yield f"must be a list of texts, not {value!r}"
        return
    for pattern in value:
        if not isinstance(pattern, str) or not pattern.strip():
            yield f"needs texts that are not empty, not {pattern!r}"
        elif all(pattern.lower() in browser for browser in BROWSERS):
            yield f"holds {pattern!r}, which is part of the name of every browser"


def trusted_proxies(value: Any) -> Iterator[str]:
    if not _is_sequence(value):
        yield f"must be a list of addresses and networks, not {value!r}"
        return
    for text in value:
        try:
            everybody = ip_network(text.strip(), strict=False).prefixlen == 0
        except (AttributeError, ValueError):
            yield f"holds {text!r}, which is neither an address nor a network"
            continue
        if everybody:
            yield f"holds {text!r}: everybody could write whose address a request comes from"


def server_keys(value: Any) -> Iterator[str]:
    """Faults name places, never keys: what a check says ends up in logs."""
    if not _is_sequence(value):
        yield f"must be a list of texts, not a {type(value).__name__}"
        return
    for place, key in enumerate(value):
        if not isinstance(key, str) or len(key) < KEY_LENGTH:
            yield f"needs a text of at least {KEY_LENGTH} characters at place {place}"
        elif not key.isascii() or not key.isprintable() or " " in key:
            yield f"has a key that no header can carry at place {place}"
        elif key in value[:place]:
            yield f"has the same key twice, again at place {place}"
        elif key in settings.secret_keys:
            yield f"has a key at place {place} that is Django's SECRET_KEY too"


def _is_sequence(value: object) -> bool:
    """A text is a sequence of its characters, which nobody means; a set has no order to name places by."""
    return isinstance(value, list | tuple)
