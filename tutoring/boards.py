"""What the matching page shows: each pair with its reasons and next choices, and what stops the unserved needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse

from deployment.choices import Sphere
from deployment.models import Establishment
from figures.french import count, enumeration
from figures.kinds import Link, Place, PointMap, Population
from tutoring.appeals import appeals
from tutoring.explanations import Choice, choices, obstacles
from tutoring.matching import Need
from tutoring.models import Tutor
from tutoring.services.matchings import Board

OBSTACLES = {
    "sphere": ("n’est pas de cette sphère", "ne sont pas de cette sphère"),
    "own": ("est de l’établissement", "sont de l’établissement"),
    "agency": ("relève de l’agence", "relèvent de l’agence"),
    "reach": ("est trop loin", "sont trop loin"),
    "full": ("a déjà tout ce qu’il a accepté", "ont déjà tout ce qu’ils ont accepté"),
}
PAIRED, UNSERVED, TUTORS = "paired", "unserved", "tutors"


@dataclass(frozen=True)
class Option:
    """One tutor offered for a need, in words."""

    tutor: str
    words: str


@dataclass(frozen=True)
class PairLine:
    """One need with the tutor proposed. `value` is the pair as the page posts it back."""

    key: str
    seat: Establishment
    sphere: str
    tutor: Tutor
    value: str
    kilometres: int
    load: str
    reasons: tuple[str, ...]
    options: tuple[Option, ...]
    is_locked: bool
    tutor_url: str


@dataclass(frozen=True)
class UnservedLine:
    """One need that nobody serves, and why, in words."""

    key: str
    seat: Establishment
    sphere: str
    why: str
    options: tuple[Option, ...]
    is_locked: bool = False


@dataclass(frozen=True)
class BoardPage:
    """The board in words."""

    pairs: tuple[PairLine, ...]
    unserved: tuple[UnservedLine, ...]
    calls: tuple[str, ...]
    map: PointMap


def board_page(board: Board) -> BoardPage:
    """A constant number of queries: the seats, the tutors by name, and who can be called where needs are left."""
    problem = board.problem
    seats = {s.uai: s for s in Establishment.objects.filter(uai__in={n.establishment for n in problem.needs})}
    people = {str(t.pk): t for t in Tutor.objects.filter(academy=board.wave.academy).select_related("establishment")}
    told = choices(problem, board.solution)
    loads = Counter(board.solution.pairs.values())
    held = {tutor.key: (tutor.held, tutor.capacity) for tutor in problem.tutors}
    needs = sorted(problem.needs, key=lambda need: (seats[need.establishment].sort_name, need.key))
    pairs = []
    for need in needs:
        if need.key in board.solution.pairs:
            tutor = board.solution.pairs[need.key]
            before, room = held[tutor]
            load = f"{loads[tutor] + before} sur {room + before}"
            pairs.append(_pair(board, need, people, seats, told[need.key], load))
    return BoardPage(
        pairs=tuple(pairs),
        unserved=_unserved(board, needs, people, seats, told) if board.proposal else (),
        calls=appeals(board, seats, people) if board.proposal else (),
        map=_map(board, seats, people),
    )


def waiting_seats(board: Board) -> list[Establishment]:
    """Seats of the agencies whose accounting tutor waits for an accountant."""
    seats = Establishment.objects.filter(uai__in=[need.seat for need in board.waiting])
    return list(seats.order_by("sort_name", "uai"))


def _pair(
    board: Board,
    need: Need,
    people: Mapping[str, Tutor],
    seats: Mapping[str, Establishment],
    told: list[Choice],
    load: str,
) -> PairLine:
    tutor = board.solution.pairs[need.key]
    return PairLine(
        key=need.key,
        seat=seats[need.establishment],
        sphere=str(Sphere(need.sphere).label),
        tutor=people[tutor],
        value=f"{need.key}={tutor}",
        kilometres=round(told[0].distance / 1000),
        load=load,
        reasons=tuple(reason for reason in told[0].reasons if reason != "déjà proposé")[1:],
        options=_options(told, people),
        is_locked=board.problem.locked.get(need.key) == tutor,
        tutor_url=reverse("tutoring:tutor_detail", args=[board.wave.academy.slug, tutor]),
    )


def _options(told: list[Choice], people: Mapping[str, Tutor]) -> tuple[Option, ...]:
    """« Nom · 12 km · 5 km de plus » ; costs are in hectometres, told in kilometres."""
    return tuple(
        Option(choice.tutor, f"{people[choice.tutor]} · {choice.distance / 1000:.0f} km{_extra(choice.extra)}")
        for choice in told
    )


def _extra(cost: int) -> str:
    if not cost:
        return ""
    return f" · coût {'+' if cost > 0 else '−'} {abs(cost) / 10:.0f} km"


def _unserved(
    board: Board,
    needs: list[Need],
    people: Mapping[str, Tutor],
    seats: Mapping[str, Establishment],
    told: Mapping[str, list[Choice]],
) -> tuple[UnservedLine, ...]:
    return tuple(
        UnservedLine(
            need.key,
            seats[need.establishment],
            str(Sphere(need.sphere).label),
            _why(board, need, seats[need.establishment]),
            _options(told[need.key], people),
        )
        for need in needs
        if need.key not in board.solution.pairs
    )


def _why(board: Board, need: Need, seat: Establishment) -> str:
    """What stops it: how many tutors each rule rules out."""
    if not board.problem.tutors:
        return "Aucun tuteur n’est encore dans la liste."
    if seat.x is None:
        return "L’établissement n’a pas de coordonnées : aucune distance ne se calcule."
    found = obstacles(board.problem, board.solution, need)
    if sum(found.values()) < len(board.problem.tutors):
        return "Un tuteur est libre depuis le dernier calcul."
    said = enumeration([f"{number} {OBSTACLES[rule][number > 1]}" for rule, number in found.items()])
    return f"Sur {count(len(board.problem.tutors), 'tuteur')}, {said}."


def _map(board: Board, seats: Mapping[str, Establishment], people: Mapping[str, Tutor]) -> PointMap:
    """Seats with a tutor proposed for each need and not, and the tutors; what is registered is no need any more."""
    pairs = board.solution.pairs
    wanted = {n.establishment for n in board.problem.needs if n.key not in pairs}
    served = {n.establishment for n in board.problem.needs} - wanted
    homes = [people[tutor.key].establishment for tutor in board.problem.tutors]
    rows = {
        PAIRED: [seats[uai] for uai in sorted(served)],
        UNSERVED: [seats[uai] for uai in sorted(wanted)],
        TUTORS: [home for home in homes if home],
    }
    everyone = [place for group in rows.values() for place in group]
    located = sum(place.x is not None and place.y is not None for place in everyone)
    return PointMap(
        name="matching_map",
        title=f"Besoins et tuteurs de la {board.wave}",
        academy=board.wave.academy.slug,
        on=board.wave.academy.today,
        population=Population("Agences dont un besoin est à apparier, et tuteurs en mission", len(everyone)),
        source="Registres des vagues et des tutorats",
        groups=((PAIRED, "Agence avec proposition"), (UNSERVED, "Agence à servir"), (TUTORS, "Tuteur")),
        places=tuple(
            Place(place.uai, place.name, group, place.x, place.y)
            for group, places in rows.items()
            for place in places
            if place.x is not None and place.y is not None
        ),
        outlines=tuple(sorted({place.departement for place in everyone})),
        unlocated=len(everyone) - located,
        rows={group: tuple(place.uai for place in places) for group, places in rows.items()},
        links=_links(board, seats, people),
    )


def _links(board: Board, seats: Mapping[str, Establishment], people: Mapping[str, Tutor]) -> tuple[Link, ...]:
    """From the home of each tutor to the seat of the agency proposed."""
    ends = [
        (people[tutor].establishment, seats[need.rpartition("/")[0]]) for need, tutor in board.solution.pairs.items()
    ]
    return tuple(
        (home.x, home.y, seat.x, seat.y)
        for home, seat in ends
        if home and home.x is not None and home.y is not None and seat.x is not None and seat.y is not None
    )
