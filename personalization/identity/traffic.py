"""Who sends a request besides customers: machines, the shop's own people, browsers that only look ahead."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from personalization.adapters import get_adapter
from personalization.conf import settings
from personalization.engine.types import Flag
from personalization.identity.headless import is_server

if TYPE_CHECKING:
    from django.http import HttpRequest

#: Parts of the names of machines, in lower case. The browsers of people hold none of them.
BOTS: Final = (
    # what well-behaved machines call themselves, or leave as an address
    *("bot", "crawl", "spider", "slurp", "scrap", "fetch", "archiv", "monitor", "preview", "validator"),
    "+http",
    # browsers with nobody in front of them
    *("headless", "phantomjs", "puppeteer", "playwright", "selenium", "lighthouse", "prerender"),
    # libraries and tools
    *("curl/", "wget", "python", "urllib", "httpx", "go-http", "java/", "okhttp", "apache-http"),
    *("httpclient", "http_client", "libwww", "lwp::", "axios/", "node.js", "undici", "got (", "guzzle"),
    *("php/", "faraday", "postman", "insomnia", "httpie", "apachebench", "jmeter", "grafana k6", "zgrab"),
    *("masscan", "nmap", "nikto", "sqlmap", "wpscan", "nutch"),
    # names that say none of this
    *("facebookexternalhit", "meta-externalagent", "whatsapp/", "skypeuri", "embedly", "feedburner"),
    *("mediapartners-google", "google-inspectiontool", "google-read-aloud", "googleother", "apis-google"),
    *("pingdom", "uptime", "statuscake", "site24x7", "gtmetrix"),
    *("chatgpt-user", "perplexity-user", "claude-user"),
)
#: A maker of telephones whose name ends like that of a machine.
_NOT_A_BOT: Final = "cubot"
#: The headers in which browsers say that they load a page before anybody asked for it.
_AHEAD: Final = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")
_LONGEST: Final = 1_000


def traffic_flags(request: HttpRequest) -> int:
    """The `Flag`s of what this request does: it is stored, and neither learned from nor served from.

    The shop's server is none of them: it is a program that speaks for its customers.
    """
    if is_server(request):
        return 0
    flags = 0
    if is_bot(request.META.get("HTTP_USER_AGENT", "")):
        flags |= Flag.BOT
    if get_adapter().is_staff(request):
        flags |= Flag.STAFF
    if _is_ahead(request):
        flags |= Flag.PREFETCH
    return int(flags)


def is_bot(agent: str) -> bool:
    """Whether a User-Agent is that of a machine: it says so, or says nothing, or matches one of BOT_PATTERNS."""
    return _matches(agent[:_LONGEST].strip().lower(), tuple(settings.BOT_PATTERNS))


@lru_cache(maxsize=512)
def _matches(agent: str, patterns: tuple[str, ...]) -> bool:
    named = agent.replace(_NOT_A_BOT, "")
    return not agent or any(part in named for part in BOTS) or any(part.lower() in agent for part in patterns)


def _is_ahead(request: HttpRequest) -> bool:
    said = [request.META[name].lower() for name in _AHEAD if name in request.META]
    return any("prefetch" in text or "prerender" in text or "preview" in text for text in said)
