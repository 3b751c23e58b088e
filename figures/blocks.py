"""A figure as a block of a web page: caption, day, drawing, table whose numbers open their rows, population, source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.utils.safestring import SafeString, mark_safe

from figures.deck import Form
from figures.forms import is_drawing, require_form, usual_form
from figures.french import short_day
from figures.kinds import TOTAL, Figure, PointMap, Statement
from figures.numbers import big_number
from figures.paragraphs import passages
from figures.svg import draw
from figures.tables import Cell, Table, table_of
from figures.words import MAP_CREDIT, dated, population_sentence, unlocated_sentence

WIDE, NARROW = 660, 340  # widths of the two drawings; the style sheet shows the one that fits
MANY_MARKS = 1500


@dataclass(frozen=True)
class OpenCell:
    """A cell and the address of its rows, empty when nothing stands behind it."""

    cell: Cell
    url: str


@dataclass(frozen=True)
class OpenLine:
    heading: str
    is_total: bool
    is_under: bool
    cells: tuple[OpenCell, ...]


def block_context(figure: Figure, *, form: Form | None, rows_url: str, caption: str) -> dict[str, Any]:
    """What templates/components/figure.html reads. `rows_url` gets the cell added as `?cellule=`."""
    form = form or usual_form(figure)
    require_form(figure, form)
    table = table_of(figure)
    return {
        "form": form,
        "caption": caption or figure.title,
        "dated": dated(figure),
        "known": f"tel que connu le {short_day(figure.known_at.date())}" if figure.known_at else "",
        "is_drawn": is_drawing(form),
        "drawings": drawings(figure, form) if is_drawing(form) else (),
        "number": big_number(figure) if form == "number" else None,
        "number_urls": {cell: cell_url(figure, cell, rows_url) for cell in ("part", "whole", TOTAL)},
        "passages": passages(figure.paragraphs) if isinstance(figure, Statement) else (),
        "table": table,
        "lines": open_lines(figure, table, rows_url) if table else (),
        "population": population_sentence(figure.population) if figure.population.label else "",
        "source": figure.source,
        "credit": MAP_CREDIT + unlocated_sentence(figure) if form == "map" and isinstance(figure, PointMap) else "",
    }


def drawings(figure: Figure, form: Form) -> tuple[tuple[str, SafeString], ...]:
    """The drawing for a wide and for a narrow place; a map of very many marks is drawn once."""
    is_heavy = isinstance(figure, PointMap) and len(figure.places) > MANY_MARKS
    widths = {"only": WIDE} if is_heavy else {"wide": WIDE, "narrow": NARROW}
    return tuple((name, mark_safe(draw(figure, form, width=width))) for name, width in widths.items())  # escaped there


def open_lines(figure: Figure, table: Table, rows_url: str) -> tuple[OpenLine, ...]:
    return tuple(
        OpenLine(
            line.heading,
            line.is_total,
            line.is_under,
            tuple(OpenCell(cell, cell_url(figure, cell.key, rows_url)) for cell in line.cells),
        )
        for line in table.lines
    )


def cell_url(figure: Figure, cell: str, rows_url: str) -> str:
    """The address of the rows behind a cell; empty without an address to begin with, or without rows."""
    if not rows_url or not figure.rows.get(cell):
        return ""
    return f"{rows_url}{'&' if '?' in rows_url else '?'}cellule={quote(cell, safe='/')}"
