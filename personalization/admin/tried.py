"""What `auto` tried before it published, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, pgettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.safestring import SafeString

#: By this the steps were compared (`engine.ladder.trial.DECIDES`).
_METRIC: Final = "ndcg@20"
_GOALS: Final = ("new", "all")


def tried_table(metrics: Mapping[str, Any]) -> SafeString | str:
    """Of each step how good it was for new items and for any item, and what became of it; '-' where nothing was compared.

    What could not be tried follows with the reason.
    """
    steps, champions = metrics.get("steps"), metrics.get("champions", {})
    if not isinstance(steps, dict):
        return "-"
    heads = (
        gettext("Tried"),
        pgettext("goal", "New items"),
        pgettext("goal", "Any item"),
        gettext("Published for"),
    )
    rows = [(name, *_figures(figures), _won(name, champions)) for name, figures in steps.items()]
    rows += [(name, "", "", reason) for name, reason in metrics.get("left_out", {}).items()]
    return format_html(
        "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>",
        format_html_join("", '<th scope="col">{}</th>', ((head,) for head in heads)),
        format_html_join("", '<tr><th scope="row">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>', rows),
    )


def _figures(figures: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(f"{figures[goal][_METRIC]:.3f}" if goal in figures else "-" for goal in _GOALS)


def _won(name: str, champions: Mapping[str, str]) -> str:
    goals = {"new": pgettext("goal", "New items"), "all": pgettext("goal", "Any item")}
    return ", ".join(goals[goal] for goal in _GOALS if champions.get(goal) == name)
