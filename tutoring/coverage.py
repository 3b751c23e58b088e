"""Which establishments a tutor tutors, and when: the registers of tutorships, waves and agencies crossed.

A tutorship serves a need: one sphere of one agency for one wave. The establishments tutored on a day are those that
belong on that day to the agency and to the wave. The tutor of an earlier wave goes on with the establishments of the
agency that have cut over since, as long as their own wave has no tutor of that sphere: the need says so too (needs.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from deployment.models import Academy, AgencyMembership, Establishment, Wave, WaveMove
from tutoring.models import Assignment, Tutor

Value = TypeVar("Value")
Stretch = tuple[date, date]  # first day, and the day after the last one
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Spell:
    """One tutor tutors one establishment in one sphere, from a day to another, both included. Keys are primary keys."""

    tutor: int
    establishment: int
    sphere: str
    starts_on: date
    ends_on: date

    @property
    def days(self) -> set[date]:
        return {self.starts_on + ONE_DAY * n for n in range((self.ends_on - self.starts_on).days + 1)}


def spells(
    academy: Academy,
    first: date,
    last: date,
    *,
    tutors: Iterable[int] | None = None,
    known_at: datetime | None = None,
) -> list[Spell]:
    """Every spell of these tutors (all of the académie by default) between two days included; six queries."""
    end = last + ONE_DAY
    needs: dict[int, dict[str, list[Served]]] = defaultdict(lambda: defaultdict(list))
    for rank, agency, sphere, history in _needs(academy, last, tutors, known_at):
        held = [(tutor, stretch) for tutor, stretch in _stretches(history, first, end) if tutor]
        needs[agency][sphere].append((rank, held))
    people = {pk: bounds for pk, *bounds in Tutor.objects.filter(academy=academy).values_list(*TUTOR_BOUNDS)}
    wanted = people.keys() if tutors is None else set(tutors)
    waves = {wave.pk: wave for wave in Wave.objects.filter(academy=academy).with_state(last, known_at)}
    found = []
    for establishment, wave, agency, stretch in _places(academy, needs.keys(), first, end, known_at):
        for sphere, served in needs[agency].items():
            for tutor, common in _serving(served, waves[wave], stretch):
                held_in = _common(common, _mission(people[tutor], first, end)) if tutor in wanted else None
                if held_in:
                    found.append(Spell(tutor, establishment, sphere, held_in[0], held_in[1] - ONE_DAY))
    return sorted(found)


def _serving(served: list[Served], wave: Wave, stretch: Stretch) -> Iterator[tuple[int, Stretch]]:
    """Who serves an establishment of that wave, when: the tutor of its own wave first, else of the last one before."""
    free = [stretch]
    for rank, held in sorted(served, key=lambda row: row[0], reverse=True):
        since = date.min if rank == wave.rank else wave.cutover_on
        if rank > wave.rank or since is None:
            continue
        for tutor, held_in in held:
            taken = [common for piece in free if (common := _common(piece, held_in, (since, date.max)))]
            free = [rest for piece in free for rest in _without(piece, taken)]
            yield from ((tutor, common) for common in taken)


def tutored_on(academy: Academy, tutor: int, day: date) -> set[int]:
    """Primary keys of the establishments that this tutor tutors on that day."""
    return {spell.establishment for spell in spells(academy, day, day, tutors=[tutor])}


TUTOR_BOUNDS = ("pk", "available_from", "ended_on")
Served = tuple[int, list[tuple[int, Stretch]]]  # rank of the wave of the need, and who served it, when
Need = tuple[int, int, str, dict[date, int | None]]  # rank of the wave, agency, sphere, who served it from each day


def _needs(academy: Academy, last: date, tutors: Iterable[int] | None, known_at: datetime | None) -> list[Need]:
    """Each need of the agencies that one of these tutors ever served."""
    rows = Assignment.objects.filter(need__wave__academy=academy)
    if tutors is not None:
        rows = rows.filter(need__agency__in=Assignment.objects.filter(tutor__in=list(tutors)).values("need__agency"))
    found: dict[int, Need] = {}
    read = ("need_id", "need__wave__rank", "need__agency_id", "need__sphere", "tutor_id", "effective_on")
    for need, rank, agency, sphere, tutor, day in rows.replayed(last, known_at).values_list(*read):
        found.setdefault(need, (rank, agency, sphere, {}))[3][day] = tutor
    return list(found.values())


def _places(
    academy: Academy, asked: Collection[int], first: date, end: date, known_at: datetime | None
) -> Iterator[tuple[int, int, int, Stretch]]:
    """(establishment, wave, agency, stretch): when each establishment of these agencies was in which wave."""
    ever = AgencyMembership.objects.filter(agency__in=list(asked)).values("establishment")
    rows = Establishment.objects.filter(academy=academy, pk__in=ever)
    closings = dict(rows.values_list("pk", "closed_on"))
    here = list(closings)  # by their keys: PostgreSQL, before it knows its tables, nests the conditions for minutes
    waves = _histories(WaveMove.objects.filter(establishment__in=here), "wave_id", end, known_at)
    members = AgencyMembership.objects.filter(establishment__in=here)
    agencies = _histories(members, "agency_id", end, known_at)
    for establishment, closed_on in sorted(closings.items()):
        until = min(end, closed_on) if closed_on else end
        for wave, in_wave in _stretches(waves[establishment], first, until):
            for agency, in_agency in _stretches(agencies[establishment], first, until):
                common = _common(in_wave, in_agency)
                if common and wave and agency and agency in asked:
                    yield establishment, wave, agency, common


def _histories(rows: Any, field: str, end: date, known_at: datetime | None) -> Mapping[int, dict[date, int | None]]:
    found: dict[int, dict[date, int | None]] = defaultdict(dict)
    for establishment, value, day in rows.replayed(end, known_at).values_list(
        "establishment_id", field, "effective_on"
    ):
        found[establishment][day] = value
    return found


def _stretches(history: Mapping[date, Value], first: date, end: date) -> Iterator[tuple[Value, Stretch]]:
    """What a history says between two days, stretch by stretch."""
    days = sorted(history)
    for day, following in zip(days, [*days, end][1:], strict=True):
        stretch = max(day, first), min(following, end)
        if stretch[0] < stretch[1]:
            yield history[day], stretch


def _mission(bounds: list[date | None], first: date, end: date) -> Stretch:
    """When the tutor's mission runs, inside these days."""
    available_from, ended_on = bounds
    return max(available_from or first, first), min(ended_on or end, end)


def _without(stretch: Stretch, taken: list[Stretch]) -> list[Stretch]:
    """What is left of a stretch once others, that do not overlap each other, are taken from it."""
    left, start = [], stretch[0]
    for first, end in sorted(taken):
        if stretch[0] <= first < stretch[1]:
            left.append((start, first))
            start = end
    return [piece for piece in (*left, (start, stretch[1])) if piece[0] < piece[1]]


def _common(*stretches: Stretch) -> Stretch | None:
    """The days that all hold."""
    common = max(stretch[0] for stretch in stretches), min(stretch[1] for stretch in stretches)
    return common if common[0] < common[1] else None
