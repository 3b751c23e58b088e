"""When a register row is recorded: always now, always after the row before it, except while history is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, QuerySet
from django.utils import timezone

ONE_ACT = timedelta(seconds=1)  # rows of one loaded act follow each other by microseconds

_history: ContextVar[datetime | None] = ContextVar("history", default=None)


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
        raise HistoryRefused(f"Le registre contient déjà une ligne enregistrée le {last:%d/%m/%Y à %H:%M}.")
    return max(asked or timezone.now(), last + timedelta(microseconds=1))
