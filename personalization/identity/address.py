"""From which address a request comes, when proxies stand in between."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Final

from personalization.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest

    Address = IPv4Address | IPv6Address
    Network = IPv4Network | IPv6Network

#: More than any chain of proxies has; what a stranger prepends is not read.
_MOST_HOPS: Final = 20
#: Bits of an IPv6 address that say whose line it is.
_IPV6_PREFIX: Final = 64


def client_address(request: HttpRequest) -> str:
    """The address of the client, as text; '' behind a local socket that says nothing.

    X-Forwarded-For is believed only as far as TRUSTED_PROXIES wrote it: read from the right, the first address that
    is none of theirs is the client's. Whatever stands left of it the client may have made up.
    """
    nearest = str(request.META.get("REMOTE_ADDR") or "")
    proxies = settings.TRUSTED_PROXIES
    trusted = _networks(tuple(map(str, proxies))) if proxies else ()
    if not trusted or not _is_trusted(nearest, trusted):
        return nearest
    hops = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rsplit(",", _MOST_HOPS)[-_MOST_HOPS:]
    for hop in reversed(hops):
        address = _parsed(hop)
        if address is None:
            return nearest
        if not _belongs(address, trusted):
            return str(address)
    return nearest


def network_of(address: str) -> str:
    """What one caller holds of addresses: one of IPv4, but 2⁶⁴ of IPv6, which would be as many callers."""
    parsed = _parsed(address)
    if not isinstance(parsed, IPv6Address):
        return address
    return str(ip_network((parsed, _IPV6_PREFIX), strict=False))


def is_hidden(request: HttpRequest) -> bool:
    """Whether a proxy that TRUSTED_PROXIES does not name stands in between: everybody seems to have its address."""
    if settings.TRUSTED_PROXIES or "HTTP_X_FORWARDED_FOR" not in request.META:
        return False
    address = _parsed(str(request.META.get("REMOTE_ADDR") or "127.0.0.1"))
    return address is not None and address.is_private


def _is_trusted(nearest: str, trusted: tuple[Network, ...]) -> bool:
    """A local socket has no address: only a proxy of the same machine can speak through it."""
    if not nearest:
        return True
    address = _parsed(nearest)
    return address is not None and _belongs(address, trusted)


def _belongs(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)


def _parsed(text: str) -> Address | None:
    """The address in ``1.2.3.4``, ``1.2.3.4:5678``, ``::1`` or ``[::1]:5678``."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


@lru_cache(maxsize=8)
def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """TRUSTED_PROXIES; what is neither an address nor a network is left out (a system check names it)."""
    found = []
    for text in texts:
        try:
            found.append(ip_network(text.strip(), strict=False))
        except ValueError:
            continue
    return tuple(found)
