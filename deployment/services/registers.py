"""What every register shares: the history of one subject, and when a row is recorded.

A row is recorded now, always after the row before it, except while history is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db.models import Max, QuerySet
from django.utils import timezone

from figures.french import short_instant

ONE_ACT = timedelta(seconds=1)  # rows of one loaded act follow each other by microseconds

_history: ContextVar[datetime | None] = ContextVar("history", default=None)


Value = TypeVar("Value")


class History(Generic[Value]):
    """What a register says of one subject through time; None from a day on: nothing."""

    def __init__(self) -> None:
        self._values: dict[date, Value | None] = {}

    def note(self, from_day: date, value: Value | None) -> None:
        self._values[from_day] = value

    def on(self, day: date) -> Value | None:
        days = [known for known in self._values if known <= day]
        return self._values[max(days)] if days else None

    def days_within(self, after: date, until: date) -> list[date]:
        """Days of the history after the first and up to the second, in order."""
        return sorted(day for day in self._values if after < day <= until)


class HistoryRefused(Exception):
    """History would be written before what the register already holds."""


@contextmanager
def recording_at(instant: datetime) -> Iterator[None]:
    """Load history: what is written inside is recorded as at that instant, which may not precede an earlier row."""
    token = _history.set(instant)
    try:
        yield
    finally:
        _history.reset(token)


def next_instant(entries: QuerySet[Any]) -> datetime:
    """The `recorded_at` of the next row, strictly after every row of `entries`. Call it with the académie locked."""
    asked = _history.get()
    last: datetime | None = entries.aggregate(last=Max("recorded_at"))["last"]
    if last is None:
        return asked or timezone.now()
    if asked is not None and last - asked > ONE_ACT:
        raise HistoryRefused(
            f"Le registre contient déjà une ligne enregistrée le {short_instant(timezone.localtime(last))}."
        )
    return max(asked or timezone.now(), last + timedelta(microseconds=1))
