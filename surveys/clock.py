"""What time it is for a campaign: the database's clock, shared by every process, moved to the académie's own day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from deployment.models import Academy

READ_NOW = Now(output_field=models.DateTimeField())  # annotate with it, in the query that reads the row anyway


_history: ContextVar[datetime | None] = ContextVar("history", default=None)


@contextmanager
def happening_at(instant: datetime) -> Iterator[None]:
    """Load history: the acts inside happen at that instant, for every deadline and every date they write.

    For the demonstration and the tests; a request or a job never runs inside.
    """
    token = _history.set(instant)
    try:
        yield
    finally:
        _history.reset(token)


def local_now(academy: Academy, db_now: datetime) -> datetime:
    """The instant that deadlines are compared with.

    In an académie that observes another day (demonstration, training), the hour is kept and the day is that one.
    """
    if told := _history.get():
        return told
    return on_day(academy.observed_on, db_now)


def on_day(observed_on: date | None, db_now: datetime) -> datetime:
    """The same, of an académie of which only that day was read."""
    if observed_on is None:
        return db_now
    return timezone.make_aware(datetime.combine(observed_on, timezone.localtime(db_now).time()))


def current(academy: Academy) -> datetime:
    """The same, in a query of its own."""
    return local_now(academy, Academy.objects.filter(pk=academy.pk).values_list(READ_NOW, flat=True)[0])


def end_of(day: date) -> datetime:
    """The first instant after that day, in Paris."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
