"""Addresses that a page may link to."""

import re

_PATH = re.compile("[/?#]")
_CONTROL = re.compile("[\x00-\x20]")


def web_address(url: str) -> str:
    """The address, '' for one that would run code: another scheme than http and https, or control characters."""
    scheme, colon, _ = _PATH.split(url, maxsplit=1)[0].partition(":")
    if _CONTROL.search(url) or (colon and scheme.lower() not in {"http", "https"}):
        return ""
    return url
