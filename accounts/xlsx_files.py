"""Rows as an XLSX workbook: what a person typed is text, never a formula, whatever it begins with."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from accounts.csv_files import FORMULA_STARTS

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 32_767  # characters, by Excel
READ_AS_ERROR = "#"
WIDEST, NARROWEST = 60, 12  # characters


def xlsx_response(name: str, sheet: str, heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A download named `name`, of one sheet. Numbers and days stay numbers and days."""
    book = Workbook(write_only=True)
    page = book.create_sheet(sheet[:31])
    page.freeze_panes = "A2"
    for column, label in enumerate(heading, start=1):
        page.column_dimensions[get_column_letter(column)].width = min(WIDEST, max(NARROWEST, len(label) + 2))
    titles = [_text_cell(page, _shown(label)) for label in heading]
    for cell in titles:
        cell.font = Font(bold=True)
    page.append(titles)
    for row in rows:
        page.append([_cell(page, value) for value in row])
    written = io.BytesIO()
    book.save(written)
    response = HttpResponse(written.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _cell(page: WriteOnlyWorksheet, value: Any) -> Any:
    if isinstance(value, datetime):
        return timezone.make_naive(value) if timezone.is_aware(value) else value
    if value is None or isinstance(value, bool | int | float | date):
        return value
    text = _shown(str(value))
    return _text_cell(page, text) if text.startswith((*FORMULA_STARTS, READ_AS_ERROR)) else text


def _text_cell(page: WriteOnlyWorksheet, text: str) -> WriteOnlyCell:
    """A cell that spreadsheets keep as text, also after somebody edits it."""
    cell = WriteOnlyCell(page, value=text)
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(FORMULA_STARTS)
    return cell


def _shown(text: str) -> str:
    """Without the characters that no XML may hold."""
    return str(ILLEGAL_CHARACTERS_RE.sub("", text))[:LONGEST_CELL]
