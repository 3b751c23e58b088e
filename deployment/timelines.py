"""A register told as a time line: each row, what became of it, and when it counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Generic

from deployment.models.register import Entry, RegisterEntry


@dataclass(frozen=True)
class Moment(Generic[Entry]):
    """One row of a register. `is_replaced`: a later row speaks of the same day; `is_correction`: it replaces one."""

    entry: Entry
    is_replaced: bool
    is_correction: bool
    is_in_force: bool
    is_to_come: bool


def timeline(entries: Iterable[Entry], on: date) -> list[Moment[Entry]]:
    """The rows of one subject, newest effective day first and last recorded first, as they stand on that day."""
    rows = sorted(entries, key=_age, reverse=True)
    newest: dict[date, int] = {}
    oldest: dict[date, int] = {}
    for row in rows:
        newest.setdefault(row.effective_on, row.pk)
        oldest[row.effective_on] = row.pk
    in_force = next((row.pk for row in rows if row.effective_on <= on), None)
    return [
        Moment(
            entry=row,
            is_replaced=newest[row.effective_on] != row.pk,
            is_correction=oldest[row.effective_on] != row.pk,
            is_in_force=row.pk == in_force,
            is_to_come=row.effective_on > on,
        )
        for row in rows
    ]


def _age(row: RegisterEntry) -> tuple[object, ...]:
    return row.effective_on, row.recorded_at, row.pk
