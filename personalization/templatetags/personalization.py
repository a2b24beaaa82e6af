"""``{% load personalization %}``"""

from __future__ import annotations

import re
from logging import getLogger
from typing import TYPE_CHECKING, Any, Final

from django import template
from django.template.loader import select_template
from django.utils.safestring import SafeString
from django.utils.text import slugify

from personalization import shortcuts

if TYPE_CHECKING:
    from django.template.context import Context

    from personalization.engine.types import Recommendation

register = template.Library()
logger = getLogger(__name__)

_PATH: Final = re.compile("[/?#]")
_CONTROL: Final = re.compile("[\x00-\x20]")


@register.tag
def personal_slot(parser: template.base.Parser, token: template.base.Token) -> PersonalSlotNode:
    """A block of recommended items.

    ``{% personal_slot "similar" item=product count=4 title="Similar items" %}`` renders it with
    ``personalization/slot_<name>.html`` if the shop has that, else ``personalization/slot.html``;
    ``… as rec %}`` puts the answer into the context instead.
    """
    tag, *words = token.split_contents()
    variable = ""
    if len(words) >= 2 and words[-2] == "as":
        variable = words[-1]
        words = words[:-2]
    if not words:
        raise template.TemplateSyntaxError(f"{tag} needs the name of a slot")
    options = template.base.token_kwargs(words[1:], parser)
    unknown = options.keys() - {"item", "count", "exclude", "title"}
    if unknown or len(options) != len(words) - 1:
        raise template.TemplateSyntaxError(f"{tag} takes a name, item=, count=, exclude=, title= and 'as'")
    return PersonalSlotNode(parser.compile_filter(words[0]), options, variable)


class PersonalSlotNode(template.Node):
    """Never raises while a page is rendered (see `shortcuts.slot`)."""

    def __init__(self, name: template.base.FilterExpression, options: dict[str, Any], variable: str) -> None:
        self.name = name
        self.options = options
        self.variable = variable

    def render(self, context: Context) -> SafeString:
        # What the page does not have counts as not written.
        resolved = {
            word: value.resolve(context, ignore_failures=True) for word, value in self.options.items()
        }
        options = {word: value for word, value in resolved.items() if value is not None and value != ""}
        title = str(options.pop("title", ""))
        request = context.get("request")
        answer = shortcuts.slot(request, str(self.name.resolve(context)), **options)
        if self.variable:
            context[self.variable] = answer
            return SafeString("")
        return _block(answer, title=title, request=request)


def _block(answer: Recommendation, *, title: str, request: Any) -> SafeString:
    """The rendered block. The request's context processors are not run again for it: ours needs none of them, and
    theirs may ask the database."""
    name = slugify(answer.slot.replace(".", "_")).replace("-", "_")
    values = {"rec": answer, "title": title, "heading_id": f"personalization-{name}", "request": request}
    templates = [f"personalization/slot_{name}.html", "personalization/slot.html"]
    try:
        return SafeString(select_template(templates).render(values))
    except Exception:
        logger.exception("slot %s could not be rendered", answer.slot)
        return SafeString("")


@register.filter
def web_address(url: str) -> str:
    """An address that a page may link to, '' for one that would run code. Catalogs are not always ours."""
    scheme, colon, _ = _PATH.split(url, maxsplit=1)[0].partition(":")
    if _CONTROL.search(url) or (colon and scheme.lower() not in {"http", "https"}):
        return ""
    return url
