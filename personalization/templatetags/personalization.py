"""``{% load personalization %}``"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.template.loader import select_template
from django.utils.safestring import SafeString
from django.utils.text import slugify

from personalization import shortcuts

if TYPE_CHECKING:
    from django.template.context import Context

    from personalization.engine.types import Recommendation

register = template.Library()


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
        options = {word: value.resolve(context) for word, value in self.options.items()}
        title = options.pop("title", "")
        name = str(self.name.resolve(context))
        request = context.get("request")
        answer = shortcuts.slot(
            request, name, **{word: value for word, value in options.items() if value != ""}
        )
        if self.variable:
            context[self.variable] = answer
            return SafeString("")
        return _block(answer, title=str(title), request=request)


def _block(answer: Recommendation, *, title: str, request: Any) -> SafeString:
    own = f"personalization/slot_{slugify(answer.slot.replace('.', '_')).replace('-', '_')}.html"
    values = {
        "rec": answer,
        "title": title,
        "heading_id": f"personalization-{slugify(answer.slot.replace('.', '-'))}",
    }
    rendered = select_template([own, "personalization/slot.html"]).render(values, request)
    return SafeString(rendered)
