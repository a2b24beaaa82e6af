"""Every link between documents leads to a file and a heading, and every page is found from the first."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from tests.docs.pages import PAGES, ROOT, name_of

LINK: Final = re.compile(r"\]\((?!https?:|mailto:)([^)\s]*)\)")
CODE: Final = re.compile(r"```.*?```|`[^`\n]*`", re.S)
INDEX: Final = ROOT / "docs" / "index.md"


def links(page: Path) -> list[tuple[Path, str]]:
    """File and heading of each link to another document."""
    targets = [target.partition("#") for target in LINK.findall(CODE.sub("", page.read_text()))]
    return [((page.parent / path).resolve() if path else page, heading) for path, _, heading in targets]


def headings(page: Path) -> set[str]:
    """The names of a page's headings as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", page.read_text(), flags=re.S), re.M)
    plain = (re.sub(r"[^\w\- ]", "", title.lower()) for title in titles)
    return {title.replace(" ", "-") for title in plain}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    for target, heading in links(page):
        assert target.exists(), f"{target} is not there"
        assert not heading or heading in headings(target), f"{name_of(target)} has no heading {heading}"


def test_the_index_names_every_page() -> None:
    named = {target for target, _ in links(INDEX)}
    assert [name_of(page) for page in PAGES[1:] if page != INDEX and page not in named] == []


def test_there_are_links() -> None:
    assert sum(len(links(page)) for page in PAGES) > 100
