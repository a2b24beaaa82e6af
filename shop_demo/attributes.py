"""What a product page says of an article in the language of the page; the rows hold English words and plain units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Names of attributes in the order in which a page shows them.
LABELS = {
    "weight": _("Weight"),
    "material": _("Material"),
    "flavor": _("Flavor"),
    "season": _("Season"),
    "sleeps": _("Sleeps"),
    "capacity": _("Capacity"),
    "length": _("Length"),
    "brightness": _("Brightness"),
    "contents": _("Contents"),
    "pieces": _("Pieces"),
    "size": _("Size"),
}

#: Words that attributes hold; everything else in them is numbers and units.
WORDS = (
    *(_("spring"), _("summer"), _("autumn"), _("winter")),
    *(_("men's"), _("women's"), _("entry"), _("edge"), _("hook"), _("tube"), _("assisted")),
    *(_("compact"), _("wind-proof"), _("base plate"), _("mirror")),
    *(_("aluminum"), _("ash"), _("ballistic nylon"), _("bamboo"), _("caramel"), _("carbon"), _("cotton")),
    *(_("closed-cell foam"), _("duck down"), _("elastane"), _("expanded foam"), _("fiberglass"), _("fruit")),
    *(_("goose down"), _("laminated nylon"), _("leather"), _("lentil stew"), _("liquid chalk")),
    *(_("magnesium carbonate"), _("merino blend"), _("merino wool"), _("microfiber"), _("neoprene")),
    *(_("open-cell foam"), _("plant oil"), _("polyamide"), _("polycarbonate"), _("polycotton")),
    *(_("polyester"), _("polypropylene"), _("polyurethane"), _("recycled foam"), _("recycled polyamide")),
    *(_("recycled polyester"), _("recycled polypropylene"), _("recycled steel"), _("ripstop nylon")),
    *(_("silnylon"), _("steel"), _("stretch mesh"), _("synthetic oil"), _("titanium"), _("vegetable curry")),
)


def shown(attributes: Mapping[str, str]) -> list[tuple[str, str]]:
    """Label and value of every attribute that the shop has a name for."""
    return [
        (gettext(label), gettext(attributes[name])) for name, label in LABELS.items() if name in attributes
    ]
