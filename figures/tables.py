"""The data table of any figure: headings, lines and cells, drawn alike on the web, on paper and on the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from figures.breakdowns import Breakdown, Share
from figures.french import number_text, percent_text, signed
from figures.kinds import TOTAL, Count, CrossTable, Figure, PointMap, Rate, Row, Series
from figures.words import group_size


@dataclass(frozen=True)
class Cell:
    """A number as shown; `key` names its rows in `Figure.rows`."""

    text: str
    key: str = ""
    note: str = ""
    note_has_room: bool = True  # the cell before has no note, so this one may reach over it
    is_zero: bool = False
    in_total_column: bool = False


@dataclass(frozen=True)
class Line:
    heading: str
    cells: tuple[Cell, ...]
    is_total: bool = False
    is_under: bool = False  # a part of the line above it


@dataclass(frozen=True)
class Table:
    """`corner` heads the column of line headings."""

    corner: str
    headings: tuple[str, ...]
    lines: tuple[Line, ...]
    has_total_column: bool = False

    @property
    def columns(self) -> tuple[tuple[str, bool], ...]:
        """Each heading, and whether it is the total's."""
        last = len(self.headings) - 1
        return tuple((label, self.has_total_column and index == last) for index, label in enumerate(self.headings))


def table_of(figure: Figure) -> Table | None:
    """The figure's table; None for words."""
    for kind, table in _TABLES:
        if isinstance(figure, kind):
            return table(figure)
    return None


def cell_words(figure: Figure, key: str) -> str | None:
    """« Lycées · V8 » for the cell of that key; None when the figure has no such cell."""
    table = table_of(figure)
    for line in table.lines if table else ():
        for heading, cell in zip(table.headings if table else (), line.cells, strict=True):
            if cell.key and cell.key == key:
                return line.heading if len(line.cells) == 1 else f"{line.heading} · {heading}"
    return None


def _cross_table(figure: CrossTable) -> Table:
    has_totals = len(figure.columns) > 1
    lines = [_cross_line(figure, line, has_totals=has_totals) for line in figure.lines]
    if figure.lines_add_up and len(figure.lines) > 1:
        sums = Row(TOTAL, "Total", {key: figure.column_total(key) for key, _ in figure.columns})
        lines.append(_cross_line(figure, sums, has_totals=has_totals))
    headings = tuple(label for _, label in figure.columns) + (("Total",) if has_totals else ())
    return Table(figure.words.row_heading, headings, tuple(lines), has_total_column=has_totals)


def _cross_line(figure: CrossTable, line: Row, *, has_totals: bool) -> Line:
    told = signed if figure.signed else number_text
    keys = [key for key, _ in figure.columns]
    cells = [
        Cell(
            told(value := line.cells.get(key, 0)),
            f"{line.key}/{key}",
            note=figure.words.note_text.format(count=line.notes[key]) if line.notes.get(key) else "",
            note_has_room=before is None or not line.notes.get(before),
            is_zero=value == 0,
        )
        for before, key in zip([None, *keys], keys, strict=False)
    ]
    if has_totals:
        cells.append(Cell(told(line.total), f"{line.key}/{TOTAL}", in_total_column=True))
    return Line(line.label, tuple(cells), is_total=line.key == TOTAL)


def _series(figure: Series) -> Table:
    lines = tuple(
        Line(
            point,
            tuple(
                Cell(number_text(values[index]), f"{key}/{point}", is_zero=values[index] == 0)
                for key, values in figure.values.items()
            ),
        )
        for index, point in enumerate(figure.points)
    )
    return Table(figure.point_heading, tuple(figure.labels[key] for key in figure.values), lines)


def _map(figure: PointMap) -> Table:
    sizes = [(key, label, group_size(figure, key)) for key, label in figure.groups]
    lines = [Line(label, (Cell(number_text(size), key, is_zero=size == 0),)) for key, label, size in sizes]
    total = Cell(number_text(sum(size for _, _, size in sizes)), TOTAL)
    return Table("Groupe", ("Nombre",), (*lines, Line("Total", (total,), is_total=True)))


def _rate(figure: Rate) -> Table:
    part = Line(figure.part_label, (Cell(number_text(figure.part), "part", is_zero=figure.part == 0),))
    whole = Line(figure.population.label, (Cell(number_text(figure.whole), "whole", is_zero=figure.whole == 0),))
    share = Line("Part", (Cell(percent_text(figure.percent)),), is_total=True)
    return Table("", ("Nombre",), (part, whole, share))


def _breakdown(figure: Breakdown) -> Table:
    lines: list[Line] = []
    for part in (part for part in figure.parts if part.is_shown):
        cell = Cell(number_text(part.value), part.key, note=part.note, is_zero=part.value == 0)
        lines.append(Line(part.label, (cell,), is_total=part.is_group, is_under=part.depth > 0))
        lines += [_share_line(figure, share) for share in figure.shares if share.part == part.key]
    return Table("", ("Nombre",), tuple(lines))


def _share_line(figure: Breakdown, share: Share) -> Line:
    return Line(share.label, (Cell(percent_text(figure.percent(share))),))


def _count(figure: Count) -> Table:
    return Table("", ("Nombre",), (Line(figure.title, (Cell(number_text(figure.value), TOTAL),)),))


_TABLES: tuple[tuple[type[Figure], Callable[[Any], Table]], ...] = (
    (CrossTable, _cross_table),
    (Series, _series),
    (PointMap, _map),
    (Rate, _rate),
    (Count, _count),
    (Breakdown, _breakdown),
)
