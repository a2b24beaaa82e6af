"""The one place that reads Django's settings: ``PERSONALIZATION``, one dict, every key with a default."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from django.conf import settings as django_settings
from django.core.signals import setting_changed

#: Every key with its default. What each one means stands in docs/reference/settings.md.
DEFAULTS: Final[Mapping[str, Any]] = {
    "ADAPTER": "",
    "PRODUCT_MODEL": "",
    "RECOMMENDERS": {},
    "SLOTS": {},
    "NEW_ITEMS": "content",
    "RULE_KINDS": (),
    "EVENT_WEIGHTS": {},
    "HALF_LIFE_DAYS": None,
    "MOST_PER_VISITOR": 1_000,
    "RATING_SCALE": (1, 5),
    "HISTORY_LIMIT": 100,
    "MEMORY_BUDGET_MB": 512,
    "BUILDS_KEPT": 3,
    "VISITOR_ITEMS": 100,
    "VISITOR_DAYS": 365,
    "LEASE_SECONDS": 60,
    "MAP_BUILDS": True,
    "MAP_DIR": "",
    "HOLDOUT_SHARE": 0.0,
    "CONSENT_REQUIRED": False,
    "HONOR_GPC": True,
    "COOKIE": {},
    "RETENTION_DAYS": 395,
    "THROTTLES": {},
    "CACHE": "default",
    "BOT_PATTERNS": (),
    "TRUSTED_PROXIES": (),
    "SERVER_KEYS": (),
}

#: The slots that always exist. A host's SLOTS may change them or add its own.
BUILT_IN_SLOTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "for_you": {"KIND": "for_you", "RECOMMENDER": "auto", "COUNT": 10},
    "similar": {"KIND": "similar", "RECOMMENDER": "item-cosine", "COUNT": 10},
    "recently_viewed": {"KIND": "recently_viewed", "COUNT": 10},
    "popular": {"KIND": "popular", "RECOMMENDER": "popularity-recent", "COUNT": 10},
    "buy_again": {"KIND": "buy_again", "RECOMMENDER": "repeat-purchase", "COUNT": 10},
}

#: Our two cookies: who the browser is, and what it chose. ``SECURE`` None: as the request is.
BUILT_IN_COOKIE: Final[Mapping[str, Any]] = {
    "NAME": "personalization",
    "CONSENT_NAME": "personalization_consent",
    "AGE_DAYS": 395,
    "DOMAIN": None,
    "PATH": "/",
    "SECURE": None,
    "SAMESITE": "Lax",
}

#: Requests of one address per window, by scope. None: no limit.
BUILT_IN_THROTTLES: Final[Mapping[str, str | None]] = {
    "events": "600/min",
    "slots": None,
    "advice": "60/min",
    "ratings": "60/min",
    "privacy": "20/min",
    "offers": "20/min",
}

#: The shortest server key that is accepted.
KEY_LENGTH: Final = 32

_HOST_COOKIES: Final = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "LANGUAGE_COOKIE_NAME")

#: How much one event of a kind counts in learning; kinds that are absent are not trained on.
BUILT_IN_EVENT_WEIGHTS: Final[Mapping[str, float]] = {
    "view": 1.0,
    "click": 1.0,
    "cart_add": 3.0,
    "wish": 3.0,
    "rate": 3.0,
    "purchase": 5.0,
}


class Settings:
    """Attribute access to ``PERSONALIZATION``. What is asked several times a request is kept until tests override it."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self._configured.get(name, DEFAULTS[name])
        except KeyError:
            raise AttributeError(f"PERSONALIZATION has no setting {name!r}") from None

    @property
    def written(self) -> Any:
        """PERSONALIZATION as it stands in the host's settings, of whatever type; the system checks judge it."""
        return getattr(django_settings, "PERSONALIZATION", {})

    def configured(self) -> Mapping[str, Any]:
        """What the host wrote, before defaults."""
        return self._configured

    @cached_property
    def _configured(self) -> Mapping[str, Any]:
        return _mapping(getattr(django_settings, "PERSONALIZATION", {}))

    @property
    def recommenders(self) -> Mapping[str, Any]:
        """Alias → declaration, the host's alone."""
        return _mapping(self.RECOMMENDERS)

    @property
    def slots(self) -> dict[str, dict[str, Any]]:
        """Slot name → options, the host's over the built-in ones."""
        merged = {name: dict(options) for name, options in BUILT_IN_SLOTS.items()}
        for name, options in _mapping(self.SLOTS).items():
            merged[name] = {**merged.get(name, {}), **_mapping(options)}
        return merged

    @cached_property
    def event_weights(self) -> dict[str, float]:
        """Kind name → weight, the host's over the built-in ones."""
        return {**BUILT_IN_EVENT_WEIGHTS, **_mapping(self.EVENT_WEIGHTS)}

    @cached_property
    def cookie(self) -> dict[str, Any]:
        """Options of our cookies, the host's over the built-in ones."""
        return {**BUILT_IN_COOKIE, **_mapping(self.COOKIE)}

    @cached_property
    def throttles(self) -> dict[str, str | None]:
        """Scope → rate such as ``"600/min"``, the host's over the built-in ones."""
        return {**BUILT_IN_THROTTLES, **_mapping(self.THROTTLES)}

    @property
    def server_keys(self) -> tuple[str, ...]:
        """Those of SERVER_KEYS that can be keys at all: a short text, or each letter of one, must open no door."""
        keys = self.SERVER_KEYS if isinstance(self.SERVER_KEYS, list | tuple) else ()
        return tuple([key for key in keys if isinstance(key, str) and len(key) >= KEY_LENGTH])

    @property
    def map_dir(self) -> Path:
        """Where workers keep local copies of published builds."""
        return Path(self.MAP_DIR or Path(tempfile.gettempdir()) / "personalization-builds")

    @property
    def secret_keys(self) -> list[str]:
        """The signing key, then those that are still accepted."""
        return [django_settings.SECRET_KEY, *django_settings.SECRET_KEY_FALLBACKS]

    @property
    def host_cookies(self) -> dict[str, str]:
        """The names of Django's own cookies, by the setting that gives them."""
        return {name: getattr(django_settings, name) for name in _HOST_COOKIES}

    @property
    def middleware(self) -> list[str]:
        """The host's middleware, outermost first."""
        return list(django_settings.MIDDLEWARE)

    @property
    def has_urls(self) -> bool:
        """Whether the host has addresses at all."""
        return bool(getattr(django_settings, "ROOT_URLCONF", ""))

    @property
    def debug(self) -> bool:
        """Whether this is somebody's own machine."""
        return bool(django_settings.DEBUG)

    @property
    def use_tz(self) -> bool:
        """Whether the host's moments are aware."""
        return bool(django_settings.USE_TZ)

    @property
    def time_zone(self) -> str:
        """The zone in which instants without an offset are read."""
        return django_settings.TIME_ZONE or "UTC"


def _mapping(written: Any) -> Mapping[str, Any]:
    """What a host wrote, nothing when it is no dict: the system checks say so, and pages go on."""
    return (
        written if type(written) is dict or isinstance(written, Mapping) else {}
    )  # asked often, seldom no dict


settings = Settings()


def _forget(*, setting: str, **kwargs: object) -> None:
    if setting == "PERSONALIZATION":
        vars(settings).clear()


setting_changed.connect(_forget, dispatch_uid="personalization.conf")
