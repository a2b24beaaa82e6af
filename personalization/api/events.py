"""What happens in the shop, told by its pages or by its server. The only address that takes a write without a CSRF
token: pages that are cached for everybody have none. The request must come from a page of this shop instead."""

from __future__ import annotations

import json
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.db import connections, transaction
from django.http import HttpResponse
from rest_framework.exceptions import ErrorDetail, ValidationError

from personalization.adapters import get_adapter
from personalization.api.base import PERSONAL_HEADERS, ApiView, current_micros, personal
from personalization.api.documentation import documented, problems
from personalization.api.events_body import read_events
from personalization.api.problems import plain_problem
from personalization.api.same_origin import require_own_page
from personalization.api.serializers import EventsSerializer, VerdictsSerializer
from personalization.api.shown import read_shown
from personalization.api.throttle import require_rate
from personalization.capture.beacon import (
    DUPLICATE,
    REJECTED,
    STORED,
    Verdict,
    drop_told,
    read_rows,
    record_told,
)
from personalization.capture.beacon_row import Told
from personalization.capture.beacon_writer import Teller
from personalization.identity.cookie import has_foreign_cookie, write_cookie
from personalization.identity.headless import is_server
from personalization.identity.newcomer import find_teller, is_browser, newcomers, own_browser
from personalization.identity.traffic import traffic_flags

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request

    from personalization.engine.types import Identity

HEADERS: Final = {"Content-Type": "application/json", **PERSONAL_HEADERS}


class EventsView(ApiView):
    """A POST is answered without DRF's wrapping, which would cost more than storing an event."""

    write_scope = "events"

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Outside of ATOMIC_REQUESTS, on every database: what is acknowledged is committed."""
        view = super().as_view(**initkwargs)
        for alias in connections:
            view = transaction.non_atomic_requests(using=alias)(view)
        return view

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return super().dispatch(request, *args, **kwargs)
        try:
            require_rate(request, self.write_scope)
            require_own_page(request)
            return receive(request)
        except Exception as error:  # noqa: BLE001 - what has no answer is raised again
            return personal(plain_problem(error))

    @documented(
        operation_id="tell_events",
        request=EventsSerializer,
        responses={202: VerdictsSerializer, **problems(400, 403, 413, 415, 429, 503)},
    )
    def post(self, request: Request) -> HttpResponse:
        """Tell what somebody did, up to 500 events at once, each with an id of its own.

        Every event gets a verdict, and 202 means that what is called stored is stored. Telling an event again changes
        nothing. Needs no CSRF token, but a page of this shop, or a server's key, which may also tell sales.
        """
        return receive(request._request)


def receive(request: HttpRequest) -> HttpResponse:
    """Store a batch and say what became of each event."""
    now = current_micros()
    rows = read_rows(read_events(request), server=is_server(request), now=now)
    told = [row for row in rows if isinstance(row, Told)]
    if not told:
        raise _all_rejected(rows)
    identity, known = find_teller(request)
    if not known:
        return _answer(request, drop_told(rows, "no_consent").verdicts)
    teller = make_teller(request, identity, told, now)
    shown = read_shown([row.token for row in told if row.token], tenant=teller.tenant, now=now)
    done = record_told(rows, shown, teller)
    if all(verdict.verdict == REJECTED for verdict in done.verdicts):
        raise _all_rejected(done.verdicts)
    response = _answer(request, done.verdicts)
    if done.identity is not None and done.identity != identity:
        write_cookie(response, request, done.identity.key)
    return response


def make_teller(request: HttpRequest, identity: Identity | None, told: Sequence[Told], now: int) -> Teller:
    """Under whom, and how, what a request tells is stored."""
    adapter = get_adapter()
    browser = is_browser(request, identity)
    return Teller(
        identity,
        now,
        successors=partial(newcomers, request, [row.id for row in told]) if browser else tuple,
        tenant=adapter.tenant(request),
        store=adapter.store(request),
        flags=traffic_flags(request),
        browser=own_browser(request, identity),
    )


def _all_rejected(rows: Sequence[Told | Verdict]) -> ValidationError:
    errors = {
        f"events.{place}.{row.field}".rstrip("."): [ErrorDetail(row.message, code=row.code)]
        for place, row in enumerate(rows)
        if isinstance(row, Verdict)
    }
    return ValidationError(errors)


def _answer(request: HttpRequest, verdicts: Sequence[Verdict]) -> HttpResponse:
    """Every event is counted once: received = stored + duplicates + rejected + dropped."""
    counts = Counter([verdict.verdict for verdict in verdicts])
    corrected = {
        "clock": sum([verdict.clock for verdict in verdicts]),
        "cookie": int(has_foreign_cookie(request)),
    }
    document = {
        "stored": counts[STORED],
        "duplicates": counts[DUPLICATE],
        "rejected": counts[REJECTED],
        "dropped": Counter([verdict.reason for verdict in verdicts if verdict.reason]),
        "corrected": {what: count for what, count in corrected.items() if count},
    }
    told = ", ".join([_text(verdict) for verdict in verdicts])
    body = f'{json.dumps(document)[:-1]}, "verdicts": [{told}]}}'
    return HttpResponse(body, status=202, headers=HEADERS)


def _text(verdict: Verdict) -> str:
    """A verdict as JSON. An id that was accepted has nothing to escape, and most verdicts say no more."""
    if verdict.verdict == STORED and not verdict.clock and not verdict.ignored:
        return f'{{"id": "{verdict.id}", "verdict": "stored"}}'
    return json.dumps(_document(verdict))


def _document(verdict: Verdict) -> dict[str, Any]:
    """What is not to be said is left out."""
    document: dict[str, Any] = {"id": verdict.id, "verdict": verdict.verdict}
    if verdict.verdict == REJECTED:
        document |= {"field": verdict.field, "code": verdict.code, "message": verdict.message}
    if verdict.reason:
        document["reason"] = verdict.reason
    if verdict.clock:
        document["clock"] = True
    if verdict.ignored:
        document["ignored"] = verdict.ignored
    return document
