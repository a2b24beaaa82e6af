"""What lazy slots show to whoever looks at the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.response import Response

from personalization.api.base import ApiView
from personalization.api.documentation import documented, problems
from personalization.api.serializers import BlocksSerializer
from personalization.exceptions import InvalidInputError
from personalization.shortcuts.block import read_block
from personalization.shortcuts.markup import fill_block

if TYPE_CHECKING:
    from rest_framework.request import Request

MOST: Final = 10
_BLOCK: Final = OpenApiParameter(
    "b", str, many=True, required=True, description="`data-personal-lazy` of the block; at most 10 times."
)


class BlocksView(ApiView):
    """Blocks of one request are blocks of one page: they share their reads and repeat no item."""

    read_scope = "slots"

    @documented(
        operation_id="blocks",
        parameters=[_BLOCK],
        responses={200: BlocksSerializer, **problems(400, 406, 429)},
    )
    def get(self, request: Request) -> Response:
        """The blocks of a page as HTML, in the order they were asked for; '' for one that shows nothing."""
        signed = request.query_params.getlist("b")
        if not 1 <= len(signed) <= MOST:
            message = _("Between 1 and %(limit)d blocks are expected here.") % {"limit": MOST}
            raise InvalidInputError("b", message, code="invalid")
        blocks = [read_block(text) for text in signed]
        return Response({"blocks": [fill_block(block, request._request) for block in blocks]})
