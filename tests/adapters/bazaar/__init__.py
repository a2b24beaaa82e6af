"""Tables of shops that are built in unusual ways, for the tests of adapters. No shop, and installed by no host."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone


def stored(moment: datetime) -> datetime:
    """A moment as the host's columns hold it."""
    return moment if settings.USE_TZ else timezone.make_naive(moment)
