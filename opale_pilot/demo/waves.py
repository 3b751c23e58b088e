"""Which establishment is in which wave in the demonstration: invented lists whose totals are the COSUI's own."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from deployment.choices import Kind


@dataclass(frozen=True)
class WaveCalendar:
    """One wave: planned cutover, the day its list was decided, the day it switched if it did."""

    code: str
    cutover_on: date
    opened_on: date
    legal_basis: str
    switched: bool = False


STRETCH = "Étalement ministériel de juin 2024"
CALENDAR = (
    WaveCalendar("V1", date(2021, 9, 1), date(2021, 3, 1), "Établissements pilotes", switched=True),
    WaveCalendar("V2", date(2022, 1, 1), date(2021, 10, 1), "Calendrier national", switched=True),
    WaveCalendar("V3", date(2022, 9, 1), date(2022, 3, 1), "Calendrier national", switched=True),
    WaveCalendar("V4", date(2023, 1, 1), date(2022, 10, 3), "Calendrier national", switched=True),
    WaveCalendar("V5", date(2023, 9, 1), date(2023, 3, 1), "Calendrier national", switched=True),
    WaveCalendar("V6", date(2024, 1, 1), date(2023, 10, 2), "Calendrier national", switched=True),
    WaveCalendar("V7", date(2024, 9, 1), date(2024, 3, 1), "Calendrier national", switched=True),
    WaveCalendar("V8", date(2025, 1, 1), date(2024, 6, 28), "Calendrier national"),
    WaveCalendar("V9", date(2025, 9, 1), date(2024, 6, 28), "Calendrier national"),
    WaveCalendar("V10", date(2026, 1, 1), date(2024, 7, 1), STRETCH),
    WaveCalendar("V11", date(2026, 9, 1), date(2024, 7, 1), STRETCH),
    WaveCalendar("V12", date(2027, 1, 1), date(2024, 7, 1), STRETCH),
)

# Sizes by kind. V1 to V6 and V7's split are invented; V7's 59 and all that follows are the COSUI's.
FIRST_LISTS: Mapping[str, Mapping[Kind, int]] = {
    "V1": {Kind.COLLEGE: 2, Kind.LYCEE: 2},
    "V2": {Kind.COLLEGE: 9, Kind.LYCEE: 3},
    "V3": {Kind.COLLEGE: 18, Kind.LYCEE: 7},
    "V4": {Kind.COLLEGE: 21, Kind.LYCEE: 9},
    "V5": {Kind.COLLEGE: 25, Kind.LYCEE: 10},
    "V6": {Kind.COLLEGE: 33, Kind.LYCEE: 12},
    "V7": {Kind.COLLEGE: 40, Kind.LYCEE: 19},
    "V8": {Kind.COLLEGE: 72, Kind.LYCEE: 38, Kind.GRETA: 4},
    "V9": {Kind.COLLEGE: 29, Kind.LYCEE: 7, Kind.EREA: 1},
}
LATER_MOVES: Sequence[tuple[str, str, Mapping[Kind, int]]] = (
    ("V8", "V10", {Kind.COLLEGE: 14, Kind.LYCEE: 12}),
    ("V9", "V10", {Kind.COLLEGE: 15, Kind.LYCEE: 4}),
    ("V8", "V11", {Kind.COLLEGE: 2}),
    ("V9", "V11", {Kind.COLLEGE: 1, Kind.LYCEE: 1, Kind.EREA: 1}),
    ("V8", "V12", {Kind.COLLEGE: 5, Kind.LYCEE: 7, Kind.GRETA: 3}),
    ("V9", "V12", {Kind.COLLEGE: 2, Kind.LYCEE: 1}),
)

Census = Mapping[Kind, Sequence[str]]  # UAIs by kind


def first_lists(census: Census, seed: int = 0) -> dict[str, list[str]]:
    """UAIs of each wave as first decided, drawn without replacement, the same at every run."""
    draws = {kind: _shuffled(uais, seed) for kind, uais in census.items()}
    return {
        code: [next(draws[kind]) for kind, size in sizes.items() for _ in range(size)]
        for code, sizes in FIRST_LISTS.items()
    }


def later_moves(
    lists: Mapping[str, Sequence[str]], kind_of: Mapping[str, Kind], staying: str, seed: int = 1
) -> list[tuple[str, str]]:
    """(UAI, new wave) of the moves decided in September 2024; `staying` is the pilot GRETA, which remains in V8."""
    pools = {
        (origin, kind): _shuffled([uai for uai in lists[origin] if kind_of[uai] == kind and uai != staying], seed)
        for origin in ("V8", "V9")
        for kind in (Kind.COLLEGE, Kind.LYCEE, Kind.EREA, Kind.GRETA)
    }
    return [
        (next(pools[origin, kind]), destination)
        for origin, destination, sizes in LATER_MOVES
        for kind, size in sizes.items()
        for _ in range(size)
    ]


def _shuffled(uais: Sequence[str], seed: int) -> Iterator[str]:
    drawn = sorted(uais)
    random.Random(seed).shuffle(drawn)
    return iter(drawn)
