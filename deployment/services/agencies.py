"""Attaching establishments to accounting agencies: the only code that writes the register of memberships."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from django.db import transaction

from accounts import audit
from accounts.models import User
from deployment.models import Academy, AccountingAgency, AgencyMembership, Establishment
from deployment.rights import IMPORT_FILES
from deployment.services import registers
from deployment.services.waves import lock
from figures.french import count


class AgencyRefused(Exception):
    """The act breaks a rule of the agencies; the message is French and is shown to the person."""


@dataclass(frozen=True)
class Placement:
    """From a day on, this establishment belongs to the agency seated there; no seat means that it leaves its own."""

    establishment: Establishment
    seat: Establishment | None
    effective_on: date


@transaction.atomic
def attach(
    academy: Academy,
    placements: Iterable[Placement],
    *,
    by: User | None,
    reason: str,
    decision_reference: str = "",
    operation: UUID | None = None,
) -> list[AgencyMembership]:
    """Write each placement that differs from what the register holds for that day; returns the rows written.

    An agency that does not exist yet is created, named after its seat.
    """
    lock(academy)
    if not reason.strip():
        raise AgencyRefused("Indiquez le motif du rattachement.")
    ordered = sorted(placements, key=lambda placement: (placement.effective_on, placement.establishment.uai))
    _refuse_strangers(academy, ordered)
    agencies = _agencies(academy, {p.seat for p in ordered if p.seat})
    history = seats_through_time([placement.establishment for placement in ordered])
    template = AgencyMembership(
        reason=reason.strip(), decision_reference=decision_reference.strip(), author=by, operation=operation or uuid4()
    )
    kept: list[tuple[Establishment, AccountingAgency | None, date]] = []
    for placement in ordered:
        known, seat = history[placement.establishment.pk], placement.seat.uai if placement.seat else None
        if known.on(placement.effective_on) != seat:
            known.note(placement.effective_on, seat)
            kept.append((placement.establishment, agencies[seat] if seat else None, placement.effective_on))
    rows = _write(academy, kept, template)
    _trace(academy, rows, by)
    return rows


@transaction.atomic
def undo(academy: Academy, operation: UUID, *, by: User | None, reason: str = "") -> list[AgencyMembership]:
    """Correct every row of one operation back to what held before it. Refused when a later act touched its subjects."""
    lock(academy)
    written = list(
        AgencyMembership.objects.filter(operation=operation, establishment__academy=academy)
        .select_related("establishment")
        .order_by("effective_on", "pk")
    )
    if not written:
        raise AgencyRefused("Cette opération est introuvable dans cette académie.")
    subjects = [row.establishment_id for row in written]
    others = AgencyMembership.objects.filter(establishment__in=subjects).exclude(operation=operation)
    later = others.filter(recorded_at__gt=written[0].recorded_at).select_related("establishment").first()
    if later:
        raise AgencyRefused(f"{later.establishment} a été rattaché depuis : corrigez-le par un nouveau rattachement.")
    back = []
    for day in sorted({row.effective_on for row in written}):
        before = {row.establishment_id: row.agency for row in others.in_force(day).select_related("agency")}
        back += [(r.establishment, before.get(r.establishment_id), day) for r in written if r.effective_on == day]
    rows = _write(academy, back, AgencyMembership(reason=reason.strip() or "Annulation", author=by, operation=uuid4()))
    _trace(academy, rows, by)
    return rows


SeatHistory = registers.History[str]  # which agency (UAI of its seat) one establishment belongs to, through time


def seats_through_time(establishments: Collection[Establishment]) -> dict[int, SeatHistory]:
    """The history of each establishment, by primary key, in one query: on one day the row recorded last wins."""
    histories: dict[int, SeatHistory] = defaultdict(SeatHistory)
    rows = AgencyMembership.objects.filter(establishment__in=[e.pk for e in establishments])
    for establishment, day, seat in rows.order_by("recorded_at", "pk").values_list(
        "establishment_id", "effective_on", "agency__seat__uai"
    ):
        histories[establishment].note(day, seat)
    return histories


def _agencies(academy: Academy, seats: Collection[Establishment]) -> dict[str, AccountingAgency]:
    """The agency of each seat, by UAI, created where there is none."""
    AccountingAgency.objects.bulk_create(
        [AccountingAgency(academy=academy, seat=seat) for seat in sorted(seats, key=lambda seat: seat.uai)],
        ignore_conflicts=True,
    )
    found = AccountingAgency.objects.filter(seat__in=[seat.pk for seat in seats]).select_related("seat")
    return {agency.seat.uai: agency for agency in found}


def _refuse_strangers(academy: Academy, placements: Iterable[Placement]) -> None:
    for placement in placements:
        for establishment in (placement.establishment, placement.seat):
            if establishment and establishment.academy_id != academy.pk:
                raise AgencyRefused(f"{establishment} appartient à une autre académie.")


def _write(
    academy: Academy, rows: list[tuple[Establishment, AccountingAgency | None, date]], template: AgencyMembership
) -> list[AgencyMembership]:
    if not rows:
        return []
    recorded_at = registers.next_instant(AgencyMembership.objects.filter(establishment__academy=academy))
    return AgencyMembership.objects.bulk_create(
        AgencyMembership(
            establishment=establishment,
            agency=agency,
            effective_on=effective_on,
            recorded_at=recorded_at,
            reason=template.reason,
            decision_reference=template.decision_reference,
            author=template.author,
            operation=template.operation,
        )
        for establishment, agency, effective_on in rows
    )


def _trace(academy: Academy, rows: list[AgencyMembership], by: User | None) -> None:
    if rows:
        first = rows[0]
        audit.record(
            by,
            IMPORT_FILES,
            count(len(rows), "rattachement"),
            academy=academy.slug,
            operation=str(first.operation),
            reason=first.reason,
            decision_reference=first.decision_reference,
        )
