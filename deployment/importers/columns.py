"""Matches the columns of a file with what an importer needs, and reads its lines through them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from deployment.cells import Cell, CellRefused, text
from deployment.tables import FileRefused, Line, Table


@dataclass(frozen=True)
class Column:
    """One column: our name, the name people know, the names it bears in files, how its cells are read."""

    name: str
    label: str
    headers: tuple[str, ...]
    read: Callable[[Cell], Any] = text
    required: bool = False
    is_vital: bool = True  # an unreadable cell refuses the line; otherwise it is left empty with a warning


class Reader:
    """The columns of one table that an importer knows."""

    def __init__(self, table: Table, columns: Sequence[Column]) -> None:
        found = [(column, table.position(*column.headers)) for column in columns]
        missing = [column.headers[0] for column, place in found if place is None and column.required]
        if missing:
            seen = ", ".join(header for header in table.headers[:12] if header)
            names = ", ".join(f"« {header} »" for header in missing)
            raise FileRefused(f"Il manque la colonne {names}. Colonnes lues : {seen}.")
        self.places = {column.name: (column, place) for column, place in found if place is not None}

    def has(self, name: str) -> bool:
        return name in self.places

    def raw(self, line: Line, name: str) -> str:
        """The cell as text; empty when the column is missing or the cell unreadable."""
        if name not in self.places:
            return ""
        try:
            return text(line.cells[self.places[name][1]])
        except CellRefused:
            return ""

    def values(self, line: Line) -> tuple[dict[str, Any], list[str]]:
        """Every column of the line, and what was left out of it. Raises `CellRefused` for a vital cell."""
        values, warnings = {}, []
        for name, (column, place) in self.places.items():
            try:
                values[name] = column.read(line.cells[place])
            except ValueError as refusal:
                reason = str(refusal).rstrip(".")
                if column.is_vital:
                    raise CellRefused(f"{column.label} : {reason}.") from None
                warnings.append(f"Ligne {line.number}, {column.label} : {reason} ; laissé de côté.")
        return values, warnings
