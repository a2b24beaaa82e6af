"""What is served, how good it is, and what is the matter with learning it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.template.defaultfilters import filesizeformat
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from personalization.admin.build import REBUILD
from personalization.admin.overview.attention import Need
from personalization.admin.overview.running import wall
from personalization.engine.instants import to_micros
from personalization.engine.rules.wall_time import DAY
from personalization.models import Build, LiveBuild, Run
from personalization.registry import available, declared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from personalization.admin.overview.ways import Ways

#: Who rebuilds every night has nothing older.
_OLD_DAYS: Final = 2
#: A request that nobody took for so long waits for a worker that is not there.
_UNTAKEN: Final = 3_600_000_000
_METRIC: Final = "ndcg@10"
_MOST: Final = 100
_RUNS: Final = 10


@dataclass(frozen=True, slots=True)
class Learned:
    """``live``: what is served; ``failed``: newer builds of the same that came to nothing; ``runs``: the newest rebuilds,
    newest first; ``builds``: the address of the list, on which a rebuild of this tenant is asked for."""

    live: Sequence[LiveBuild]
    failed: Sequence[Build]
    runs: Sequence[Run]
    builds: str

    @property
    def read(self) -> Mapping[str, int]:
        """How many events the newest rebuild that succeeded has ``read``, and how many of them it has ``kept``."""
        done = [run.report for run in self.runs if run.state == Run.State.SUCCEEDED]
        return done[0].get("report", {}).get("events", {}) if done else {}


@dataclass(frozen=True, slots=True)
class BuildLine:
    """A served build. ``compared``: its quality beside plain popularity's, or why there is none."""

    alias: str
    url: str
    at: str
    seconds: str
    items: int
    quality: str
    popularity: str
    compared: str
    worse: bool
    size: str


def learned(tenant: str, ways: Ways) -> Learned:
    """What whoever looks may see of it, in three statements at most."""
    live: list[LiveBuild] = []
    failed: list[Build] = []
    runs: list[Run] = []
    if ways.may_view("Build"):
        live = list(LiveBuild.objects.filter(tenant=tenant).select_related("build").order_by("alias")[:_MOST])
        failed = _failed_since(tenant, {one.alias: one.build_id for one in live})
    if ways.may_view("Run"):
        runs = list(Run.objects.filter(tenant=tenant, kind=REBUILD).order_by("-pk")[:_RUNS])
    asked = f"?{urlencode({'tenant__exact': tenant})}" if tenant else ""
    return Learned(live, failed, runs, ways.to_list("Build", asked))


def _failed_since(tenant: str, live: Mapping[str, int]) -> list[Build]:
    """The newest build of each served alias that failed after the one that is served."""
    rows = Build.objects.filter(tenant=tenant, state=Build.State.FAILED).order_by("-pk")[:_MOST]
    newest: dict[str, Build] = {}
    for row in rows:
        if row.pk > live.get(row.alias, row.pk):
            newest.setdefault(row.alias, row)
    return [newest[alias] for alias in sorted(newest)]


def build_lines(known: Learned, ways: Ways) -> list[BuildLine]:
    return [_build_line(one.build, ways) for one in known.live]


def _build_line(build: Build, ways: Ways) -> BuildLine:
    ours, popularity = build.metrics.get(_METRIC), build.metrics.get("popularity", {}).get(_METRIC)
    measured = ours is not None and popularity is not None
    return BuildLine(
        alias=build.alias,
        url=ways.to_row("Build", build.pk),
        at=wall(build.published_at),
        seconds=f"{build.seconds:.2f}",
        items=build.items,
        quality=f"{ours:.3f}" if measured else "–",
        popularity=f"{popularity:.3f}" if measured else "–",
        compared=_compared(ours, popularity) if measured else _unmeasured(build.metrics),
        worse=measured and ours < popularity,
        size=filesizeformat(build.bytes),
    )


def _compared(ours: float, popularity: float) -> str:
    if not popularity or ours == popularity:
        return "±0 %" if ours == popularity else ""
    return f"{(ours / popularity - 1) * 100:+.0f} %".replace("-", "−")


def _unmeasured(metrics: dict[str, Any]) -> str:
    return str(metrics.get("skipped") or metrics.get("error") or gettext("not measured"))


def learning_needs(known: Learned, ways: Ways, *, now: int) -> Iterator[Need]:
    yield from _run_needs(known.runs, ways, now)
    if ways.may_view("Build"):
        yield from _served_needs(known, ways, now)


def _run_needs(runs: Sequence[Run], ways: Ways, now: int) -> Iterator[Need]:
    ended = [run for run in runs if run.state in {Run.State.SUCCEEDED, Run.State.FAILED}]
    if ended and ended[0].state == Run.State.FAILED:
        text = gettext("The newest rebuild failed: %(error)s") % {"error": ended[0].error}
        yield Need(text, gettext("Read what went wrong"), ways.to_row("Run", ended[0].pk), urgent=True)
    for run in runs:
        if run.state == Run.State.REQUESTED and now - to_micros(run.requested_at) > _UNTAKEN:
            text = gettext("A rebuild was asked for on %(at)s, and no worker has taken it.")
            todo = gettext("Start a worker, or have cron call the command run_due")
            yield Need(text % {"at": wall(run.requested_at)}, todo, ways.to_row("Run", run.pk), urgent=True)


def _served_needs(known: Learned, ways: Ways, now: int) -> Iterator[Need]:
    published = [to_micros(one.build.published_at) for one in known.live if one.build.published_at]
    if not published:
        text = gettext("Nothing was learned yet: slots show the newest products.")
        yield Need(text, gettext("Press “Rebuild now”"), known.builds)
        return
    days = (now - max(published)) // DAY
    if days >= _OLD_DAYS:
        text = ngettext(
            "What is served was learned %(count)d day ago.",
            "What is served was learned %(count)d days ago.",
            days,
        )
        todo = gettext("Have it rebuilt every night, or press “Rebuild now”")
        yield Need(text % {"count": days}, todo, known.builds, urgent=True)
    yield from _alias_needs(known, ways)


def _alias_needs(known: Learned, ways: Ways) -> Iterator[Need]:
    for build in known.failed:
        text = gettext("The newest build of the recommender “%(alias)s” failed: the one before it is served.")
        url = ways.to_row("Build", build.pk)
        yield Need(text % {"alias": build.alias}, gettext("Read what went wrong"), url, urgent=True)
    served, meant = {one.alias for one in known.live}, declared().keys()
    for alias in sorted(meant - served):
        text = gettext("The recommender “%(alias)s” is declared, but was never learned.")
        yield Need(text % {"alias": alias}, gettext("Press “Rebuild now”"), known.builds)
    for alias in sorted(served - available().keys()):
        text = gettext("The recommender “%(alias)s” is no longer declared: its build only grows old.")
        todo = gettext("Declare it again in the settings, or leave it")
        yield Need(text % {"alias": alias}, todo, ways.to_list("Build", f"?{urlencode({'alias': alias})}"))
