"""The judge of COOKIE."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from personalization.checks.meant import unknown_names
from personalization.checks.plain import whole
from personalization.conf import BUILT_IN_COOKIE, settings

#: What browsers take as the name of a cookie (a token of RFC 9110).
_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
#: Attributes end at a semicolon, and a header at the end of the line.
_ATTRIBUTE: Final = re.compile(r"[!-:<-~]+")
_NAMES: Final = ("NAME", "CONSENT_NAME")
SAMESITE: Final = ("Lax", "Strict", "None")
MAX_AGE_DAYS: Final = 400  #: browsers cut what is longer


def cookie(value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"must be a dict of options, not {value!r}"
        return
    yield from unknown_names(value, BUILT_IN_COOKIE, noun="option")
    options = {**BUILT_IN_COOKIE, **value}
    yield from _names(options)
    yield from (f"has an AGE_DAYS that {fault}" for fault in whole(1, MAX_AGE_DAYS)(options["AGE_DAYS"]))
    yield from _place(options)
    yield from _safety(options)


def _names(options: Mapping[str, Any]) -> Iterator[str]:
    taken = {name: f"as {setting}" for setting, name in settings.host_cookies.items()}
    for option in _NAMES:
        name = options[option]
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            yield f"has a {option} that is no name of a cookie: {name!r}"
        elif name in taken:
            yield f"has a {option} that is used {taken[name]} too: {name!r}"
        else:
            taken[name] = f"as {option}"
            yield from _prefix(option, name, options)


def _prefix(option: str, name: str, options: Mapping[str, Any]) -> Iterator[str]:
    """Browsers drop cookies whose names promise more than they keep."""
    if name.startswith(("__Host-", "__Secure-")) and options["SECURE"] is not True:
        yield f"has a {option} {name!r} that browsers accept with SECURE True only"
    if name.startswith("__Host-") and (options["PATH"], options["DOMAIN"]) != ("/", None):
        yield f"has a {option} {name!r} that browsers accept with PATH '/' and no DOMAIN only"


def _place(options: Mapping[str, Any]) -> Iterator[str]:
    path, domain = options["PATH"], options["DOMAIN"]
    if not isinstance(path, str) or not path.startswith("/") or not _ATTRIBUTE.fullmatch(path):
        yield f"needs a PATH that begins with '/', not {path!r}"
    if domain is not None and not (isinstance(domain, str) and _ATTRIBUTE.fullmatch(domain)):
        yield f"needs a DOMAIN of None or a host name, not {domain!r}"


def _safety(options: Mapping[str, Any]) -> Iterator[str]:
    secure, samesite = options["SECURE"], options["SAMESITE"]
    if secure is not None and not isinstance(secure, bool):
        yield f"needs a SECURE of None, True or False, not {secure!r}"
    if samesite not in SAMESITE:
        yield f"needs a SAMESITE out of {', '.join(map(repr, SAMESITE))}, not {samesite!r}"
    elif samesite == "None" and secure is not True:
        yield "has SAMESITE 'None', which browsers accept with SECURE True only"
