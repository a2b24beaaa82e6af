"""The one place that reads Django's settings: ``PERSONALIZATION``, one dict, every key with a default."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.conf import settings as django_settings

#: Every key with its default. What each one means stands in docs/reference/settings.md.
DEFAULTS: Final[Mapping[str, Any]] = {
    "ADAPTER": "",
    "PRODUCT_MODEL": "",
    "RECOMMENDERS": {},
    "SLOTS": {},
    "EVENT_WEIGHTS": {},
    "HALF_LIFE_DAYS": None,
    "RATING_SCALE": (1, 5),
    "HISTORY_LIMIT": 100,
    "MEMORY_BUDGET_MB": 512,
    "BUILDS_KEPT": 3,
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
    "slots": "1200/min",
    "ratings": "60/min",
    "privacy": "20/min",
}

#: How much one event of a kind counts in learning; kinds that are absent are not trained on.
BUILT_IN_EVENT_WEIGHTS: Final[Mapping[str, float]] = {
    "view": 1.0,
    "click": 1.0,
    "cart_add": 3.0,
    "wish": 3.0,
    "purchase": 5.0,
}


class Settings:
    """Attribute access to ``PERSONALIZATION``; reads Django's settings each time, so overriding works."""

    def __getattr__(self, name: str) -> Any:
        if name not in DEFAULTS:
            raise AttributeError(f"PERSONALIZATION has no setting {name!r}")
        return self.configured().get(name, DEFAULTS[name])

    @property
    def written(self) -> Any:
        """PERSONALIZATION as it stands in the host's settings, of whatever type; the system checks judge it."""
        return getattr(django_settings, "PERSONALIZATION", {})

    def configured(self) -> Mapping[str, Any]:
        """What the host wrote, before defaults."""
        return self.written if isinstance(self.written, Mapping) else {}

    @property
    def slots(self) -> dict[str, dict[str, Any]]:
        """Slot name → options, the host's over the built-in ones."""
        merged = {name: dict(options) for name, options in BUILT_IN_SLOTS.items()}
        for name, options in self.SLOTS.items():
            merged[name] = {**merged.get(name, {}), **options}
        return merged

    @property
    def event_weights(self) -> dict[str, float]:
        """Kind name → weight, the host's over the built-in ones."""
        return {**BUILT_IN_EVENT_WEIGHTS, **self.EVENT_WEIGHTS}

    @property
    def cookie(self) -> dict[str, Any]:
        """Options of our cookies, the host's over the built-in ones."""
        return {**BUILT_IN_COOKIE, **self.COOKIE}

    @property
    def throttles(self) -> dict[str, str | None]:
        """Scope → rate such as ``"600/min"``, the host's over the built-in ones."""
        return {**BUILT_IN_THROTTLES, **self.THROTTLES}

    @property
    def map_dir(self) -> Path:
        """Where workers keep local copies of published builds."""
        return Path(self.MAP_DIR or Path(tempfile.gettempdir()) / "personalization-builds")

    @property
    def secret_keys(self) -> list[str]:
        """The signing key, then those that are still accepted."""
        return [django_settings.SECRET_KEY, *django_settings.SECRET_KEY_FALLBACKS]

    @property
    def time_zone(self) -> str:
        """The zone in which instants without an offset are read."""
        return django_settings.TIME_ZONE or "UTC"


settings = Settings()
