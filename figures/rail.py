"""What stays from page to page: ministry, where we are in the agenda, page number (`stamp.py` adds the emblem).

Drawn as the page's background: it costs half of a running element, and a background is out of the tagged content.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from figures.brand import Brand
from figures.canvas import wrapped
from figures.typography import printable

WIDTH, HEIGHT = 960, 540  # points of a 338.667 × 190.5 mm page
LEFT, TOP = 40, 40
MARGIN_LEFT, MARGIN_TOP = 62 * 72 / 25.4, 14 * 72 / 25.4  # a page's background is placed from inside its margins
LINE = 9.8
BLUE, INK, GREY = "#000091", "#161616", "#666"


@dataclass(frozen=True)
class Rail:
    """The rail of one deck, page after page."""

    brand: Brand
    ministry: Sequence[str]
    sections: Sequence[str]
    pages: int

    def background(self, page: int, section: int) -> str:
        """The value of the page's CSS `background`."""
        place = f"{-MARGIN_LEFT:.2f}pt {-MARGIN_TOP:.2f}pt/{WIDTH}pt {HEIGHT}pt"
        return f"url({data_uri(self.svg(page, section))}) {place} no-repeat"

    def svg(self, page: int, section: int) -> str:
        shapes = [
            _text(line.upper(), LEFT, TOP + 19 + index * LINE, size=9.5, weight=700)
            for index, line in enumerate(self.ministry)
        ]
        y = TOP + 12.1 + LINE * len(self.ministry) + (5 + 17 + 31 if self.brand.emblem else 31)
        for number, title in enumerate(self.sections, start=1):
            lines = wrapped(title, 106, 9.8, most_lines=4) if number == section else []
            shapes.append(_number(number, y, is_here=number == section))
            shapes += [
                _text(line, LEFT + 22, y + 10.8 + rank * 12, size=9, weight=700, fill=BLUE)
                for rank, line in enumerate(lines)
            ]
            y += 22.3 + 12 * max(len(lines) - 1, 0)
        shapes.append(_text(f"{page} / {self.pages}", 912, 511, size=10, weight=500, fill=GREY, anchor="end"))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'font-family="{escape(self.brand.font)}">{"".join(shapes)}</svg>'
        )


def data_uri(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _number(number: int, y: float, *, is_here: bool) -> str:
    disc = f'<circle cx="{LEFT + 7.4}" cy="{y + 7.4}" r="7.4" fill="{BLUE if is_here else "#f0f0f0"}"/>'
    fill, weight = ("#fff", 700) if is_here else (GREY, 500)
    return disc + _text(str(number), LEFT + 7.4, y + 10.4, size=8.5, weight=weight, fill=fill, anchor="middle")


def _text(text: str, x: float, y: float, *, size: float, weight: int, fill: str = INK, anchor: str = "start") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{fill}" text-anchor="{anchor}"'
    return f"<text {place}>{escape(printable(text))}</text>"
