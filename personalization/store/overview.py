"""What is there, in a few numbers, for whoever looks after the shop."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, connections, router
from django.db.migrations.executor import MigrationExecutor

from personalization.engine.instants import to_micros
from personalization.models import Build, Event, Item
from personalization.store.builds import live_builds


@dataclass(frozen=True, slots=True)
class Overview:
    """``live``: recommenders with a published build; ``built_at``: when the newest of those was published, in UTC
    microseconds."""

    items: bool
    events: bool
    live: tuple[str, ...] = ()
    built_at: int | None = None


def look_over(tenant: str) -> Overview:
    live = live_builds(tenant)
    newest = Build.objects.filter(pk__in=live.values(), published_at__isnull=False).order_by("-published_at")
    built_at = newest.values_list("published_at", flat=True).first()
    return Overview(
        items=Item.objects.filter(tenant=tenant).exists(),
        events=Event.objects.filter(tenant=tenant).exists(),
        live=tuple(sorted(live)),
        built_at=None if built_at is None else to_micros(built_at),
    )


def missing_migrations() -> list[str]:
    """Migrations of ours that were not applied yet."""
    connection = connections[router.db_for_write(Item) or DEFAULT_DB_ALIAS]
    executor = MigrationExecutor(connection)
    ours = [node for node in executor.loader.graph.leaf_nodes() if node[0] == Item._meta.app_label]
    plan = executor.migration_plan(ours)
    return [migration.name for migration, _ in plan if migration.app_label == Item._meta.app_label]
