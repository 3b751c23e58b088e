"""The invented persons in post: heads, secretaries general, accountants; four agencies of V7 have no accountant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date
from itertools import count

from accounts.words import normalise
from deployment.choices import Function, Kind
from deployment.models import Academy, AccountingAgency, Establishment
from deployment.services import posts
from deployment.services.posts import Appointment

IN_POST_ON = date(2023, 9, 1)
VACANT_ON = date(2024, 9, 1)
REASON = "Personnes fictives (démonstration)"
DEPUTY_EVERY = 3  # one agency out of three has a deputy
VACANT_EVERY = 5  # of V7's nineteen seats, four
SITES = 6  # towns whose collège and lycée share a head or a secretary general
GIVEN = (
    "Adèle Amin Basile Brune Camille Célia Driss Elsa Émile Farah Félix Gaël Hana Ilan Inès Jade Joris Kenza Léon "
    "Lina Malo Maya Naïm Nora Oscar Perle Quentin Rose Sacha Selma Théo Tara Ulysse Violette Wassim Yanis Yara "
    "Zélie Zoé"
)
TREES = (
    "Ajonc Alisier Ancolie Arbousier Aubépine Bouleau Bruyère Camomille Cerfeuil Charme Coquelicot Cornouiller Cyprès "
    "Églantine Épicéa Érable Fougère Frêne Genévrier Gentiane Glycine Hêtre Houx Jonquille Lavandier Liseron Mélèze "
    "Mimosa Myrtille Noisetier Orme Peuplier Pivoine Primevère Roseau Sapin Saule Serpolet Sorbier Tilleul Verveine"
)
FIRST_NAMES, LAST_NAMES = GIVEN.split(), TREES.split()


def load(academy: Academy, v7: Collection[str]) -> None:
    """Everyone at once; `v7` are the UAIs of that wave, among whose agencies some have a vacant post."""
    everyone = list(academy.establishments.exclude(kind=Kind.GRETA).order_by("uai"))
    seats = [agency.seat for agency in AccountingAgency.objects.filter(academy=academy).select_related("seat")]
    vacant = sorted(seat.uai for seat in seats if seat.uai in v7)[::VACANT_EVERY]
    wanted = [*_ordering(everyone), *_accounting(sorted(seats, key=lambda seat: seat.uai), set(vacant))]
    posts.appoint(academy, wanted, by=None, reason=REASON)


def invented(number: int) -> tuple[str, str]:
    """Name and address of the person of that number: no two alike below the product of the two lists."""
    turn, place = divmod(number, len(FIRST_NAMES))
    first, last = FIRST_NAMES[place], LAST_NAMES[(turn + place) % len(LAST_NAMES)]
    return f"{first} {last}", f"{normalise(first)}.{normalise(last)}@demo.invalid"


def _ordering(establishments: list[Establishment]) -> Iterator[Appointment]:
    """A head and a secretary general everywhere; on the shared sites, alternately, one of them serves both places."""
    shared = _shared_sites(establishments)
    numbers, persons = count(), dict[tuple[str, Function], tuple[str, str]]()
    for establishment in establishments:
        for function in (Function.HEAD, Function.SECRETARY_GENERAL):
            site = establishment.town if shared.get(establishment.town) == function else establishment.uai
            if (site, function) not in persons:
                persons[site, function] = invented(next(numbers))
            yield Appointment(establishment, function, *persons[site, function], IN_POST_ON)


def _accounting(seats: list[Establishment], vacant: Collection[str]) -> Iterator[Appointment]:
    numbers = count(len(FIRST_NAMES) * len(LAST_NAMES) // 2)  # far after the heads
    for place, seat in enumerate(seats):
        yield Appointment(seat, Function.ACCOUNTANT, *invented(next(numbers)), IN_POST_ON)
        if seat.uai in vacant:
            yield Appointment(seat, Function.ACCOUNTANT, "", "", VACANT_ON)
        if place % DEPUTY_EVERY == 0:
            yield Appointment(seat, Function.DEPUTY_ACCOUNTANT, *invented(next(numbers)), IN_POST_ON)


def _shared_sites(establishments: list[Establishment]) -> dict[str, Function]:
    """Towns with one collège and one lycée only, and who serves both."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for establishment in establishments:
        kinds[establishment.town].append(establishment.kind)
    towns = sorted(town for town, own in kinds.items() if sorted(own) == [Kind.COLLEGE, Kind.LYCEE])[:SITES]
    return {town: (Function.HEAD, Function.SECRETARY_GENERAL)[place % 2] for place, town in enumerate(towns)}
