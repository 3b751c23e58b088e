"""The agencies of a wave, one line each: its establishments of the wave, and where its two tutors stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from deployment.choices import Sphere
from deployment.models import Establishment, Wave
from tutoring.models import Assignment, Difficulty, Proposal, Tutor
from tutoring.needs import AgencyNeed, needs_of
from tutoring.tutorships import standing_rows


@dataclass(frozen=True)
class TutorPlace:
    """Where the tutor of one sphere stands: `state` is served, coming, proposed, shared, waiting or missing."""

    state: str
    label: str
    tutor: Tutor | None = None
    wave: str = ""


@dataclass(frozen=True)
class AgencyLine:
    """One agency: its seat, its establishments of the wave, and a place a sphere."""

    seat: Establishment
    members: tuple[str, ...]
    places: tuple[TutorPlace, ...]
    has_no_accountant: bool
    difficulty: Difficulty | None  # the worst level among its establishments of the wave


def agency_lines(wave: Wave, *, on: date) -> list[AgencyLine]:
    """By name of the seat; a constant number of queries."""
    needs = needs_of(wave, on=on)
    seats = {seat.uai: seat for seat in Establishment.objects.filter(uai__in=[need.seat for need in needs])}
    served = {(row.need.key): row for row in _of_the_wave_or_before(wave, on)}
    proposal = Proposal.objects.filter(wave=wave).first()
    people = {str(tutor.pk): tutor for tutor in Tutor.objects.filter(academy=wave.academy)} if proposal else {}
    proposed = {key: people[who] for key, who in (proposal.pairs if proposal else {}).items() if who in people}
    levels = _levels([uai for need in needs for uai in need.members], on)
    lines = [
        AgencyLine(
            seats[need.seat],
            need.members,
            tuple(_place(need, sphere, wave, on, served, proposed) for sphere in Sphere),
            need.has_no_accountant,
            max((levels[uai] for uai in need.members if uai in levels), key=lambda row: row.level, default=None),
        )
        for need in needs
    ]
    return sorted(lines, key=lambda line: (line.seat.sort_name, line.seat.uai))


def _levels(uais: list[str], on: date) -> dict[str, Difficulty]:
    """The difficulty in force on that day, by UAI."""
    rows = Difficulty.objects.filter(establishment__uai__in=uais).in_force(on).select_related("establishment")
    return {row.establishment.uai: row for row in rows}


def _of_the_wave_or_before(wave: Wave, on: date) -> Iterator[Assignment]:
    """In the order of the waves, so that the tutor of the wave itself is the one told."""
    return (row for row in standing_rows(wave.academy, on) if row.need.wave.rank <= wave.rank)


def _place(
    need: AgencyNeed,
    sphere: Sphere,
    wave: Wave,
    on: date,
    served: Mapping[str, Assignment],
    proposed: Mapping[str, Tutor],
) -> TutorPlace:
    key = f"{need.seat}/{sphere}"
    if row := served.get(key):
        earlier = "" if row.need.wave_id == wave.pk else row.need.wave.code
        if row.effective_on > on:
            return TutorPlace("coming", f"À compter du {row.effective_on:%d/%m/%Y}", row.tutor, earlier)
        return TutorPlace("served", "En place", row.tutor, earlier)
    if not need.is_counted(sphere):
        return TutorPlace("shared", "Même agent comptable qu’une autre agence")
    if need.is_waiting(sphere):
        return TutorPlace("waiting", "En attente d’agent comptable")
    if key in proposed:
        return TutorPlace("proposed", "Proposé", proposed[key])
    return TutorPlace("missing", "À trouver")
