"""Invented accounting agencies: each establishment with a seat nearby, V7's among themselves (19 agencies)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

from deployment.choices import Kind

MOST_MEMBERS = 8


@dataclass(frozen=True)
class Located:
    """An establishment as the grouping sees it; metres, Lambert-93."""

    uai: str
    kind: str
    x: float
    y: float


def groups(establishments: Sequence[Located], seats: int) -> list[tuple[str, str]]:
    """(seat UAI, member UAI): `seats` lycées spread out, then each establishment goes to the nearest with room."""
    lycees = [e for e in establishments if e.kind == Kind.LYCEE]
    chosen = _spread(sorted(lycees, key=lambda e: e.uai), seats)
    members: dict[str, list[str]] = {seat.uai: [seat.uai] for seat in chosen}
    room = max(MOST_MEMBERS, -(-len(establishments) // seats))
    for establishment in sorted(establishments, key=lambda e: e.uai):
        if establishment.uai not in members:
            free = [seat for seat in chosen if len(members[seat.uai]) < room]
            nearest = min(free, key=lambda seat: (_distance(seat, establishment), seat.uai))
            members[nearest.uai].append(establishment.uai)
    return [(seat, member) for seat, attached in members.items() for member in attached]


def _spread(lycees: Sequence[Located], seats: int) -> list[Located]:
    """Farthest-point choice: deterministic, and seats end up far from each other."""
    chosen = [lycees[0]]
    while len(chosen) < seats:
        chosen.append(max((e for e in lycees if e not in chosen), key=lambda e: min(_distance(e, c) for c in chosen)))
    return chosen


def _distance(one: Located, other: Located) -> float:
    return hypot(one.x - other.x, one.y - other.y)
