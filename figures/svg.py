"""`draw()`: a figure as an SVG, the same for the web (classes, coloured by static/figures.css) and for paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from figures import bars, curves, maps
from figures.canvas import Canvas
from figures.deck import Form
from figures.kinds import CrossTable, Figure, PointMap, Series
from figures.words import description

PAPER_STYLE = Path(__file__).parent / "data" / "paper.css"
DRAWN: Mapping[Form, type[Figure]] = {
    "bars": CrossTable,
    "differences": CrossTable,
    "lines": Series,
    "map": PointMap,
}


class NotDrawable(Exception):
    """This kind of figure has no drawing in that form."""


def is_drawing(form: Form) -> bool:
    return form in DRAWN


def draw(figure: Figure, form: Form, *, width: float, height: float | None = None, font: str = "") -> str:
    """The figure as SVG text. `font` makes it stand alone, with explicit colours and that font family (paper)."""
    if not isinstance(figure, DRAWN.get(form, ())):
        raise NotDrawable(f"La figure « {figure.title} » ({figure.kind}) ne se dessine pas sous la forme « {form} ».")
    canvas = Canvas(f"{figure.name}-{form}-{figure.on}", width, height or natural_height(figure, form, width))
    _painter(figure, form)(canvas)
    style = paper_style(font) if font else ""
    return canvas.svg(title=figure.title, description=description(figure), style=style)


def natural_height(figure: Figure, form: Form, width: float) -> float:
    """A height that suits the form at that width."""
    if isinstance(figure, CrossTable) and form == "differences":
        return 36.0 * max(len(figure.columns), 1)
    if isinstance(figure, PointMap):
        return maps.height_for(figure, width)
    return max(260.0, width * 0.55)


def _painter(figure: Figure, form: Form) -> Callable[[Canvas], None]:
    if isinstance(figure, PointMap):
        return lambda canvas: maps.point_map(figure, canvas)
    if isinstance(figure, Series):
        return lambda canvas: curves.curves(figure, canvas)
    assert isinstance(figure, CrossTable)  # checked by draw()
    return lambda canvas: (bars.differences if form == "differences" else bars.grouped_bars)(figure, canvas)


@cache
def paper_style(font: str) -> str:
    """The sheet embedded in a drawing for paper."""
    return PAPER_STYLE.read_text(encoding="utf-8").replace("FONT", font)
