"""The plots of docs/explanation/engine.md as SVG, in the colors of the evaluation report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

WIDTH: Final = 720
TEXT, SOFT, LINE, MARK = "#1d2430", "#566072", "#dde1e8", "#111827"
BAR, BASE, OTHER = "#2f6fde", "#97a1b3", "#b4530a"
BASELINE: Final = "Popularity"


def draw(known: Mapping[str, Any]) -> dict[str, str]:
    """File name → SVG, from the variables that the page's blocks leave behind."""
    figures = known["figures"]
    sold = sorted((int((known["items"] == item).sum()) for item in range(known["n_items"])), reverse=True)
    return {
        "engine-tail.svg": _page(260, _tail(sold)),
        "engine-ndcg.svg": _page(88 + 30 * len(figures), _bars(figures)),
        "engine-neighbors.svg": _page(300, _curves(known["sizes"], known["curve"])),
    }


def _page(height: int, parts: Iterator[str]) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        f' font-family="system-ui, sans-serif" font-size="14">\n'
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>\n{body}\n</svg>\n'
    )


def _text(x: float, y: float, text: str, *, fill: str = TEXT, anchor: str = "start", more: str = "") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="{fill}" text-anchor="{anchor}"{more}>{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, *, stroke: str = LINE, width: float = 1) -> str:
    ends = f'x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}"'
    return f'<line {ends} stroke="{stroke}" stroke-width="{width}"/>'


def _tail(sold: Sequence[int]) -> Iterator[str]:
    """One column for each item, best sellers first."""
    left, bottom, top = 60, 215, 40
    high = -(-sold[0] // 200) * 200
    step = (WIDTH - left - 20) / len(sold)
    yield _text(left, 22, "Units sold in the year, by item", more=' font-weight="600"')
    for tick in range(0, high + 1, 200):
        y = bottom - (bottom - top) * tick / high
        yield _line(left, y, WIDTH - 20, y)
        yield _text(left - 8, y + 5, str(tick), fill=SOFT, anchor="end")
    for place, count in enumerate(sold):
        height = round((bottom - top) * count / high)
        yield (
            f'<rect x="{left + place * step:.1f}" y="{bottom - height}" width="{step - 0.6:.1f}"'
            f' height="{height}" fill="{BAR}"/>'
        )
    yield _text(left, bottom + 22, "best seller", fill=SOFT)
    yield _text(WIDTH - 20, bottom + 22, f"item {len(sold)}", fill=SOFT, anchor="end")


def _bars(figures: Mapping[str, Any]) -> Iterator[str]:
    """A row for each recommender, the best first: how good it is, with its interval, and how much it shows."""
    left, right, second, end = 180, 430, 530, 650
    scale = (right - left) / max(interval.high for _, interval, _ in figures.values())
    yield _text(left, 28, "NDCG@10, new items", more=' font-weight="600"')
    yield _text(second, 28, "catalog shown", more=' font-weight="600"')
    ranked = sorted(figures.items(), key=lambda entry: -round(entry[1][0], 3))
    for place, (name, (figure, interval, coverage)) in enumerate(ranked):
        y = 60 + 30 * place
        low, high = left + interval.low * scale, left + interval.high * scale
        fill = BASE if name == BASELINE else BAR
        yield _text(left - 12, y + 5, name, anchor="end")
        yield _bar(left, y, figure * scale, fill)
        yield _line(low, y, high, y, stroke=MARK, width=2)
        yield _line(low, y - 5, low, y + 5, stroke=MARK, width=2)
        yield _line(high, y - 5, high, y + 5, stroke=MARK, width=2)
        yield _text(right + 55, y + 5, f"{figure:.3f}", anchor="end")
        yield _bar(second, y, coverage * (end - second), fill)
        yield _text(WIDTH - 20, y + 5, f"{coverage:.0%}".replace("%", " %"), anchor="end")
    yield _text(left, 68 + 30 * len(ranked), "thin lines: 95 % intervals; grey: popularity", fill=SOFT)


def _bar(x: float, y: float, width: float, fill: str) -> str:
    return f'<rect x="{x}" y="{y - 8}" width="{width:.0f}" height="16" rx="3" fill="{fill}"/>'


def _curves(sizes: Sequence[int], curves: Mapping[str, Sequence[float]]) -> Iterator[str]:
    """A line for each recommender, named at its end; sizes stand at even distances."""
    left, right, top, bottom = 70, WIDTH - 110, 50, 240
    least, most, steps = 0.15, 0.30, 3
    yield _text(20, 28, "NDCG@10, new items, validation window", more=' font-weight="600"')
    for tick in range(steps + 1):
        y = bottom - (bottom - top) * tick / steps
        yield _line(left, y, right, y)
        yield _text(left - 8, y + 5, f"{least + (most - least) * tick / steps:.2f}", fill=SOFT, anchor="end")
    places = [left + 20 + (right - left - 40) * place / (len(sizes) - 1) for place in range(len(sizes))]
    for x, size in zip(places, sizes, strict=True):
        yield _text(x, bottom + 22, str(size), fill=SOFT, anchor="middle")
    yield _text((left + right) / 2, bottom + 46, "neighbors that each item keeps", fill=SOFT, anchor="middle")
    for (name, values), (stroke, dash) in zip(curves.items(), ((BAR, ""), (OTHER, "6 4")), strict=True):
        heights = [bottom - (bottom - top) * (value - least) / (most - least) for value in values]
        points = " ".join(f"{x:.0f},{y:.0f}" for x, y in zip(places, heights, strict=True))
        yield f'<polyline points="{points}" fill="none" stroke="{stroke}" stroke-width="3" stroke-dasharray="{dash}"/>'
        yield from (
            f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4" fill="{stroke}"/>'
            for x, y in zip(places, heights, strict=True)
        )
        yield _text(right + 2, heights[-1] + 5, name, fill=stroke, more=' font-weight="600"')
