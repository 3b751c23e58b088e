"""Where to call for tutors, in words: the place, the sphere, and whom to ask there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import hypot

from deployment.choices import Function, Sphere
from deployment.models import Establishment, PostHolding
from figures.french import count, enumeration
from tutoring.explanations import TargetedCall, targeted_calls
from tutoring.models import Tutor
from tutoring.services.matchings import Board

REACH = 50_000  # metres around the place of a targeted call
MOST = 3
ASKED = {
    Sphere.ORDERING: {Function.SECRETARY_GENERAL: ("secrétaire général", "secrétaires généraux")},
    Sphere.ACCOUNTING: {
        Function.DEPUTY_ACCOUNTANT: ("fondé de pouvoir", "fondés de pouvoir"),
        Function.ACCOUNTANT: ("agent comptable", "agents comptables"),
    },
}


def appeals(board: Board, seats: Mapping[str, Establishment], people: Mapping[str, Tutor]) -> tuple[str, ...]:
    """One sentence a call: what it would fill, and how many persons in which functions could be asked there.

    Asked: those in post in establishments of earlier waves nearby, who are not tutors already. Nothing, and no query,
    when every need is served.
    """
    calls = targeted_calls(board.problem, board.solution, reach=REACH, most=MOST)
    if not calls:
        return ()
    on = board.wave.academy.today
    rows = board.wave.academy.establishments.existing_on(on).with_wave(on).filter(x__isnull=False, y__isnull=False)
    earlier = set(board.wave.academy.waves.filter(rank__lt=board.wave.rank).values_list("code", flat=True))
    places = [place for place in rows if place.wave_code in earlier]
    held = PostHolding.objects.holders([place.pk for place in places], on)
    tutors = {tutor.email.strip().lower() for tutor in people.values()}
    return tuple(_sentence(call, board, seats, _near(call, places, held, tutors)) for call in calls)


def _near(
    call: TargetedCall,
    places: Sequence[Establishment],
    held: Mapping[int, Mapping[Function, Sequence[object]]],
    tutors: set[str],
) -> dict[Function, set[str]]:
    """Addresses of those who could be asked around the place of the call, by function of its sphere."""
    around = [p.pk for p in places if hypot((p.x or 0.0) - call.x, (p.y or 0.0) - call.y) <= REACH]
    return {
        function: {
            address
            for place in around
            for holder in held[place].get(function, ())
            if (address := str(getattr(holder, "email", "")).strip().lower()) and address not in tutors
        }
        for function in ASKED[Sphere(call.sphere)]
    }


def _sentence(
    call: TargetedCall, board: Board, seats: Mapping[str, Establishment], near: Mapping[Function, set[str]]
) -> str:
    """« Un tuteur sphère comptable vers Crest servirait 3 besoins : à moins de 50 km, 4 fondés de pouvoir… »."""
    needs = {need.key: need for need in board.problem.needs}
    nearest = min((needs[key] for key in call.needs), key=lambda n: (abs(n.x - call.x) + abs(n.y - call.y), n.key))
    seat = seats[nearest.establishment]
    where = f"{seat.town} ({seat.name})" if seat.town else seat.name
    sphere = str(Sphere(call.sphere).label).lower()
    said = f"Un tuteur {sphere} vers {where} servirait {count(len(call.needs), 'besoin')}"
    asked = [count(len(who), *ASKED[Sphere(call.sphere)][function]) for function, who in near.items() if who]
    radius = f"À moins de {REACH // 1000} km, dans les vagues antérieures"
    if not asked:
        return f"{said}. {radius}, personne de ces fonctions n’est connu : élargissez l’appel."
    return f"{said}. {radius}, on peut solliciter {enumeration(asked)}."
