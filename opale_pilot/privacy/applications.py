"""Who offered to tutor and became no tutor: two years later the application still counts, and names nobody.

An académie that observes another day (demonstration, training) holds invented persons and stands still: left alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.core.files.storage import default_storage
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat

from accounts import append_only
from opale_pilot.privacy.identity import NOBODY
from tutoring.models import Application, Opinion

WORDS = ("email", "area", "motivation", "file_name", "stored_as", "withdrawn_reason")


def due_applications(before: datetime) -> QuerySet[Application]:
    """Received so long ago, of persons who are no tutor, and that still name somebody."""
    old = Application.objects.filter(received_at__lt=before, tutor__isnull=True, academy__observed_on__isnull=True)
    return old.exclude(name=NOBODY)


def forget_candidates(rows: Iterable[Application]) -> None:
    """Drop name, address, motivation and file; function, establishment and what was decided stay."""
    found = list(rows)
    for stored_as in filter(None, (row.stored_as for row in found)):
        default_storage.delete(stored_as)
    keys = [row.pk for row in found]
    source = Concat(Value("effacée-"), Cast("pk", CharField()))
    Application.objects.filter(pk__in=keys).update(name=NOBODY, source=source, **dict.fromkeys(WORDS, ""))
    with append_only.unlocked(Opinion._meta.db_table):
        Opinion.objects.filter(application__in=keys).update(reason="")
