"""What several endpoints say of themselves in the OpenAPI description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, extend_schema

from personalization.api.problems import MEDIA_TYPE
from personalization.api.serializers import ProblemSerializer

if TYPE_CHECKING:
    from collections.abc import Callable

    Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

ITEM_IN_PATH: Final = OpenApiParameter(
    "item", str, OpenApiParameter.PATH, description="The shop's own key; it may hold slashes."
)
COUNT: Final = OpenApiParameter(
    "count", int, description="How many items, 1 to 100. Default: the slot's own."
)
EXCLUDE: Final = OpenApiParameter(
    "exclude", str, many=True, description="Keys of items that the page shows already; may be repeated."
)
IDEMPOTENCY_KEY: Final = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The caller's own, new for every cart that is to be ordered.",
)
ITEM: Final = OpenApiParameter(
    "item", str, many=True, description="Keys of the items that the page is about; may be repeated."
)


def problems(*statuses: int) -> dict[Any, Any]:
    """The problem documents that an endpoint may answer with."""
    return {(status, MEDIA_TYPE): ProblemSerializer for status in statuses}


def documented(**options: Any) -> Callable[[Endpoint], Endpoint]:
    """`extend_schema` for a method of a view, in hosts too whose DEFAULT_SCHEMA_CLASS knows nothing of it."""

    def decorate(endpoint: Endpoint) -> Endpoint:
        endpoint.kwargs = {"schema": AutoSchema}  # type: ignore[attr-defined]  # where extend_schema looks
        return extend_schema(**options)(endpoint)

    return decorate
