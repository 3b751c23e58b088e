"""Rows as a CSV file that French spreadsheets open as it is: `;`, UTF-8 with BOM, no text taken for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import StreamingHttpResponse

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """What `csv.writer` writes to when each line is wanted at once."""

    def write(self, line: str) -> str:
        return line


def harmless(value: object) -> str:
    """The value as text that a spreadsheet will not run: a leading quote before what would begin a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def csv_response(name: str, heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """A download named `name`, written row by row."""
    response = StreamingHttpResponse(_lines(heading, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _lines(heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo(), delimiter=";")
    yield "\ufeff" + writer.writerow(heading)
    for row in rows:
        yield writer.writerow([harmless(value) for value in row])
