"""Why a matching is what it is: who else could serve each need, what stops the unserved, where to call. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np

from tutoring.allowed_pairs import allowed_pairs
from tutoring.matching import RULES, Need, Problem, Solution, Tutor, broken_rule


@dataclass(frozen=True)
class Choice:
    """One tutor for one need: distance in metres, what it costs in all, and what it costs more than the pair made."""

    tutor: str
    distance: int
    cost: int
    extra: int
    reasons: tuple[str, ...]


def choices(problem: Problem, solution: Solution, most: int = 4) -> dict[str, list[Choice]]:
    """By need, the tutors who could take it now, cheapest first: the one of the solution (extra 0) and the next ones.

    A tutor who is full is no choice. `extra` counts the load as it would become, all the other pairs unchanged.
    """
    needs = sorted(problem.sorted_needs, key=lambda need: need.sphere)
    tutors = problem.sorted_tutors
    place = {tutor.key: index for index, tutor in enumerate(tutors)}
    loads = Counter(solution.pairs.values())
    load = np.array([loads[t.key] for t in tutors], dtype=np.int64)
    room = np.array([t.capacity for t in tutors], dtype=np.int64)
    held = np.array([t.held for t in tutors], dtype=np.int64)
    pairs = allowed_pairs(problem, needs, tutors, room > 0)
    made = np.array([place.get(solution.pairs.get(n.key, ""), -1) for n in needs], dtype=np.int64)[pairs.need]
    is_made = pairs.tutor == made
    others = load[pairs.tutor] - is_made  # what the tutor does besides this need
    cost = pairs.cost.astype(np.int64) + problem.wishes.load * (held[pairs.tutor] + others)
    kept = np.flatnonzero(others < room[pairs.tutor])
    order = kept[np.lexsort((pairs.tutor[kept], cost[kept], ~is_made[kept], pairs.need[kept]))]
    found: dict[str, list[Choice]] = {need.key: [] for need in needs}
    for row, who, metres, price in zip(
        pairs.need[order].tolist(),
        pairs.tutor[order].tolist(),
        pairs.metres[order].tolist(),
        cost[order].tolist(),
        strict=True,
    ):
        need, told = needs[row], found[needs[row].key]
        if len(told) < most:
            extra = price - told[0].cost if told else 0
            reasons = _reasons(problem, need, tutors[who], metres)
            told.append(Choice(tutors[who].key, round(metres), price, extra, reasons))
    return found


def _reasons(problem: Problem, need: Need, tutor: Tutor, metres: float) -> tuple[str, ...]:
    """Why this pair is natural, in French."""
    said = [f"à {metres / 1000:.0f} km"]
    if need.kind == tutor.kind:
        said.append("même type d’établissement")
    if need.agency in problem.known.get(tutor.key, ()):
        said.append("connaît déjà l’agence comptable")
    if problem.last.get(need.key) == tutor.key:
        said.append("déjà proposé")
    return tuple(said)


def obstacles(problem: Problem, solution: Solution, need: Need) -> dict[str, int]:
    """For a need left unserved: how many tutors each rule rules out (`RULES`); "full" counts those taken by others."""
    loads = Counter(solution.pairs.values())
    found: Counter[str] = Counter()
    for tutor in problem.tutors:
        rule = broken_rule(need, tutor)
        found[rule or ("full" if loads[tutor.key] >= tutor.capacity else "")] += 1
    return {rule: found[rule] for rule in RULES if found[rule]}


@dataclass(frozen=True)
class TargetedCall:
    """One more tutor of that sphere, near there, would serve these needs: the most that one appeal can fill."""

    sphere: str
    x: float
    y: float
    needs: tuple[str, ...]


def targeted_calls(problem: Problem, solution: Solution, *, reach: float, most: int = 3) -> list[TargetedCall]:
    """Where to call for tutors: greedily, the place and sphere that would fill the most holes within `reach` metres."""
    holes: dict[str, list[Need]] = defaultdict(list)
    missing = set(solution.unserved)
    for need in problem.sorted_needs:
        if need.key in missing:
            holes[need.sphere].append(need)
    calls: list[TargetedCall] = []
    while len(calls) < most and any(holes.values()):
        around = [
            (centre, [n for n in group if np.hypot(n.x - centre.x, n.y - centre.y) <= reach])
            for group in holes.values()
            for centre in group
        ]
        centre, filled = max(around, key=lambda item: len(item[1]))
        calls.append(TargetedCall(centre.sphere, centre.x, centre.y, tuple(n.key for n in filled)))
        holes[centre.sphere] = [n for n in holes[centre.sphere] if n not in filled]
    return calls
