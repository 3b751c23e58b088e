"""The process that unfolds a workbook: `python -m deployment.sheets` reads it on its input, tells its lines in JSON.

A few kilobytes with one cell in XFD1048576, a cell repeated a million times or a long text shared by all of them unfold
to many gigabytes, whatever the archive weighs: the limits of this process are what protects the site and the workers.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from deployment.cells import Cell

MOST_MEMORY = 1024 * 1024 * 1024
MOST_SECONDS = 120
MOST_TOLD = 128 * 1024 * 1024  # what the other process receives; all of France in 72 columns is half of it
MOST_LINES = 300_000
DAMAGED = "Le classeur est abîmé ou incomplet : téléchargez-le ou enregistrez-le de nouveau."
KINDS: dict[str, Callable[[Any], Any]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda seconds: timedelta(seconds=seconds),
}


class SheetRefused(Exception):
    """No line can be read; the message is one French sentence, shown to the person."""


def told(number: int, cells: list[Cell]) -> str:
    """One line of the sheet, as the other process reads it back."""
    return json.dumps([number, cells], default=_kind)


def heard(line: bytes) -> tuple[int, list[Cell]]:
    """What `told` said. Raises `SheetRefused` when it was a refusal."""
    said = json.loads(line, object_hook=_value)
    if isinstance(said, str):
        raise SheetRefused(said)
    return said[0], said[1]


def main() -> None:
    """Every line that holds something, with its number; or the sentence that refuses the workbook."""
    for limit, most in ((resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_CPU, MOST_SECONDS)):
        resource.setrlimit(limit, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    left = MOST_TOLD
    try:
        for number, cells in _lines(sys.stdin.buffer.read()):
            line = told(number, cells)
            left -= len(line)
            if left < 0:
                raise MemoryError
            sys.stdout.write(line + "\n")
    except CalamineError:
        sys.stdout.write(json.dumps(DAMAGED) + "\n")
    except SheetRefused as refusal:
        sys.stdout.write(json.dumps(str(refusal)) + "\n")
    except MemoryError:
        os.abort()  # as python-calamine does of itself


def _lines(content: bytes) -> Iterator[tuple[int, list[Cell]]]:
    """The lines of the first visible sheet that holds something."""
    sheet = _first_sheet(CalamineWorkbook.from_filelike(io.BytesIO(content)))
    if sheet.total_height > MOST_LINES:
        raise SheetRefused(f"La feuille « {sheet.name} » dépasse {MOST_LINES} lignes.")
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if any(cell not in ("", None) for cell in cells):
            yield number, list(cells)


def _first_sheet(workbook: CalamineWorkbook) -> CalamineSheet:
    for place, described in enumerate(workbook.sheets_metadata):
        if described.visible == SheetVisibleEnum.Visible and described.typ == SheetTypeEnum.WorkSheet:
            sheet = workbook.get_sheet_by_index(place)
            if sheet.height:
                return sheet
    raise SheetRefused("Le classeur est vide : aucune feuille visible ne contient de données.")


def _kind(value: Any) -> dict[str, Any]:
    if isinstance(value, timedelta):
        return {"timedelta": value.total_seconds()}
    return {type(value).__name__: value.isoformat()}


def _value(said: dict[str, Any]) -> Any:
    ((kind, value),) = said.items()
    return KINDS[kind](value)


if __name__ == "__main__":
    main()
