from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personalization.admin.read_only import BY_TENANT, ReadOnlyAdmin, asked_tenant, instant
from personalization.admin.run import readable_json
from personalization.admin.tried import tried_table
from personalization.engine.ids import is_key
from personalization.models import Build, LiveBuild, Run
from personalization.store.builds import NotReadyError, serve_build
from personalization.store.runs import request_run

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.http.response import HttpResponse
    from django.utils.safestring import SafeString

#: The kind of a rebuild run, as learning names it; importing learning would load scipy into requests.
REBUILD: Final = "rebuild"

_METRIC: Final = "ndcg@10"
_CREATED = instant("created_at", _("created"))


@admin.register(Build)
class BuildAdmin(ReadOnlyAdmin):
    """What was learned, how good it is, and which of it is served."""

    empty_hint = _("Nothing learned yet. Import events, then press “Rebuild now”.")
    list_display = (
        "__str__",
        "live_now",
        _CREATED,
        "quality",
        "items",
        "visitors",
        "size",
        "state",
    )
    list_filter = ("alias", "state", BY_TENANT)
    ordering = ("-pk",)
    fields = (
        "alias",
        "state",
        "live_now",
        ("items", "visitors", "interactions"),
        ("size", "duration", "peak_rss_mb"),
        "quality",
        "tried",
        "readable_metrics",
        "algorithm",
        "run",
        instant("as_of", _("learned as of")),
        _CREATED,
        instant("published_at", _("published")),
        "tenant",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        live = Exists(LiveBuild.objects.filter(build=OuterRef("pk")))
        queryset: QuerySet[Any] = super().get_queryset(request).annotate(is_live=live)
        return queryset

    @admin.display(description=_("live"), boolean=True, ordering="is_live")
    def live_now(self, build: Any) -> bool:
        return bool(build.is_live)

    @admin.display(description=_("size"), ordering="bytes")
    def size(self, build: Build) -> str:
        return filesizeformat(build.bytes)

    @admin.display(description=_("seconds"), ordering="seconds")
    def duration(self, build: Build) -> str:
        return f"{build.seconds:.1f}"

    @admin.display(description=_("NDCG@10 (popularity)"))
    def quality(self, build: Build) -> str:
        ours, popularity = build.metrics.get(_METRIC), build.metrics.get("popularity", {}).get(_METRIC)
        if ours is None or popularity is None:
            return str(build.metrics.get("skipped") or build.metrics.get("error") or "-")
        return f"{ours:.3f} ({popularity:.3f})"

    @admin.display(description=_("compared by NDCG@20 on the newest days"))
    def tried(self, build: Build) -> str:
        return tried_table(build.metrics)

    @admin.display(description=_("figures"))
    def readable_metrics(self, build: Build) -> SafeString:
        return readable_json(build.metrics)

    @admin.display(description=_("algorithm and options"))
    def algorithm(self, build: Build) -> SafeString:
        return readable_json(build.recommender)

    # What can be done here, beyond reading.

    def get_urls(self) -> list[Any]:
        serve, rebuild = self.admin_site.admin_view(self.serve), self.admin_site.admin_view(self.rebuild)
        return [
            path("rebuild/", rebuild, name="personalization_build_rebuild"),
            path("<path:object_id>/serve/", serve, name="personalization_build_serve"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"may_rebuild": _may_rebuild(request), "tenant": asked_tenant(request)}
        return super().changelist_view(request, context | (extra_context or {}))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        build: Any = self.get_object(request, unquote(object_id))
        context = _choices(build) if build is not None and _may_serve(request) else {}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def serve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask, then make a build the one that is served."""
        build: Any = self.get_object(request, unquote(object_id))
        if not _may_serve(request):
            raise PermissionDenied
        if build is None:
            return HttpResponseRedirect(reverse("admin:personalization_build_changelist"))
        if request.method == "POST":
            return self._serve(request, build)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Make this build live"),
            "opts": self.opts,
            "build": build,
            "live": LiveBuild.objects.filter(tenant=build.tenant, alias=build.alias).first(),
        }
        return TemplateResponse(request, "admin/personalization/build/serve.html", context)

    def _serve(self, request: HttpRequest, build: Build) -> HttpResponse:
        try:
            serve_build(build.pk, now=_now())
        except NotReadyError:
            self.message_user(request, gettext("This build is not ready."), messages.ERROR)
        else:
            self.log_change(request, build, gettext("Made live."))
            message = gettext("Build #%(build)s of “%(alias)s” is live now.")
            self.message_user(request, message % {"build": build.pk, "alias": build.alias}, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:personalization_build_change", args=[build.pk]))

    def rebuild(self, request: HttpRequest) -> HttpResponse:
        """Ask for a rebuild; whoever does such work takes it."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not _may_rebuild(request):
            raise PermissionDenied
        tenant = request.POST.get("tenant", "")[:64]
        requested = request_run(REBUILD, tenant=tenant if is_key(tenant) else "", now=_now())
        run = Run.objects.get(pk=requested.run)
        if requested.created:
            self.log_addition(request, run, gettext("Rebuild requested."))
            message = gettext(
                "Run #%(run)s is requested. A worker takes it, or the command run_due; this list shows its builds."
            )
        else:
            message = gettext("Run #%(run)s is already there: %(state)s.")
        self.message_user(request, message % {"run": run.pk, "state": run.get_state_display()})
        return HttpResponseRedirect(reverse("admin:personalization_build_changelist"))


def _may_serve(request: HttpRequest) -> bool:
    return request.user.has_perm("personalization.change_build")


def _may_rebuild(request: HttpRequest) -> bool:
    return request.user.has_perm("personalization.add_run")


def _choices(build: Any) -> dict[str, Any]:
    """What may be served instead of what is served now."""
    ready = Build.objects.filter(tenant=build.tenant, alias=build.alias, state=Build.State.READY)
    if build.is_live:
        return {"earlier": ready.filter(pk__lt=build.pk).order_by("-pk").first()}
    return {"servable": build.state == Build.State.READY}


def _now() -> int:
    return time.time_ns() // 1000
