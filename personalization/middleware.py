"""The headers of pages that hold something personal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.utils.cache import patch_cache_control, patch_vary_headers

from personalization.serving import is_personal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


class PersonalMiddleware:
    """A page that holds an answer for one person is sent as private to that person; other pages stay as they are.

    It stands anywhere below `UpdateCacheMiddleware`, in sync and async projects alike.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        self._in_event_loop = iscoroutinefunction(get_response)
        if self._in_event_loop:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self._in_event_loop:
            return self._answer_later(request)
        return _private(request, self._get_response(request))

    async def _answer_later(self, request: HttpRequest) -> HttpResponseBase:
        return _private(request, await self._get_response(request))


def _private(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if is_personal(request):
        patch_cache_control(response, private=True)
        patch_vary_headers(response, ["Cookie"])
    return response
