"""What the figures of an evaluation are called, and mean, in plain words."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

#: Metric → its title and what it says.
_WORDS: Final = {
    "recall": (_("Share of what was taken that was suggested"), ""),
    "precision": (_("Share of the suggestions that were taken"), ""),
    "f1": (_("Recall and precision in one"), ""),
    "ndcg": (
        _("How good the order is"),
        _("1 would be a perfect list; a hit in the first place counts most. Compare by this one."),
    ),
    "hit": (
        _("Customers who found something"),
        _("The share of customers who later took at least one of the suggestions."),
    ),
    "coverage": (
        _("How much of the catalog is suggested"),
        _("The share of the items that anybody is shown. Best sellers show the same few to all."),
    ),
    "map": (_("Precision at each hit"), ""),
    "mrr": (_("One over the place of the first hit"), ""),
    "auc": (_("How often, among all items, a taken one stands before another"), ""),
    "novelty": (_("How little known the suggestions are, in bits"), ""),
    "diversity": (_("How unlike the items of one list are"), ""),
    "serendipity": (_("Hits that best sellers would not have shown"), ""),
    "category_calibration": (_("Distance from the customer’s usual mix of categories; 0 is best"), ""),
    "popularity_calibration": (
        _("Distance from the customer’s usual mix of best sellers and niche; 0 is best"),
        "",
    ),
    "popularity_bias": (_("Average popularity of the suggestions"), ""),
    "gini": (_("How unevenly items are shown: 0 alike, 1 only a few"), ""),
}


def metric_words(name: str) -> tuple[str, str]:
    """Title and meaning of a metric; '' where the title says it all."""
    title, meaning = _WORDS[name]
    return str(title), str(meaning)


def best_sellers() -> str:
    """The name of the popularity list where no alias has one."""
    return gettext("best sellers")
