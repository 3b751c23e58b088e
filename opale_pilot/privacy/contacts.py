"""Persons who left their post: a year later the register still tells that it was held, and no longer by whom.

An académie that observes another day (demonstration, training) holds invented persons and stands still: left alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts import append_only
from deployment.models import PostHolding
from opale_pilot.privacy.identity import NOBODY


def due_holdings(before: datetime) -> QuerySet[PostHolding]:
    """Rows that still name somebody, and that another row of the same post has replaced for so long."""
    until = timezone.localdate(before)
    next_one = PostHolding.objects.filter(
        post=OuterRef("post"),
        effective_on__gt=OuterRef("effective_on"),
        effective_on__lte=until,
        recorded_at__lt=before,
    )
    named = PostHolding.objects.exclude(name__in=("", NOBODY))
    return named.filter(Exists(next_one), post__establishment__academy__observed_on__isnull=True)


def forget_holders(rows: Iterable[PostHolding]) -> None:
    """Drop their names and addresses; that the post was held stays."""
    with append_only.unlocked(PostHolding._meta.db_table):
        PostHolding.objects.filter(pk__in=[row.pk for row in rows]).update(name=NOBODY, email="")
