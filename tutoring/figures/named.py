"""Who stands behind a count of tutors: the keys of its rows read as names, in the same form as persons of answers."""

from __future__ import annotations

from collections.abc import Iterable

from deployment.models import Academy
from surveys.figures.named import NamedPerson
from tutoring.models import Tutor


def tutors_named(academy: Academy, keys: Iterable[str]) -> list[NamedPerson]:
    """The tutors of these primary keys, in that order, in one query."""
    asked = [int(key) for key in keys]
    rows = Tutor.objects.filter(academy=academy).select_related("establishment").in_bulk(asked)
    return [_person(rows[key]) for key in asked if key in rows]


def _person(tutor: Tutor) -> NamedPerson:
    return NamedPerson(
        name=tutor.name,
        email=tutor.email,
        function=tutor.get_function_display(),
        establishments=tutor.origin,
        uais=tutor.establishment.uai if tutor.establishment else "",
    )
