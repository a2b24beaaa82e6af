"""Product pictures without a single photograph: one flat drawing per shape, colored by article number.

A drawing is SVG on a field of 200 by 150; ``$a`` is the article's color, ``$d`` its dark and ``$l`` its light shade.
"""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING
from zlib import crc32

from django.utils.translation import gettext_noop as _

if TYPE_CHECKING:
    from shop_demo.models import Product

#: The colors in which things are made: hue, saturation and lightness of each.
COLORS = {
    _("pine green"): (155, 42, 30),
    _("lake blue"): (208, 58, 40),
    _("rust red"): (12, 62, 42),
    _("mustard"): (42, 72, 46),
    _("slate gray"): (215, 10, 42),
    _("plum"): (312, 30, 36),
    _("sand"): (36, 32, 60),
    _("charcoal"): (220, 8, 24),
}

SHAPES = {
    "axe": '<path fill="$d" d="M94 40h9l6 88h-9z"/><path fill="$a" d="M62 46c20-14 50-14 78-2l-4 10c-22-8-46-8-66 4z"/>',
    "battery": '<rect fill="$a" x="66" y="32" width="68" height="94" rx="10"/><rect fill="$d" x="86" y="24" width="28" height="8"/>'
    '<path fill="$l" d="M106 44 84 84h14l-6 30 24-42h-14z"/>',
    "bikebag": '<rect fill="$a" x="44" y="52" width="112" height="48" rx="24"/><path fill="$d" d="M74 48h10v56H74zm42 0h10v56h-10z"/>'
    '<circle fill="$l" cx="56" cy="76" r="7"/><circle fill="$l" cx="144" cy="76" r="7"/>',
    "board": '<path fill="$a" d="M100 16c26 22 26 98 0 118-26-20-26-96 0-118z"/><path fill="$l" d="M98 26h4v98h-4z"/>'
    '<path fill="$d" d="M88 60h24v30H88z"/>',
    "boot": '<path fill="$a" d="M72 30h36v44c10 10 40 8 44 30v8H72z"/><path fill="$d" d="M68 112h88v12H68z"/>'
    '<path fill="$l" d="M84 46h24v6H84zm0 14h24v6H84zm4 14h24v6H88z"/>',
    "bottle": '<rect fill="$a" x="78" y="48" width="44" height="80" rx="12"/><path fill="$d" d="M88 26h24v22H88z"/>'
    '<path fill="$l" d="M78 72h44v10H78z"/>',
    "canister": '<path fill="$a" d="M64 66c0-20 72-20 72 0v52c0 12-72 12-72 0z"/><path fill="$d" d="M90 36h20v18H90z"/>'
    '<path fill="$l" d="M64 78h72v22H64z"/>',
    "carabiner": '<path fill="none" stroke="$a" stroke-width="12" d="M84 28c30-10 44 6 40 30l-10 54c-6 20-36 18-36-6l-4-54c0-10 2-20 10-24z"/>'
    '<path stroke="$d" stroke-width="9" stroke-linecap="round" d="m124 58-10 50"/>',
    "chair": '<path fill="$a" d="m62 30 60 8-6 46H66z"/><path fill="$d" d="M58 80h76v10H58z"/>'
    '<path stroke="$d" stroke-width="7" d="m66 88 54 40m4-40-56 40"/><path fill="$l" d="M128 62h22v7h-22z"/>',
    "chalk": '<path fill="$a" d="M70 48h60l-6 78c-14 6-34 6-48 0z"/><ellipse fill="$l" cx="100" cy="48" rx="34" ry="12"/>'
    '<path fill="$d" d="M70 66h60v8H70z"/>',
    "climbshoe": '<path fill="$a" d="M58 52c14-8 26-6 34 6 14 20 36 26 58 44 4 8 0 14-8 16H74C60 110 54 74 58 52z"/>'
    '<path fill="$d" d="M70 108c30 6 54-4 82 0 0 10-4 14-10 16H76c-4-4-6-8-6-16z"/><path fill="$l" d="M66 66h24v6H68zm4 16h30v6H72z"/>',
    "compass": '<circle fill="$a" cx="100" cy="76" r="52"/><circle fill="$l" cx="100" cy="76" r="40"/>'
    '<path fill="$d" d="m100 42 11 34-11 34-11-34z"/><path fill="$a" d="m100 42 11 34H89z"/>',
    "coolbox": '<path fill="$a" d="M46 62h108l-8 62H54z"/><path fill="$l" d="M42 46h116v18H42z"/>'
    '<path fill="none" stroke="$d" stroke-width="7" d="M64 46V30h72v16"/><path fill="$d" d="M92 60h16v14H92z"/>',
    "drybag": '<path fill="$a" d="M68 50h64l4 74c-20 8-52 8-72 0z"/><path fill="$d" d="M64 32h72v18H64z"/><path fill="$l" d="M72 74h56v16H72z"/>',
    "firstaid": '<rect fill="$a" x="48" y="46" width="104" height="76" rx="10"/><path fill="$l" d="M92 60h16v16h16v16h-16v16H92V92H76V76h16z"/>'
    '<path fill="none" stroke="$d" stroke-width="8" d="M82 46V32h36v14"/>',
    "glove": '<path fill="$a" d="M72 126V74l-16-18c-4-10 8-14 14-8l10 10V34c0-8 12-8 12 0v26-34c0-8 12-8 12 0v34-30c0-8 12-8 12 0v34-20c0-8 12-8 12 0v82z"/>'
    '<path fill="$d" d="M68 112h64v16H68z"/>',
    "harness": '<path fill="$a" d="M46 36c36 12 72 12 108 0v16c-36 12-72 12-108 0z"/><path fill="$d" d="M84 42h32v14H84z"/>'
    '<g fill="none" stroke-width="11"><path stroke="$a" d="M96 60C60 62 46 84 52 104c6 18 34 16 42-2 4-12 4-28 2-42z"/><path stroke="$a" d="M104 60c36 2 50 24 44 44-6 18-34 16-42-2-4-12-4-28-2-42z"/></g>'
    '<path fill="none" stroke="$l" stroke-width="6" d="M100 50v26"/><path fill="none" stroke="$d" stroke-width="4" d="M56 52c2 12 12 12 14 4m74-4c-2 12-12 12-14 4"/>',
    "helmet": '<path fill="$a" d="M44 96c0-72 112-72 112 0z"/><path fill="$d" d="M40 96h122v10H40z"/><path fill="$l" d="M86 54h28l-4 12H90zm-22 12 14-8 4 14-18 6zm72 0-14-8-4 14 18 6z"/>',
    "jacket": '<path fill="$a" d="m74 34 26 10 26-10 34 26-10 52h-18V80v48H68V80v32H50L40 60z"/><path fill="$d" d="M98 44h5v84h-5z"/>'
    '<path fill="$l" d="m74 34 26 10 26-10-10-10H84z"/>',
    "kayak": '<path fill="$a" d="M16 84c50 38 118 38 168 0-50-12-118-12-168 0z"/><ellipse fill="$d" cx="100" cy="84" rx="28" ry="7"/>'
    '<path stroke="$l" stroke-width="5" stroke-linecap="round" d="m58 44 92 62"/><path fill="$l" d="m46 34 20 6-2 14-16-6zm96 66 18 4-2 14-16-8z"/>',
    "lamp": '<path fill="$d" d="M36 68h128v18H36z"/><rect fill="$a" x="66" y="50" width="68" height="54" rx="14"/><circle fill="$l" cx="100" cy="77" r="18"/>',
    "map": '<path fill="$l" d="m44 44 36-12v84l-36 12zm76 0 36-12v84l-36 12z"/><path fill="$a" d="m80 32 40 12v84l-40-12z"/>'
    '<path fill="none" stroke="$d" stroke-width="4" stroke-dasharray="8 6" d="M54 104c20-40 60 6 92-54"/>',
    "mat": '<path fill="$a" d="M38 64h92v54H38z"/><circle fill="$d" cx="130" cy="91" r="27"/><circle fill="$l" cx="130" cy="91" r="16"/><circle fill="$d" cx="130" cy="91" r="7"/>'
    '<path fill="$l" d="M52 64h10v54H52zm36 0h10v54H88z"/>',
    "mug": '<path fill="$a" d="M60 40h66v72c0 10-66 10-66 0z"/><path fill="none" stroke="$d" stroke-width="9" d="M126 58c28-4 28 40 0 36"/><path fill="$l" d="M60 40h66v10H60z"/>',
    "pack": '<path fill="$a" d="M62 52c0-36 76-36 76 0v66c0 14-76 14-76 0z"/><path fill="$d" d="M72 84h56v32H72z"/><path fill="$l" d="M62 58h76v9H62z"/>'
    '<path fill="none" stroke="$d" stroke-width="6" d="M88 26c0-14 24-14 24 0"/>',
    "paddle": '<path stroke="$d" stroke-width="6" d="m56 118 90-88"/><path fill="$a" d="M40 134c-10-12 4-34 20-34 8 14-4 32-20 34zm122-120c10 12-4 34-20 34-8-14 4-32 20-34z"/>',
    "peg": '<path fill="$a" d="M66 34h14v84l-7 14-7-14z"/><path fill="$d" d="M94 34h14v84l-7 14-7-14z"/><path fill="$l" d="M122 34h14v84l-7 14-7-14z"/>',
    "pot": '<path fill="$a" d="M58 60h84v48c0 14-84 14-84 0z"/><path fill="$d" d="M52 52h96v10H52zm40-14h16v14H92z"/><path fill="none" stroke="$l" stroke-width="6" d="M58 78H38m104 0h20"/>',
    "rope": '<g fill="none" stroke="$a" stroke-width="8"><path d="M70 34c-26 14-26 74 0 92m14-98c-20 16-20 86 0 104m14-106c-12 20-12 88 0 108m14-108c12 20 12 88 0 108"/>'
    '<path d="M116 28c20 16 20 86 0 104m14-98c26 14 26 74 0 92"/></g><path stroke="$l" stroke-width="2.5" stroke-dasharray="5 7" fill="none" d="M84 28c-20 16-20 86 0 104m14-106c-12 20-12 88 0 108m14-108c12 20 12 88 0 108"/>'
    '<path fill="$d" d="M48 64h104v9H48zm0 13h104v9H48z"/>',
    "sandal": '<path fill="$d" d="M36 104c20-8 44-2 66 0 22 2 42-4 62 2 4 12-4 16-14 16H46c-8 0-12-8-10-18z"/>'
    '<path fill="none" stroke="$a" stroke-width="11" stroke-linecap="round" d="M52 100c-4-22 4-34 22-40m-20 26 36 16m20 2c2-20 16-30 32-28m-22 28 30-26"/>'
    '<path fill="$l" d="M66 54h18v12H66z"/>',
    "shirt": '<path fill="$a" d="m74 32 14 4c4 10 20 10 24 0l14-4 34 22-14 22-14-8v58H68V68l-14 8-14-22z"/><path fill="$l" d="M68 84h64v10H68z"/>',
    "shoe": '<path fill="$a" d="M44 64h20c12 14 24 6 32-4 14 24 36 24 58 34 6 6 4 14 2 20H44z"/><path fill="$d" d="M40 112h120v10H40z"/>'
    '<path fill="$l" d="m88 72 12-8 4 6-12 8zm10 12 12-8 4 6-12 8z"/>',
    "sleepingbag": '<path fill="$a" d="M66 130c-14-30-12-74 4-96 16-22 44-22 60 0 16 22 18 66 4 96z"/><ellipse fill="$d" cx="100" cy="50" rx="24" ry="22"/>'
    '<ellipse fill="$l" cx="100" cy="54" rx="14" ry="12"/><path fill="$d" d="M58 88h84v4H58zm2 20h80v4H60z"/>',
    "sock": '<path fill="$a" d="M84 26h36v56l-34 38c-14 14-38-4-26-20l24-26z"/><path fill="$d" d="M84 26h36v14H84z"/><path fill="$l" d="M84 46h36v7H84z"/>',
    "stove": '<path fill="$d" d="M62 62h76v8H62zm14 8h8v26h-8zm40 0h8v26h-8z"/><path fill="$a" d="M72 96h56l12 30H60z"/><path fill="$l" d="M100 22c-22 22-10 36 0 38 10-2 22-16 0-38z"/>',
    "table": '<path fill="$a" d="M34 58h132v14H34z"/><path stroke="$d" stroke-width="7" d="m52 72 40 52m56-52-40 52M70 98h60"/><path fill="$l" d="M34 58h132v4H34z"/>',
    "tarp": '<path fill="$a" d="M20 84 100 36l80 48-30 6-50-24-50 24z"/><path stroke="$d" stroke-width="5" d="M100 38v88M28 84 16 122M172 84l12 38"/>',
    "tent": '<path fill="$a" d="M22 122 94 30h14l70 92z"/><path fill="$d" d="m101 50 28 72H75z"/><path fill="$l" d="m101 50 4 72H86z"/>'
    '<path stroke="$d" stroke-width="3" d="m94 30-4-8m18 8 4-8M22 122l-10 8m166-8 10 8"/>',
    "tool": '<rect fill="$a" x="56" y="62" width="88" height="26" rx="13"/><path fill="$d" d="m136 68 26-26 6 6-26 26zM60 80 38 112l-8-6 24-32z"/><circle fill="$l" cx="72" cy="75" r="6"/><circle fill="$l" cx="128" cy="75" r="6"/>',
    "trousers": '<path fill="$a" d="M66 28h68l10 100h-30l-14-66-14 66H56z"/><path fill="$d" d="M66 28h68l1 12H65z"/><path fill="$l" d="M70 48h16l-2 14H69zm44 0h16l1 14h-15z"/>',
    "vest": '<path fill="$a" d="M72 28c4 20 52 20 56 0l14 10c-6 20-2 30 4 40v48H54V78c6-10 10-20 4-40z"/><path fill="$d" d="M97 42h6v84h-6z"/>'
    '<path fill="$l" d="M62 88h28v20H62zm48 0h28v20h-28z"/>',
}

#: Hues of the land behind: morning mist, sage, sand and dusk.
GROUNDS = (205, 150, 95, 42, 225)

PICTURE = Template(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 150" role="img" aria-label="$label">'
    '<rect width="200" height="150" fill="$sky"/>'
    '<path fill="$far" d="M0 104 36 76l28 20 44-44 40 40 22-14 30 24v44H0z"/>'
    '<path fill="$near" d="M0 122c50-18 150-18 200 0v28H0z"/>$drawing</svg>'
)


def draw(product: Product, color: str = "") -> str:
    """The picture of a product: the same article always looks the same, apart from the color that is asked for."""
    chance = crc32(product.sku.encode())
    hue = (chance % 24) * 15
    if color in COLORS:
        tint, strength, light = COLORS[color]
        main = f"hsl({tint} {strength}% {light}%)"
        dark = f"hsl({tint} {strength}% {max(light - 18, 10)}%)"
        pale = f"hsl({tint} {strength}% {min(light + 44, 90)}%)"
    else:
        main, dark, pale = f"hsl({hue} 52% 42%)", f"hsl({hue} 46% 24%)", f"hsl({hue} 62% 84%)"
    colors = {"a": main, "d": dark, "l": pale}
    ground = GROUNDS[chance // 24 % len(GROUNDS)]
    return PICTURE.substitute(
        label=product.shape,
        sky=f"hsl({ground} 26% 95%)",
        far=f"hsl({ground} 20% 89%)",
        near=f"hsl({ground} 18% 83%)",
        drawing=Template(SHAPES.get(product.shape, SHAPES["drybag"])).substitute(colors),
    )
