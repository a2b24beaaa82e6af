"""Version numbers that tell every process when its copy of something is old."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from personalization.models import Stamp
from personalization.store.bulk import insert_rows


def bump_stamp(name: str, *, tenant: str, at: int = 1) -> None:
    """Say that what the stamp stands for has changed.

    ``at``: the version is not less. With the instant (UTC microseconds), one that was rolled back is not given again to
    something else, which whoever read it meanwhile would take for what they hold.
    """
    mine = Stamp.objects.filter(tenant=tenant, name=name)
    next_version = Greatest(F("version") + 1, Value(at))
    with transaction.atomic():
        if mine.update(version=next_version):
            return
        if not insert_rows(Stamp, ("tenant", "name", "version"), [(tenant, name, at)], ignore_conflicts=True):
            mine.update(version=next_version)  # somebody else made the first one meanwhile


def read_stamp(name: str, *, tenant: str) -> int:
    """The version; 0 while nothing has ever changed."""
    return Stamp.objects.filter(tenant=tenant, name=name).values_list("version", flat=True).first() or 0
