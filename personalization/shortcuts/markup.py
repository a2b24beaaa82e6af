"""A slot as HTML: rendered with the page, or fetched by the browser after it, with the same result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.template.loader import select_template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import get_language, override

from personalization import serving
from personalization.exceptions import InvalidInputError
from personalization.serving import MOST_ITEMS, SlotKind, get_slot
from personalization.shortcuts.asking import find_awaited_slot, slot
from personalization.shortcuts.block import Block, sign_block
from personalization.shortcuts.event_loop import in_event_loop
from personalization.shortcuts.question import item_keys
from personalization.store.shield import shielded

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from personalization.engine.types import Recommendation
    from personalization.serving import Slot


def place_block(
    request: HttpRequest | None, name: str, *, title: str = "", lazy: bool | None = None, **options: Any
) -> SafeString:
    """The block, or the place that the browser fills: of a slot that is lazy, and wherever an event loop runs and the
    view awaited nothing. Never raises (see `slot`)."""
    answer = find_awaited_slot(request, name, options)
    if answer is None:
        if in_event_loop() or (lazy if lazy is not None else _is_lazy(name)):
            return _shown(lambda: _placeholder(request, name, title=title, **options), name)
        answer = slot(request, name, **options)
    return render_answer(answer, title=title, request=request)


def render_answer(answer: Recommendation, *, title: str, request: HttpRequest | None) -> SafeString:
    """The rendered block. The request's context processors are not run again for it: ours needs none of them, and
    theirs may ask the database."""
    values = {"rec": answer, "title": title, "heading_id": f"personalization-{_word(answer.slot)}"}
    template = "campaign" if answer.creative is not None or answer.held_out else "slot"
    return _shown(lambda: _render(template, answer.slot, {**values, "request": request}), answer.slot)


def fill_block(block: Block, request: HttpRequest) -> SafeString:
    """What the tag of this block would have rendered for whoever asks now. Never raises (see `slot`)."""
    with override(block.language or get_language()):
        answer = slot(request, block.slot, item=block.items, count=block.count, exclude=block.exclude)
        return render_answer(answer, title=SafeString(block.title), request=request)


def _placeholder(
    request: HttpRequest | None,
    name: str,
    *,
    title: str,
    item: Any = None,
    count: Any = None,
    exclude: Any = (),
) -> SafeString:
    """A place of the block's size, which is the same for everybody."""
    declared = get_slot(name)
    shown = serving.keys_shown(request) if declared.kind != SlotKind.RECENTLY_VIEWED else ()
    block = Block(
        slot=name,
        items=item_keys(item),
        count=count if isinstance(count, int) else None,
        exclude=tuple(dict.fromkeys([*item_keys(exclude), *sorted(shown)])),
        title=str(conditional_escape(title)),
        language=get_language() or "",
    )
    values = {
        "slot": name,
        "signed": sign_block(block),
        "title": title,
        "places": range(_places(declared, block.count)),
        "request": request,
    }
    return _render("lazy_slot", name, values)


def _places(slot: Slot, count: int | None) -> int:
    """How many cards there will be; a campaign is one."""
    return 1 if slot.kind == SlotKind.CAMPAIGN else min(count or slot.count, MOST_ITEMS)


def _render(template: str, name: str, values: dict[str, Any]) -> SafeString:
    names = [f"personalization/{template}_{_word(name)}.html", f"personalization/{template}.html"]
    return SafeString(select_template(names).render(values))


def _shown(render: Callable[[], SafeString], name: str) -> SafeString:
    return shielded(render, what=f"rendering slot {name}", otherwise=SafeString(""))


def _is_lazy(name: str) -> bool:
    try:
        return get_slot(name).lazy
    except InvalidInputError:
        return False


def _word(name: str) -> str:
    return slugify(name.replace(".", "_")).replace("-", "_")
