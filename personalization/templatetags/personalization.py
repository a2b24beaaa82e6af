"""``{% load personalization %}``"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from personalization import shortcuts
from personalization.adapters import get_adapter
from personalization.conf import settings
from personalization.engine.addresses import web_address
from personalization.privacy.consent import AGREED
from personalization.serving.reasons import used_text
from personalization.shortcuts.markup import place_block
from personalization.shortcuts.offer_markup import find_cart_offers, find_my_coupons, render_part
from personalization.shortcuts.onboarding import find_onboarding
from personalization.store.shield import shielded

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from django.template.context import Context

    from personalization.shortcuts import CartOffers

register = template.Library()
#: Catalogs are not always ours.
register.filter("web_address", web_address)
register.filter("data_used", used_text)

_OPTIONS: Final = frozenset({"item", "count", "exclude", "title", "lazy"})


@register.tag
def personal_slot(parser: template.base.Parser, token: template.base.Token) -> PersonalSlotNode:
    """A block of recommended items.

    ``{% personal_slot "similar" item=product count=4 title="Similar items" %}`` renders it with
    ``personalization/slot_<name>.html`` if the shop has that, else ``personalization/slot.html``;
    ``… lazy=True %}`` leaves it to the browser to fetch, so that the page may be cached for everybody;
    ``… as rec %}`` puts the answer into the context instead.
    """
    tag, words, variable = _split(token)
    if not words:
        raise template.TemplateSyntaxError(f"{tag} needs the name of a slot")
    options = template.base.token_kwargs(words[1:], parser)
    if options.keys() - _OPTIONS or len(options) != len(words) - 1:
        raise template.TemplateSyntaxError(f"{tag} takes a name, {', '.join(sorted(_OPTIONS))} and 'as'")
    if variable and "lazy" in options:
        raise template.TemplateSyntaxError(
            f"{tag} is either lazy or 'as' a variable: what is lazy has no answer yet"
        )
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
        name, request = str(self.name.resolve(context)), context.get("request")
        title = str(options.pop("title", ""))
        if not self.variable:
            return place_block(request, name, title=title, **options)
        context[self.variable] = shortcuts.slot(request, name, **options)
        return SafeString("")


@register.tag
def cart_offers(parser: template.base.Parser, token: template.base.Token) -> PartNode:
    """What the shopper's cart gets, what it nearly gets, and why codes give nothing.

    ``{% cart_offers codes=codes %}`` renders ``personalization/cart_offers.html``; ``… as offers %}`` puts the answer
    into the context instead, None when there is none. ``email`` is the address that a guest has given.
    """
    return _part(parser, token, frozenset({"codes", "email"}), find_cart_offers, "cart_offers", "offers")


@register.tag
def my_coupons(parser: template.base.Parser, token: template.base.Token) -> PartNode:
    """The shopper's own coupons, with what is in the way of each: by ``personalization/my_coupons.html``, or ``as`` a
    variable."""
    return _part(parser, token, frozenset(), find_my_coupons, "my_coupons", "coupons")


@register.tag
def personal_onboarding(parser: template.base.Parser, token: template.base.Token) -> PartNode:
    """What a newcomer may choose from: ``{% personal_onboarding count=9 %}`` renders
    ``personalization/onboarding.html``, a form that needs no script; ``… as onboarding %}`` puts it into the context, None
    for who has a history already or may not be known."""
    return _part(parser, token, frozenset({"count"}), find_onboarding, "onboarding", "onboarding")


@register.filter
def share_of(offers: CartOffers | None, line: object) -> Decimal | None:
    """``{{ offers|share_of:line.key }}``: what one line of the cart gets; None when nothing."""
    share = None if offers is None or not hasattr(offers, "shares") else offers.shares.get(str(line))
    return share or None


class PartNode(template.Node):
    """Renders a part of the page, or keeps what it would show. Never raises while a page is rendered."""

    def __init__(
        self, ask: Callable[..., Any], part: str, name: str, options: dict[str, Any], variable: str
    ) -> None:
        self.ask = ask
        self.part = part
        self.name = name
        self.options = options
        self.variable = variable

    def render(self, context: Context) -> SafeString:
        resolved = {
            word: value.resolve(context, ignore_failures=True) for word, value in self.options.items()
        }
        request = context.get("request")
        answer = self.ask(request, **{word: value for word, value in resolved.items() if value})
        if not self.variable:
            return render_part(self.part, request, **{self.name: answer})
        context[self.variable] = answer
        return SafeString("")


@register.simple_tag(takes_context=True)
def personal_script(context: Context) -> SafeString:
    """The scripts that fill lazy slots and tell what was viewed, seen and clicked; once per page, best in its head."""
    return shielded(lambda: _script(context), what="personal_script", otherwise=SafeString(""))


@register.simple_tag
def personal_view(product: Any) -> SafeString:
    """Marks the page of a product: the script tells that it was viewed."""
    return shielded(lambda: _view(product), what="personal_view", otherwise=SafeString(""))


@register.simple_tag(takes_context=True)
def personal_cache_key(context: Context) -> str:
    """``{% personal_cache_key as key %}{% cache 300 recommended key %}…{% endcache %}`` (see `shortcuts.cache_key`)."""
    return shortcuts.cache_key(context.get("request"))


def _part(
    parser: template.base.Parser,
    token: template.base.Token,
    known: frozenset[str],
    ask: Callable[..., Any],
    part: str,
    name: str,
) -> PartNode:
    tag, words, variable = _split(token)
    options = template.base.token_kwargs(words, parser)
    if options.keys() - known or words:
        raise template.TemplateSyntaxError(f"{tag} takes {', '.join([*sorted(known), ''])}and 'as'")
    return PartNode(ask, part, name, options, variable)


def _split(token: template.base.Token) -> tuple[str, list[str], str]:
    """The tag's name, its words, and the variable after ``as``, '' for none."""
    tag, *words = token.split_contents()
    if len(words) >= 2 and words[-2] == "as":
        return tag, words[:-2], words[-1]
    return tag, words, ""


def _script(context: Context) -> SafeString:
    nonce = _nonce(context)
    scripts = {
        "beacon": {"url": reverse("personalization:events"), "agreed": _agreed()},
        "slots": {"url": reverse("personalization:blocks")},
    }
    return format_html_join(
        "\n",
        '<script src="{}" defer{}{}></script>',
        [
            (
                static(f"personalization/{name}.js"),
                format_html_join("", ' data-{}="{}"', data.items()),
                format_html(' nonce="{}"', nonce) if nonce else "",
            )
            for name, data in scripts.items()
        ],
    )


def _agreed() -> str:
    """The cookie without which nothing may be kept in the browser; '' where that needs no consent."""
    return f"{settings.cookie['CONSENT_NAME']}={AGREED}" if settings.CONSENT_REQUIRED else ""


def _nonce(context: Context) -> str:
    """The nonce of django-csp, or of Django's own policy where that exists; it comes to be when it is read."""
    request = context.get("request")
    found = (context.get("csp_nonce"), getattr(request, "csp_nonce", None))
    return next((str(nonce) for nonce in found if nonce is not None), "")


def _view(product: Any) -> SafeString:
    if product is None or product == "":  # what the page does not have counts as not written
        return SafeString("")
    key = escape(get_adapter().key_of(product))  # a text written into a template counts as safe
    return format_html('<data hidden value="{0}" data-personal-view="{0}"></data>', key)
