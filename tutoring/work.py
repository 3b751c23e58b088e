"""What a tutor does, as pages show it: the establishments tutored, their difficulty and contacts, and the visits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from deployment.choices import Function, Sphere
from deployment.models import Academy, Establishment, Holder, PostHolding
from tutoring.coverage import spells
from tutoring.models import Difficulty, Tutor, Visit
from tutoring.models.visits import VisitQuerySet
from tutoring.services import visit_links

CONTACTS = (Function.HEAD, Function.SECRETARY_GENERAL, Function.ACCOUNTANT, Function.DEPUTY_ACCOUNTANT)


@dataclass(frozen=True)
class TutoredPlace:
    """One establishment that a tutor tutors on a day. `contacts`: function in words, and who holds it."""

    establishment: Establishment
    spheres: tuple[str, ...]
    difficulty: Difficulty | None
    contacts: tuple[tuple[str, Holder], ...]


def tutored_places(academy: Academy, tutors: Iterable[Tutor], on: date) -> list[TutoredPlace]:
    """By name; a constant number of queries."""
    held: dict[int, set[str]] = defaultdict(set)
    for spell in spells(academy, on, on, tutors=[tutor.pk for tutor in tutors]):
        held[spell.establishment].add(spell.sphere)
    places = Establishment.objects.filter(pk__in=held).select_related("academy").order_by("sort_name", "uai")
    levels = difficulties(held, on)
    people = PostHolding.objects.holders(held, on)
    return [
        TutoredPlace(
            place,
            tuple(str(sphere.label) for sphere in Sphere if sphere in held[place.pk]),
            levels.get(place.pk),
            tuple(
                (str(function.label), holder) for function in CONTACTS for holder in people[place.pk].get(function, [])
            ),
        )
        for place in places
    ]


def difficulties(establishments: Iterable[int], on: date) -> dict[int, Difficulty]:
    """The level in force on that day, by establishment (primary key); absent when nobody told any."""
    rows = Difficulty.objects.filter(establishment__in=list(establishments)).in_force(on)
    return {row.establishment_id: row for row in rows}


def shown(academy: Academy, visits: VisitQuerySet) -> list[Visit]:
    """These visits with all that their rows show; a constant number of queries."""
    rows = list(visits.with_feedback().select_related("tutor__academy", "establishment"))
    told = visit_links.warnings(academy, rows)
    for row in rows:
        row.warning = told.get(row.pk, "")
    return rows
