"""Persons that answers name: volunteers to tutor, and persons to train (COSUI, points 2 and 3).

A person is an address; without one, each line is a person. Keys of rows hold no name: they say where to read it,
`UAI/version.line`, several joined by `+` for a person told by several establishments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from deployment.choices import Function, Sphere
from deployment.models import Academy
from figures.breakdowns import Breakdown, Part, Share
from figures.french import count
from surveys import contents
from surveys.choices import Purpose
from surveys.figures.reading import Reading, read

PERSON = "person"
OTHER = "other"
TRAINED = {
    Function.HEAD: "Ordonnateurs",
    Function.SECRETARY_GENERAL: "Secrétaires généraux",
    Function.BURSARY_STAFF: "Personnels d’intendance",
    Function.VOCATIONAL_TRAINING_DIRECTOR: "DDFPT",
}
RATE = Share("rate", "Taux de réponse", "answered", "asked")


@dataclass(frozen=True)
class Post:
    """One line of an answer: a person, in one function of one establishment. `person` is who it is."""

    key: str
    person: str
    function: str
    spheres: tuple[str, ...]


def tutor_volunteers(academy: Academy, *, on: date, known_at: datetime | None = None, campaign: int = 0) -> Breakdown:
    """Who offered to tutor by that day. One who offers both spheres is one volunteer and counts in each."""
    held = read(academy, Purpose.TUTOR_VOLUNTEERS, on=on, known_at=known_at, campaign=campaign)
    people = _people(_posts(held, _volunteers))
    spheres = {sphere: _in_sphere(people, sphere) for sphere in Sphere}
    groups = {
        "volunteers": ("Volontaires", people),
        Sphere.ORDERING.value: ("Sphère ordonnateur", spheres[Sphere.ORDERING]),
        Sphere.ACCOUNTING.value: ("Sphère comptable", spheres[Sphere.ACCOUNTING]),
    }
    parts = [
        Part(key, label, len(group), note=_posts_note(group), unit=PERSON) for key, (label, group) in groups.items()
    ]
    return Breakdown(
        **held.shared,
        name="tutor_volunteers",
        title="Tuteurs volontaires",
        parts=(*_answers(held), *parts),
        shares=(RATE,),
        drawn=(Sphere.ORDERING.value, Sphere.ACCOUNTING.value),
        drawn_title="Volontaires par sphère",
        rows=_establishment_rows(held) | {key: _keys(group) for key, (_, group) in groups.items()},
    )


def training_needs(academy: Academy, *, on: date, known_at: datetime | None = None, campaign: int = 0) -> Breakdown:
    """Who was to be trained by that day, by sphere and function; in each sphere a person counts in one function.

    The JSON promises four functions of the ordering sphere; the others are shown when somebody holds them.
    """
    held = read(academy, Purpose.TRAINING_NEEDS, on=on, known_at=known_at, campaign=campaign)
    people = _people(_posts(held, _trainees))
    parts, rows = [*_answers(held)], dict(_establishment_rows(held))
    for sphere in Sphere:
        inside = _in_sphere(people, sphere)
        total = f"{sphere.value}/total"
        parts.append(Part(total, sphere.label, len(inside), note=_posts_note(inside), unit=PERSON))
        rows[total] = _keys(inside)
        for key, label, group, is_told in _by_function(sphere, inside):
            parts.append(Part(f"{sphere.value}/{key}", label, len(group), unit=PERSON, is_told=is_told))
            rows[f"{sphere.value}/{key}"] = _keys(group)
    ordering = [part.key for part in parts if part.key.startswith("ordering/") and not part.is_group]
    return Breakdown(
        **held.shared,
        name="training_needs",
        title="Besoins de formation",
        parts=tuple(parts),
        shares=(),
        drawn=tuple(ordering),
        drawn_title="Besoins en sphère ordonnateur, par fonction",
        rows=rows,
    )


People = Mapping[str, Sequence[Post]]


def _posts(
    held: Reading, read_lines: Callable[[contents.Content], Iterable[tuple[str, str, tuple[str, ...]]]]
) -> list[Post]:
    """Every line of every answer: (address, function, spheres) by `read_lines`."""
    return [
        Post(key := f"{said.uai}/{said.version}.{line}", email.strip().lower() or key, function, spheres)
        for said in held.said
        for line, (email, function, spheres) in enumerate(read_lines(said.content))
    ]


def _volunteers(content: contents.Content) -> Iterable[tuple[str, str, tuple[str, ...]]]:
    return ((one.email, one.function, one.spheres) for one in contents.volunteers(content))


def _trainees(content: contents.Content) -> Iterable[tuple[str, str, tuple[str, ...]]]:
    return ((one.email, one.function, (one.sphere,)) for one in contents.trainees(content))


def _people(posts: Iterable[Post]) -> People:
    people: dict[str, list[Post]] = defaultdict(list)
    for post in posts:
        people[post.person].append(post)
    return people


def _in_sphere(people: People, sphere: Sphere) -> People:
    """Who is told in that sphere, with their posts in it."""
    inside = {person: [p for p in posts if sphere.value in p.spheres] for person, posts in people.items()}
    return {person: posts for person, posts in inside.items() if posts}


def _by_function(sphere: Sphere, people: People) -> list[tuple[str, str, People, bool]]:
    """(key, label, who, whether the JSON promises it); who holds several functions counts in the first of the list."""
    order = [function.value for function in (*TRAINED, *(f for f in Function if f not in TRAINED))]
    groups: dict[str, dict[str, Sequence[Post]]] = {function: {} for function in order}
    for person, posts in people.items():
        mine = [post.function for post in posts]
        first = next((function for function in order if function in mine), OTHER)
        groups.setdefault(first, {})[person] = posts
    promised = {f.value for f in TRAINED} if sphere == Sphere.ORDERING else set()
    return [
        (key, _function_label(key), group, key in promised)
        for key, group in groups.items()
        if group or key in promised
    ]  # fmt: skip


def _function_label(key: str) -> str:
    if key == OTHER:
        return "Autres fonctions"
    return TRAINED.get(Function(key)) or {
        Function.ACCOUNTANT: "Agents comptables",
        Function.DEPUTY_ACCOUNTANT: "Fondés de pouvoir",
    }.get(Function(key), Function(key).label)


def _answers(held: Reading) -> tuple[Part, Part]:
    return (
        Part("asked", "Établissements sollicités", len(held.asked)),
        Part("answered", "Établissements ayant répondu", len(held.answered), note=held.late_note),
    )


def _establishment_rows(held: Reading) -> dict[str, tuple[str, ...]]:
    return {"asked": held.asked, "answered": held.answered}


def _posts_note(people: People) -> str:
    """« pour 231 postes » when somebody is told more than once."""
    posts = sum(len(held) for held in people.values())
    return f"pour {count(posts, 'poste')}" if posts != len(people) else ""


def _keys(people: People) -> tuple[str, ...]:
    return tuple("+".join(post.key for post in posts) for posts in people.values())
