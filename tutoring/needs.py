"""Needs of a wave on a day: computed from waves, agencies, posts and assignments, never typed.

One tutor of the ordering sphere and one of the accounting sphere an agency that has establishments in the wave. By the
other rule (`NeedRule.ACCOUNTANT`) an accountant who keeps several agencies needs one accounting tutor for them all. An
agency that already has a tutor of that sphere, from an earlier wave, needs none. Where the accountant's post is vacant,
the accounting tutor is needed only once somebody is there: such agencies make the range.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from deployment.choices import Sphere
from deployment.models import Academy, AccountingAgency, Establishment, Holder, PostHolding, Wave
from figures.readings import once
from tutoring.choices.candidates import NeedRule
from tutoring.models import Assignment, TutoringRules

READ = ("uai", "agency_uai")
NONE: frozenset[Sphere] = frozenset()


@dataclass(frozen=True)
class AgencyNeed:
    """What one agency needs for one wave. `covered` spheres have a tutor from an earlier wave already, `served` ones
    a tutor of this wave. `shared_with`: seat of the agency that carries the accounting need of the same accountant."""

    seat: str
    members: tuple[str, ...]
    has_no_accountant: bool
    covered: frozenset[Sphere] = NONE
    served: frozenset[Sphere] = NONE
    shared_with: str = ""

    def is_counted(self, sphere: Sphere) -> bool:
        """Whether the agency has a need of its own in that sphere."""
        return not (self.shared_with and sphere == Sphere.ACCOUNTING)

    def is_certain(self, sphere: Sphere) -> bool:
        """A tutor to find now, or found for this wave."""
        waits = sphere == Sphere.ACCOUNTING and self.has_no_accountant
        return self.is_counted(sphere) and sphere not in self.covered and not waits

    def is_waiting(self, sphere: Sphere) -> bool:
        """A tutor to find when the post is filled."""
        return sphere == Sphere.ACCOUNTING and self.has_no_accountant and sphere not in self.covered


@dataclass(frozen=True)
class WaveNeeds:
    """What a wave needs. `strays`: UAIs of its establishments that belong to no agency, whose need cannot be told."""

    lines: list[AgencyNeed]
    strays: tuple[str, ...]
    rule: NeedRule


def needs_of(wave: Wave, *, on: date, known_at: datetime | None = None) -> list[AgencyNeed]:
    """One line an agency with establishments in the wave on that day; a fixed number of queries."""
    return whole_needs_of(wave, on=on, known_at=known_at).lines


def whole_needs_of(
    wave: Wave, *, on: date, known_at: datetime | None = None, rule: NeedRule | None = None
) -> WaveNeeds:
    """The same, and who is left out of it, in one reading; by the académie's own rule unless another is asked."""
    rule = rule or rule_of(wave.academy)
    found, strays = by_rule(wave, on=on, known_at=known_at)
    return WaveNeeds(found[rule], strays, rule)


def by_rule(
    wave: Wave, *, on: date, known_at: datetime | None = None
) -> tuple[dict[NeedRule, list[AgencyNeed]], tuple[str, ...]]:
    """The lines by each rule, and the strays; read once in `one_reading`."""
    return once(("tutoring needs", wave.pk, on, known_at), lambda: _read(wave, on, known_at))


def _read(wave: Wave, on: date, known_at: datetime | None) -> tuple[dict[NeedRule, list[AgencyNeed]], tuple[str, ...]]:
    academy = wave.academy
    rows = Establishment.objects.filter(academy=academy).existing_on(on).with_wave(on, known_at)
    rows = rows.with_agency(on, known_at).filter(**{"wave_code": wave.code}).order_by("uai")
    members: dict[str, list[str]] = defaultdict(list)
    for uai, seat in rows.values_list(*READ):
        members[seat or ""].append(uai)
    accountants = PostHolding.objects.accountants(academy, on, known_at)
    vacant = {seat for seat, holder in accountants.items() if holder.is_vacant}
    covered, served = _tutored(wave, on, known_at)
    strays = tuple(members.pop("", ()))
    lines = [
        AgencyNeed(seat, tuple(uais), seat in vacant, frozenset(covered[seat]), frozenset(served[seat]))
        for seat, uais in sorted(members.items())
    ]
    return {NeedRule.AGENCY: lines, NeedRule.ACCOUNTANT: _by_accountant(lines, accountants, covered)}, strays


def rule_of(academy: Academy) -> NeedRule:
    """How the académie counts its needs."""

    def read() -> NeedRule:
        asked = TutoringRules.objects.filter(academy=academy).values_list("need_rule", flat=True).first()
        return NeedRule(asked) if asked else NeedRule.AGENCY

    return once(("need rule", academy.pk), read)


def _tutored(wave: Wave, on: date, known_at: datetime | None) -> tuple[dict[str, set[Sphere]], dict[str, set[Sphere]]]:
    """Spheres in which an agency, by its seat's UAI, has a tutor: of an earlier wave, and of this one."""
    seats = AccountingAgency.objects.filter(academy=wave.academy).values("pk")
    rows = Assignment.objects.filter(need__agency__in=seats, need__wave__rank__lte=wave.rank).in_force(on, known_at)
    before: dict[str, set[Sphere]] = defaultdict(set)
    now: dict[str, set[Sphere]] = defaultdict(set)
    for seat, sphere, tutor, rank in rows.values_list(
        "need__agency__seat__uai", "need__sphere", "tutor_id", "need__wave__rank"
    ):
        if tutor:  # a condition on the rows in force would be applied before they are chosen
            (before if rank < wave.rank else now)[seat].add(Sphere(sphere))
    return before, now


def _by_accountant(
    lines: Sequence[AgencyNeed], accountants: Mapping[str, Holder], covered: Mapping[str, set[Sphere]]
) -> list[AgencyNeed]:
    """The same agencies when an accountant needs one tutor for all they keep: the first agency carries the need."""
    keeper = {seat: _who(holder) for seat, holder in accountants.items() if not holder.is_vacant}
    tutored = {keeper[seat] for seat, spheres in covered.items() if Sphere.ACCOUNTING in spheres and seat in keeper}
    served = {keeper[line.seat] for line in lines if line.seat in keeper and Sphere.ACCOUNTING in line.served}
    first: dict[str, str] = {}
    found = []
    for line in lines:
        who = keeper.get(line.seat, "")
        carrier = first.setdefault(who, line.seat) if who else line.seat
        if carrier != line.seat:
            line = replace(line, shared_with=carrier)
        if who in tutored:
            line = replace(line, covered=line.covered | {Sphere.ACCOUNTING})
        if who in served:
            line = replace(line, served=line.served | {Sphere.ACCOUNTING})
        found.append(line)
    return found


def _who(holder: Holder) -> str:
    """One person, by address; without one, by name."""
    return holder.email.strip().lower() or holder.name.strip().lower()
