"""Columns of a table on a page: their headings, and how a click on a heading sorts the rows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """`sort` is the value of `?sort=` that orders by this column (empty: it cannot be sorted)."""

    label: str
    sort: str = ""
    is_number: bool = False


@dataclass(frozen=True)
class Heading:
    """A column as the page shows it: `next_sort` is what its link asks, `direction` its `aria-sort`."""

    column: Column
    next_sort: str
    direction: str


def headings(columns: tuple[Column, ...], sorted_by: str = "") -> list[Heading]:
    """One heading a column; the one the rows are sorted by offers the reverse order."""
    return [_heading(column, sorted_by) for column in columns]


def _heading(column: Column, sorted_by: str) -> Heading:
    if not column.sort or column.sort != sorted_by.removeprefix("-"):
        return Heading(column, column.sort, "")
    if sorted_by.startswith("-"):
        return Heading(column, column.sort, "descending")
    return Heading(column, f"-{column.sort}", "ascending")
