"""Acts on waves told as operations: the register's rows that were written together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from django.db.models import Q

from deployment.models import Wave, WaveMove

MOST = 20


@dataclass(frozen=True)
class Operation:
    """What one operation did to a wave: how many establishments `entered` it, how many `left` it."""

    key: UUID
    recorded_at: datetime
    effective_on: date
    author: str
    reason: str
    decision_reference: str
    entered: int
    left: int


def operations_of(wave: Wave) -> list[Operation]:
    """The operations that put someone into the wave or took someone out of it, newest first, `MOST` at most."""
    insiders = WaveMove.objects.filter(wave=wave).values("establishment")
    rows = (
        WaveMove.objects.filter(Q(wave=wave) | Q(establishment__in=insiders))
        .select_related("author")
        .order_by("establishment", "effective_on", "recorded_at", "pk")
    )
    told: dict[UUID, tuple[WaveMove, list[int]]] = {}
    for _, history in groupby(rows, key=lambda row: row.establishment_id):
        inside = False
        for row in history:
            enters = row.wave_id == wave.pk
            if enters != inside:
                tally = told.setdefault(row.operation, (row, [0, 0]))[1]
                tally[0 if enters else 1] += 1
            inside = enters
    newest = sorted(told.values(), key=lambda pair: pair[0].recorded_at, reverse=True)[:MOST]
    return [_told(row, entered, left) for row, (entered, left) in newest]


def _told(row: WaveMove, entered: int, left: int) -> Operation:
    return Operation(
        key=row.operation,
        recorded_at=row.recorded_at,
        effective_on=row.effective_on,
        author=str(row.author or "la ligne de commande"),
        reason=row.reason,
        decision_reference=row.decision_reference,
        entered=entered,
        left=left,
    )
