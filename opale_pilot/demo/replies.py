"""What the invented establishments answered: contents whose totals are the COSUI's own, the same at every run."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from deployment.choices import Function, Kind, Sphere
from deployment.models import Holder
from opale_pilot.demo.posts import invented
from surveys.choices import WishReason

TRAINED = {Function.HEAD: 59, Function.SECRETARY_GENERAL: 68, Function.BURSARY_STAFF: 96}
TRAINING_DIRECTORS, TRAINED_ACCOUNTING = 2, 8
VOLUNTEERS = {Sphere.ORDERING: 35, Sphere.ACCOUNTING: 6}
STAFF_FROM = 1000  # numbers of the invented persons who hold no known post
WHY = (WishReason.NEW_ACCOUNTANT, WishReason.VACANT_POST, WishReason.WORKLOAD, WishReason.AGENCY, WishReason.WORKS)
PROGRESS = ("Commencée", "Pas encore", "Terminée")
OBSTACLES = ("Les bourses", "Les premiers paiements", "La classe 9", "Aucune difficulté")

Content = dict[str, Any]
Held = Mapping[Function, Sequence[Holder]]


@dataclass(frozen=True)
class Respondent:
    """One establishment that answers: its key, what it is, who holds its posts."""

    key: int
    kind: str
    is_seat: bool
    held: Held

    def person(self, function: Function) -> Holder | None:
        return next((holder for holder in self.held.get(function, ()) if holder.email), None)


def training(respondents: Sequence[Respondent]) -> dict[int, Content]:
    """225 persons of the ordering sphere and 8 of the accounting one; who serves two places is told by both."""
    own = [r for r in respondents if r.kind != Kind.GRETA]
    lines: dict[int, list[Content]] = {r.key: [] for r in respondents}
    for function in (Function.HEAD, Function.SECRETARY_GENERAL):
        for key, holder in _first(own, function, TRAINED[function]):
            lines[key].append(_trainee(holder, function, Sphere.ORDERING))
    staff = _strangers(STAFF_FROM)
    for place in range(TRAINED[Function.BURSARY_STAFF]):
        key = respondents[place % len(respondents)].key
        lines[key].append(_trainee(next(staff), Function.BURSARY_STAFF, Sphere.ORDERING))
    for lycee in [r for r in own if r.kind == Kind.LYCEE][:TRAINING_DIRECTORS]:
        director = Function.VOCATIONAL_TRAINING_DIRECTOR
        lines[lycee.key].append(_trainee(next(staff), director, Sphere.ORDERING))
    for seat in sorted(own, key=lambda r: not r.is_seat)[:TRAINED_ACCOUNTING]:
        lines[seat.key].append(_trainee(next(staff), Function.BURSARY_STAFF, Sphere.ACCOUNTING))
    return {key: {"none": not people, "people": people, "comment": ""} for key, people in lines.items()}


def volunteers(respondents: Sequence[Respondent]) -> dict[int, Content]:
    """41 volunteers: secretaries general for the ordering sphere, accountants for the other; elsewhere, nobody."""
    lines: dict[int, list[Content]] = {r.key: [] for r in respondents}
    chosen = ((Sphere.ORDERING, Function.SECRETARY_GENERAL), (Sphere.ACCOUNTING, Function.ACCOUNTANT))
    for sphere, function in chosen:
        for key, holder in _first(respondents, function, VOLUNTEERS[sphere], again=False):
            lines[key].append(_volunteer(holder, function, sphere))
    return {key: {"none": not people, "people": people} for key, people in lines.items()}


def wish(wave: str, planned: str, chance: random.Random) -> Content:
    """A wish, with a reason when it is not the wave planned."""
    reason = WishReason.AS_PLANNED if wave == planned else chance.choice(WHY)
    return {"wave": wave, "reason": reason.value, "comment": ""}


def cofi(questions: Sequence[int], chance: random.Random) -> Content:
    """Values of the four questions of the COFI campaign."""
    values = (chance.choice(PROGRESS), [chance.choice(OBSTACLES)], chance.randint(0, 40), "")
    return {"values": {str(key): value for key, value in zip(questions, values, strict=True)}}


def moments(start: datetime, end: date, number: int, chance: random.Random) -> list[datetime]:
    """Instants of working hours, on working days, after `start` and no later than that day; in order."""
    first = timezone.localtime(start).date()
    days = [first + timedelta(days=n) for n in range((end - first).days + 1)]
    days = [day for day in days if day.weekday() < 5]
    drawn = [
        timezone.make_aware(datetime.combine(chance.choice(days), time(chance.randint(8, 17), chance.randint(0, 59))))
        for _ in range(number)
    ]
    return sorted(max(instant, start + timedelta(hours=1)) for instant in drawn)


def shuffled(keys: Collection[int], chance: random.Random) -> list[int]:
    drawn = sorted(keys)
    chance.shuffle(drawn)
    return drawn


def _first(
    respondents: Sequence[Respondent], function: Function, wanted: int, *, again: bool = True
) -> Iterator[tuple[int, Holder]]:
    """That many persons, each where they are met; `again`: also wherever else they serve."""
    seen: set[str] = set()
    for respondent in respondents:
        holder = respondent.person(function)
        if holder and (again if holder.email in seen else len(seen) < wanted):
            seen.add(holder.email)
            yield respondent.key, holder
    if len(seen) < wanted:
        raise ValueError(f"The demonstration has {len(seen)} persons where the COSUI told {wanted}.")


def _strangers(first: int) -> Iterator[Holder]:
    number = first
    while True:
        yield Holder(*invented(number))
        number += 1


def _trainee(holder: Holder, function: Function, sphere: Sphere) -> Content:
    told = {"name": holder.name, "email": holder.email, "function": function.value, "sphere": sphere.value}
    return told | {"starts_on": "", "need": ""}


def _volunteer(holder: Holder, function: Function, sphere: Sphere) -> Content:
    told = {"name": holder.name, "email": holder.email, "function": function.value, "spheres": [sphere.value]}
    return told | {"capacity": 2, "is_remote": True, "area": "", "motivation": ""}
