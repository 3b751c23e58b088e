"""Who stands behind a count of persons: names read in the answers themselves, never kept in a figure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deployment.choices import Function
from deployment.models import Academy
from figures.french import enumeration
from surveys.models import AnswerVersion

FEW = 5  # persons: fewer are not told by their establishments to who may not read the answers


@dataclass(frozen=True)
class NamedPerson:
    """One person, as first told, with every establishment that told them."""

    name: str
    email: str
    function: str
    establishments: str
    uais: str


def named(academy: Academy, keys: Iterable[str]) -> list[NamedPerson]:
    """The persons of these row keys, in that order, in one query. One whose answer was erased keeps its place."""
    told = [[_place(part) for part in key.split("+")] for key in keys]
    versions = AnswerVersion.objects.filter(answer__entry__campaign__academy=academy)
    rows = versions.filter(pk__in={version for places in told for _, version, _ in places})
    found = {row.pk: row for row in rows.select_related("answer__entry__establishment")}
    return [_person([(uai, found.get(version), line) for uai, version, line in places]) for places in told]


def establishments(keys: Iterable[str]) -> set[str]:
    """UAIs behind these row keys."""
    return {_place(part)[0] for key in keys for part in key.split("+")}


def _person(places: Sequence[tuple[str, AnswerVersion | None, int]]) -> NamedPerson:
    _, version, line = places[0]
    person = version.content["people"][line] if version else {}
    function = person.get("function", "")
    names = dict.fromkeys(str(row.answer.entry.establishment) for _, row, _ in places if row)
    return NamedPerson(
        name=person.get("name", ""),
        email=person.get("email", ""),
        function=Function(function).label if function in Function.values else function,
        establishments=enumeration(names),
        uais=", ".join(dict.fromkeys(uai for uai, _, _ in places)),
    )


def _place(part: str) -> tuple[str, int, int]:
    """`UAI/version.line`."""
    uai, _, place = part.partition("/")
    version, _, line = place.partition(".")
    return uai, int(version), int(line)
