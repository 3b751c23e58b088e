"""A figure as plain text with aligned columns, for the command line."""

from __future__ import annotations

from collections.abc import Sequence

from figures.forms import SHOWN
from figures.kinds import Figure, PointMap, Statement
from figures.numbers import BigNumber, big_number
from figures.tables import Cell, Table, table_of
from figures.words import dated, population_sentence, unlocated_sentence

GAP = "  "


def to_text(figure: Figure) -> str:
    """Title and day, population, the values, source; one line each, the table's columns aligned."""
    parts = [f"{figure.title} ({dated(figure)})"]
    if figure.population.label:
        parts.append(population_sentence(figure.population))
    parts += ["", *_values(figure), ""]
    if isinstance(figure, PointMap) and figure.unlocated:
        parts.append(unlocated_sentence(figure).strip())
    parts.append(f"Source : {figure.source}")
    return "\n".join(part.rstrip() for part in parts)


def _values(figure: Figure) -> list[str]:
    if isinstance(figure, Statement):
        return [f"{'  ' * p.level}{'- ' if p.level else ''}{p.text}" for p in figure.paragraphs]
    if isinstance(figure, SHOWN["number"]):
        return [_number(big_number(figure))]
    table = table_of(figure)
    return _table(table) if table else []


def _number(number: BigNumber) -> str:
    if not number.is_rate:
        return number.value
    return f"{number.value} {number.small} : {number.part} sur {number.whole} {number.label}"


def _table(table: Table) -> list[str]:
    """Headings to the left, numbers to the right, a rule under the headings and above the totals."""
    columns = [_column([line.cells[index] for line in table.lines]) for index in range(len(table.headings))]
    lines = [[line.heading, *(column[index] for column in columns)] for index, line in enumerate(table.lines)]
    rows = [[table.corner, *table.headings], *lines]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rule = GAP.join("-" * width for width in widths)
    written = [_row(rows[0], widths), rule]
    for line, row in zip(table.lines, rows[1:], strict=True):
        written += [rule, _row(row, widths)] if line.is_total else [_row(row, widths)]
    return written


def _column(cells: Sequence[Cell]) -> list[str]:
    """Numbers aligned to the right, then their notes aligned to the left."""
    notes = [f" ({cell.note})" if cell.note else "" for cell in cells]
    number, note = max(len(cell.text) for cell in cells), max(map(len, notes))
    return [cell.text.rjust(number) + words.ljust(note) for cell, words in zip(cells, notes, strict=True)]


def _row(texts: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = texts
    return GAP.join([first.ljust(widths[0]), *(t.rjust(w) for t, w in zip(others, widths[1:], strict=True))])
