"""An SVG under construction. Shapes carry classes only: one style sheet colours them on the web, another on paper."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape

from figures.typography import printable

TEXT_SIZE = 14.0
PALETTE_SIZE = 8  # classes fig-fill-1 … fig-fill-8, fig-stroke-1 … fig-stroke-8
NARROW, WIDE = frozenset("iljtfrI1.,:;'’!|()[] \u00a0\u202f"), frozenset("mwMW@%—…")


def text_width(text: str, size: float = TEXT_SIZE) -> float:
    """About how wide a text is, in the unit of `size` (no font is opened; a little generous)."""
    widths = (0.36 if c in NARROW else 0.92 if c in WIDE else 0.7 if c.isupper() else 0.63 for c in text)
    return size * sum(widths)


def wrapped(text: str, width: float, size: float = TEXT_SIZE, most_lines: int = 2) -> list[str]:
    """The text cut at spaces into lines of that width; what does not fit ends with an ellipsis."""
    lines: list[str] = []
    for word in text.split() or [""]:
        if lines and text_width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    if len(lines) > most_lines:
        lines = [*lines[: most_lines - 1], " ".join(lines[most_lines - 1 :])]
    return [shortened(line, width, size) for line in lines]


def shortened(text: str, width: float, size: float = TEXT_SIZE) -> str:
    """The beginning of the text that fits, with an ellipsis when something is left out."""
    if text_width(text, size) <= width:
        return text
    while len(text) > 1 and text_width(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def colour_rank(index: int) -> int:
    """The palette entry (1 to 8) of the series or group at that position."""
    return index % PALETTE_SIZE + 1


def number(value: float) -> str:
    """A coordinate, as short as a hundredth allows."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


@dataclass
class Canvas:
    """Shapes in user units; `name` makes the identifiers unique on a page."""

    name: str
    width: float
    height: float
    shapes: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", f"fig-{self.name}-{self.width:.0f}".lower()).strip("-")

    def rect(self, classes: str, *, x: float, y: float, width: float, height: float) -> None:
        place = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
        self.shapes.append(f'<rect class="{classes}" {place}/>')

    def line(self, classes: str, *, x1: float, y1: float, x2: float, y2: float) -> None:
        self.path(classes, f"M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}")

    def path(self, classes: str, steps: str) -> None:
        self.shapes.append(f'<path class="{classes}" d="{steps}"/>')

    def text(self, text: str, *, x: float, y: float, classes: str = "fig-text", anchor: str = "start") -> None:
        place = f'x="{number(x)}" y="{number(y)}" text-anchor="{anchor}"'
        self.shapes.append(f'<text class="{classes}" {place}>{escape(printable(text))}</text>')

    def hatch(self, index: int, *, x: float, y: float, width: float, height: float) -> None:
        """Strokes over a filled shape, so that series differ without their colour: none, slanted, level, upright."""
        steps = _hatching(index % 4, x, y, width, height)
        if steps:
            self.path("fig-hatch", steps)

    def svg(self, *, title: str, description: str, style: str = "") -> str:
        """The finished drawing; `style` is embedded for paper and left out on the web, where the page has its own."""
        size = f'viewBox="0 0 {number(self.width)} {number(self.height)}"'
        fixed = f' width="{number(self.width)}" height="{number(self.height)}"' if style else ""
        names = f'role="img" aria-labelledby="{self.key}-title" aria-describedby="{self.key}-desc"'
        words = (
            f'<title id="{self.key}-title">{escape(printable(title))}</title>'
            f'<desc id="{self.key}-desc">{escape(printable(description))}</desc>'
        )
        sheet = f"<style>{style}</style>" if style else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="fig-svg" {names} {size}{fixed}>'
            f"{words}{sheet}{''.join(self.shapes)}</svg>"
        )


def _hatching(kind: int, x: float, y: float, width: float, height: float, gap: float = 6.0) -> str:
    """Path of the strokes of that kind, cut at the rectangle's edges."""
    if kind == 0:
        return ""
    if kind == 1:
        strokes = []
        offset = gap
        while offset < width + height:
            start = (x + min(offset, width), y + max(0.0, offset - width))
            end = (x + max(0.0, offset - height), y + min(offset, height))
            strokes.append((start, end))
            offset += gap
    elif kind == 2:
        strokes = [((x, y + step * gap), (x + width, y + step * gap)) for step in range(1, int(height / gap) + 1)]
    else:
        strokes = [((x + step * gap, y), (x + step * gap, y + height)) for step in range(1, int(width / gap) + 1)]
    return "".join(f"M{number(a)} {number(b)}L{number(c)} {number(d)}" for (a, b), (c, d) in strokes)
