"""Version numbers that tell every process when its copy of something is old."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from personalization.models import Stamp
from personalization.store.bulk import insert_rows


def bump_stamp(name: str, *, tenant: str) -> None:
    """Say that what the stamp stands for has changed."""
    mine = Stamp.objects.filter(tenant=tenant, name=name)
    with transaction.atomic():
        if mine.update(version=F("version") + 1):
            return
        if not insert_rows(Stamp, ("tenant", "name", "version"), [(tenant, name, 1)], ignore_conflicts=True):
            mine.update(version=F("version") + 1)  # somebody else made the first one meanwhile


def read_stamp(name: str, *, tenant: str) -> int:
    """The version; 0 while nothing has ever changed."""
    return Stamp.objects.filter(tenant=tenant, name=name).values_list("version", flat=True).first() or 0
