"""What several endpoints say of themselves in the OpenAPI description."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter

from personalization.api.problems import MEDIA_TYPE
from personalization.api.serializers import ProblemSerializer

ITEM_IN_PATH: Final = OpenApiParameter(
    "item", str, OpenApiParameter.PATH, description="The shop's own key; it may hold slashes."
)
COUNT: Final = OpenApiParameter(
    "count", int, description="How many items, 1 to 100. Default: the slot's own."
)
EXCLUDE: Final = OpenApiParameter(
    "exclude", str, many=True, description="Keys of items that the page shows already; may be repeated."
)
ITEM: Final = OpenApiParameter(
    "item", str, many=True, description="Keys of the items that the page is about; may be repeated."
)


def problems(*statuses: int) -> dict[Any, Any]:
    """The problem documents that an endpoint may answer with."""
    return {(status, MEDIA_TYPE): ProblemSerializer for status in statuses}
