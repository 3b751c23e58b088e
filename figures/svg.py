"""`draw()`: a figure as an SVG, the same for the web (classes, coloured by static/figures.css) and for paper."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from figures import bars, curves, maps
from figures.breakdowns import Breakdown
from figures.canvas import Canvas
from figures.deck import Form
from figures.forms import FormRefused, require_form
from figures.kinds import CrossTable, Figure, PointMap, Series
from figures.words import description

PAPER_STYLE = Path(__file__).parent / "data" / "paper.css"


def draw(figure: Figure, form: Form, *, width: float, height: float | None = None, font: str = "") -> str:
    """The figure as SVG text. `font` makes it stand alone, with explicit colours and that font family (paper)."""
    require_form(figure, form)
    asked = "-".join(figure.parameters.values())
    canvas = Canvas(f"{figure.name}-{form}-{figure.on}-{asked}", width, height or natural_height(figure, form, width))
    _painter(figure, form)(canvas)
    style = paper_style(font) if font else ""
    return canvas.svg(title=figure.title, description=description(figure), style=style)


def natural_height(figure: Figure, form: Form, width: float) -> float:
    """A height that suits the form at that width."""
    if isinstance(figure, CrossTable) and form == "differences":
        return 36.0 * max(len(figure.columns), 1)
    if isinstance(figure, Breakdown):
        return bars.ROW * max(len(figure.drawn), 1)
    if isinstance(figure, PointMap):
        return maps.height_for(figure, width)
    return max(260.0, width * 0.55)


def _painter(figure: Figure, form: Form) -> Callable[[Canvas], None]:
    match figure:
        case Breakdown():
            return lambda canvas: bars.lying_bars(figure.bars(), canvas)
        case PointMap():
            return lambda canvas: maps.point_map(figure, canvas)
        case Series():
            return lambda canvas: curves.curves(figure, canvas)
        case CrossTable():
            return lambda canvas: (bars.differences if form == "differences" else bars.grouped_bars)(figure, canvas)
        case _:
            raise FormRefused(f"La figure « {figure.title} » ne se dessine pas.")


@cache
def paper_style(font: str) -> str:
    """The sheet embedded in a drawing for paper."""
    return PAPER_STYLE.read_text(encoding="utf-8").replace("FONT", font)
