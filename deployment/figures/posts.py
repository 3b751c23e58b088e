"""Figures of the persons in post."""

from __future__ import annotations

from datetime import date, datetime

from deployment.models import Academy, Establishment, PostHolding
from figures.french import short_day
from figures.kinds import Count, Exclusion, Population

READ = ("agency_uai", "wave_code")


def vacant_accountants(academy: Academy, *, on: date, known_at: datetime | None = None, wave: str = "") -> Count:
    """Agencies whose accountant's post is vacant, among those with establishments in that wave (all when empty).

    An agency whose accountant the register does not tell is left out of the population: nobody knows. Rows are the
    UAIs of the seats.
    """
    rows = Establishment.objects.filter(academy=academy).existing_on(on).with_wave(on, known_at)
    members = rows.with_agency(on, known_at).order_by("uai").values_list(*READ)
    seats = {seat for seat, code in members if seat and (not wave or code == wave)}
    accountants = PostHolding.objects.accountants(academy, on, known_at)
    told = sorted(seat for seat in seats if seat in accountants)
    vacant = tuple(seat for seat in told if accountants[seat].is_vacant)
    inside = f" ayant des établissements de la {wave}" if wave else ""
    untold = (Exclusion("agent comptable non renseigné", len(seats) - len(told)),) if len(told) < len(seats) else ()
    return Count(
        name="vacant_accountants",
        title="Postes d’agent comptable vacants",
        academy=academy.slug,
        on=on,
        known_at=known_at,
        population=Population(f"Agences comptables{inside} au {short_day(on)}", len(told), untold),
        source="Registres des prises de poste et des rattachements",
        parameters={"wave": wave} if wave else {},
        value=len(vacant),
        rows={"total": vacant},
    )
