"""The append-only register: what every dated history of the product is made of.

A row says "from `effective_on`, the subject is so", and is never changed; a correction is a new row. The state of a
subject on a day, as known at an instant, is the row with the latest `effective_on` not after the day, among those
recorded not after the instant; on one day the row recorded last wins. A database trigger refuses UPDATE and DELETE.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any, ClassVar, TypeVar, cast

from django.conf import settings
from django.db import models
from django.db.models import F, Window
from django.db.models.functions import RowNumber

Entry = TypeVar("Entry", bound="RegisterEntry", covariant=True)

NEWEST_FIRST = ("-effective_on", "-recorded_at", "-pk")


class RegisterQuerySet(models.QuerySet[Entry]):
    """Reads a register. `subject` is the name of the foreign key whose history the register keeps."""

    def known_at(self, instant: datetime | None) -> RegisterQuerySet[Entry]:
        """As the register stood at that instant; None is now."""
        return self if instant is None else self.filter(recorded_at__lte=instant)

    def up_to(self, on: date, known_at: datetime | None = None) -> RegisterQuerySet[Entry]:
        """Rows that bear on that day, newest first: for each subject the first one is in force."""
        return self.known_at(known_at).filter(effective_on__lte=on).order_by(*NEWEST_FIRST)

    def replayed(self, on: date, known_at: datetime | None = None) -> RegisterQuerySet[Entry]:
        """Rows that bear on that day, oldest first: applied in this order, each overrides what its subject had."""
        return self.up_to(on, known_at).reverse()

    def in_force(self, on: date, known_at: datetime | None = None) -> RegisterQuerySet[Entry]:
        """One row per subject: the one in force on that day."""
        newest = Window(
            RowNumber(),
            partition_by=[F(self.model.SUBJECT)],
            order_by=[F(name[1:]).desc() for name in NEWEST_FIRST[:-1]] + [F("id").desc()],
        )
        return cast("RegisterQuerySet[Entry]", self.up_to(on, known_at).annotate(place=newest).filter(place=1))


class RegisterEntry(models.Model):
    """One row of a register. Rows written by one act share their `operation`."""

    SUBJECT: ClassVar[str] = "establishment"

    effective_on = models.DateField("à compter du")
    recorded_at = models.DateTimeField("enregistré le", editable=False)
    reason = models.CharField("motif", max_length=300)
    decision_reference = models.CharField("référence de la décision", max_length=120, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="auteur"
    )
    operation = models.UUIDField("opération", default=uuid.uuid4, editable=False, db_index=True)

    class Meta:
        abstract = True

    @staticmethod
    def index(subject: str, name: str) -> models.Index:
        """The index that answers "which row is in force?" by one descent."""
        return models.Index(fields=[subject, "-effective_on", "-recorded_at"], name=name)


def first_value(entries: RegisterQuerySet[Any], subject: str, field: str) -> models.Subquery:
    """For an annotation: `field` of the row in force among `entries` (see `up_to`) of the outer row."""
    return models.Subquery(entries.filter(**{subject: models.OuterRef("pk")}).values(field)[:1])
