"""The OpenAPI description of our own endpoints, wherever the host has put them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.utils.translation import override
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from personalization.api.base import ApiView

if TYPE_CHECKING:
    from rest_framework.request import Request


@extend_schema(exclude=True)
class SchemaView(ApiView):
    authentication_classes = []

    def get(self, request: Request) -> Response:
        """This description."""
        return Response(describe(request.path.removesuffix("/v1/schema/") or "/"))


@lru_cache(maxsize=8)
def describe(prefix: str) -> dict[str, Any]:
    """The description with the address under which the host serves us."""
    with override("en"):
        generator: Any = SchemaGenerator(urlconf="personalization.urls")  # type: ignore[no-untyped-call]
        described = generator.get_schema(public=True)
    described["info"] = {"title": "Personalization", "version": "1"}
    return {**described, "servers": [{"url": prefix}]}
