"""Needs of a wave on a day: computed from waves, agencies, posts and assignments, never typed.

One tutor of the ordering sphere and one of the accounting sphere an agency that has establishments in the wave. An
agency that already has a tutor of that sphere, from an earlier wave, needs none. Where the accountant's post is vacant,
the accounting tutor is needed only once somebody is there: such agencies make the range.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from deployment.choices import Sphere
from deployment.models import AccountingAgency, Establishment, PostHolding, Wave
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


@dataclass(frozen=True)
class WaveNeeds:
    """What a wave needs. `strays`: UAIs of its establishments that belong to no agency, whose need cannot be told."""

    lines: list[AgencyNeed]
    strays: tuple[str, ...]


def needs_of(wave: Wave, *, on: date, known_at: datetime | None = None) -> list[AgencyNeed]:
    """One line an agency with establishments in the wave on that day; a fixed number of queries."""
    return whole_needs_of(wave, on=on, known_at=known_at).lines


def whole_needs_of(wave: Wave, *, on: date, known_at: datetime | None = None) -> WaveNeeds:
    """The same, and who is left out of it, in one reading."""
    academy = wave.academy
    rows = Establishment.objects.filter(academy=academy).existing_on(on).with_wave(on, known_at)
    rows = rows.with_agency(on, known_at).filter(**{"wave_code": wave.code}).order_by("uai")
    members: dict[str, list[str]] = defaultdict(list)
    for uai, seat in rows.values_list(*READ):
        members[seat or ""].append(uai)
    accountants = PostHolding.objects.accountants(academy, on, known_at)
    vacant = {seat for seat, holder in accountants.items() if holder.is_vacant}
    covered = _covered(wave, on, known_at)
    strays = tuple(members.pop("", ()))
    lines = [
        AgencyNeed(seat, tuple(uais), seat in vacant, frozenset(covered[seat]))
        for seat, uais in sorted(members.items())
    ]
    return WaveNeeds(lines, strays)


def _covered(wave: Wave, on: date, known_at: datetime | None) -> dict[str, set[Sphere]]:
    """Spheres in which an agency, by its seat's UAI, already has a tutor of an earlier wave."""
    seats = AccountingAgency.objects.filter(academy=wave.academy).values("pk")
    rows = Assignment.objects.filter(need__agency__in=seats, need__wave__rank__lt=wave.rank).in_force(on, known_at)
    found: dict[str, set[Sphere]] = defaultdict(set)
    for seat, sphere, tutor in rows.values_list("need__agency__seat__uai", "need__sphere", "tutor_id"):
        if tutor:  # a condition on the rows in force would be applied before they are chosen
            found[seat].add(Sphere(sphere))
    return found
