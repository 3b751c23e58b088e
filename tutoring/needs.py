"""Needs of a wave on a day: computed from waves, agencies, posts and assignments, never typed.

One tutor of the ordering sphere and one of the accounting sphere an agency that has establishments in the wave. An
agency that already has a tutor of that sphere, from an earlier wave, needs none. Where the accountant's post is vacant,
the accounting tutor is needed only once somebody is there: such agencies make the range.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from deployment.choices import Function, Sphere
from deployment.models import Academy, AccountingAgency, Establishment, PostHolding, Wave
from tutoring.models import Assignment

READ = ("uai", "agency_uai")


@dataclass(frozen=True)
class AgencyNeed:
    """What one agency needs for one wave. `covered` spheres have a tutor from an earlier wave already."""

    seat: str
    members: tuple[str, ...]
    has_no_accountant: bool
    covered: frozenset[Sphere]

    def is_certain(self, sphere: Sphere) -> bool:
        """A tutor to find now."""
        waits = sphere == Sphere.ACCOUNTING and self.has_no_accountant
        return sphere not in self.covered and not waits

    def is_waiting(self, sphere: Sphere) -> bool:
        """A tutor to find when the post is filled."""
        return sphere == Sphere.ACCOUNTING and self.has_no_accountant and sphere not in self.covered


def needs_of(wave: Wave, *, on: date, known_at: datetime | None = None) -> list[AgencyNeed]:
    """One line an agency with establishments in the wave on that day; five queries whatever the size."""
    academy = wave.academy
    rows = Establishment.objects.filter(academy=academy).existing_on(on).with_wave(on, known_at)
    rows = rows.with_agency(on, known_at).filter(**{"wave_code": wave.code}).order_by("uai")
    members: dict[str, list[str]] = defaultdict(list)
    for uai, seat in rows.values_list(*READ):
        members[seat or ""].append(uai)
    vacant = _vacant_seats(academy, on, known_at)
    covered = _covered(wave, on, known_at)
    return [
        AgencyNeed(seat, tuple(uais), seat in vacant, frozenset(covered[seat]))
        for seat, uais in sorted(members.items())
        if seat
    ]


def without_agency(wave: Wave, *, on: date, known_at: datetime | None = None) -> tuple[str, ...]:
    """UAIs of the wave that belong to no agency on that day: their need cannot be told."""
    rows = Establishment.objects.filter(academy=wave.academy).existing_on(on).with_wave(on, known_at)
    lost = rows.with_agency(on, known_at).filter(**{"wave_code": wave.code, "agency_uai__isnull": True})
    return tuple(lost.order_by("uai").values_list("uai", flat=True))


def _vacant_seats(academy: Academy, on: date, known_at: datetime | None) -> set[str]:
    rows = PostHolding.objects.filter(post__establishment__academy=academy, post__function=Function.ACCOUNTANT)
    in_force = rows.in_force(on, known_at).values_list("post__establishment__uai", "name", "is_withdrawn")
    return {uai for uai, name, is_withdrawn in in_force if not name and not is_withdrawn}


def _covered(wave: Wave, on: date, known_at: datetime | None) -> dict[str, set[Sphere]]:
    """Spheres in which an agency, by its seat's UAI, already has a tutor of an earlier wave."""
    seats = AccountingAgency.objects.filter(academy=wave.academy).values("pk")
    rows = Assignment.objects.filter(need__agency__in=seats, need__wave__rank__lt=wave.rank).in_force(on, known_at)
    found: dict[str, set[Sphere]] = defaultdict(set)
    for seat, sphere, tutor in rows.values_list("need__agency__seat__uai", "need__sphere", "tutor_id"):
        if tutor:  # a condition on the rows in force would be applied before they are chosen
            found[seat].add(Sphere(sphere))
    return found
