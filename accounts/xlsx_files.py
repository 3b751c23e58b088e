"""Rows as an XLSX workbook: what a person typed is text, never a formula, whatever it begins with."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
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
AMOUNT = "#,##0.00"
EARLIEST = (1980, 1, 1, 0, 0, 0)  # of a ZIP file
PROPERTIES = "docProps/core.xml"
INSTANTS = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")


def xlsx_response(name: str, sheet: str, heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A download named `name`, of one sheet."""
    return xlsx_download(name, xlsx_bytes(sheet, heading, rows))


def xlsx_download(name: str, content: bytes) -> HttpResponse:
    """This workbook as a download named `name`."""
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def xlsx_bytes(
    sheet: str, heading: Sequence[str], rows: Iterable[Sequence[Any]], *, made_at: datetime | None = None
) -> bytes:
    """A workbook of one sheet. Numbers and days stay numbers and days, amounts are told with two decimals.

    With `made_at`, the same rows give the same bytes whenever they are drawn.
    """
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
    return _dated(written.getvalue(), made_at) if made_at else written.getvalue()


def _dated(content: bytes, made_at: datetime) -> bytes:
    """The same workbook with no other instant in it than this one: openpyxl writes that of the drawing."""
    written = io.BytesIO()
    stamp = made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(io.BytesIO(content)) as drawn, zipfile.ZipFile(written, "w") as dated:
        for name in drawn.namelist():
            part = drawn.read(name)
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.compress_type = zipfile.ZIP_STORED  # what compresses differs from a machine to another
            dated.writestr(entry, INSTANTS.sub(rb"\g<1>" + stamp + rb"\g<2>", part) if name == PROPERTIES else part)
    return written.getvalue()


def _cell(page: WriteOnlyWorksheet, value: Any) -> Any:
    if isinstance(value, datetime):
        return timezone.make_naive(value) if timezone.is_aware(value) else value
    if isinstance(value, Decimal):
        amount = WriteOnlyCell(page, value=value)
        amount.number_format = AMOUNT
        return amount
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
