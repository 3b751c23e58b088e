"""Who tutors whom: the cheapest assignment under hard rules. Pure: same input, same output, nothing read or written.

Each need is a row; each tutor is as many columns as establishments accepted, the k-th dearer than the one before, which
spreads the load; a column of its own at a prohibitive price stands for each need left unserved. The optimum of that
sparse problem (scipy's minimum weight full matching) serves as many needs as can be, then costs the least.
Costs are whole numbers, in hectometres: a wish of weight 50 is worth five kilometres.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching
from scipy.spatial import cKDTree

METRES = 100  # in a unit of cost
Ints = NDArray[np.int64]


class MatchingRefused(ValueError):
    """A locked pair breaks a hard rule, or names a need or a tutor that is not there; the message is French."""


@dataclass(frozen=True)
class Need:
    """One tutorship to provide, in one sphere, at one place (metres, Lambert-93), in one accounting agency."""

    key: str
    sphere: str
    establishment: str
    agency: str
    kind: str
    x: float
    y: float


@dataclass(frozen=True)
class Tutor:
    """One person who offers to tutor. `capacity`: needs accepted at most; `reach`: metres accepted at most.

    `held`: what they already tutor elsewhere, which counts in their load.
    """

    key: str
    spheres: frozenset[str]
    capacity: int
    establishment: str
    agency: str
    kind: str
    x: float
    y: float
    reach: float
    held: int = 0


@dataclass(frozen=True)
class Wishes:
    """What each wish is worth, in hectometres of distance."""

    load: int = 100  # each further need of a same tutor, on top of those before
    agency: int = 80  # not to know the agency yet
    kind: int = 30  # a collège tutored by a lycée, or the reverse
    change: int = 150  # to change what was proposed last time


@dataclass(frozen=True)
class Problem:
    """All that is known. `locked` pairs are kept, `last` is the former proposal, `known` the agencies a tutor knows."""

    needs: tuple[Need, ...]
    tutors: tuple[Tutor, ...]
    wishes: Wishes = field(default_factory=Wishes)
    locked: Mapping[str, str] = field(default_factory=dict)
    last: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @cached_property
    def sorted_needs(self) -> list[Need]:
        """In the order of their keys, whatever order they came in: the answer cannot depend on it."""
        return sorted(self.needs, key=lambda need: need.key)

    @cached_property
    def sorted_tutors(self) -> list[Tutor]:
        return sorted(self.tutors, key=lambda tutor: tutor.key)


@dataclass(frozen=True)
class Solution:
    """`pairs`: tutor by need; `unserved`: needs without tutor; `cost`: of the pairs, locked ones included."""

    pairs: Mapping[str, str]
    unserved: tuple[str, ...]
    cost: int


@dataclass(frozen=True)
class Choice:
    """One tutor for one need: distance in metres, what it costs in all, and what it costs more than the pair made."""

    tutor: str
    distance: int
    cost: int
    extra: int
    reasons: tuple[str, ...]


RULES = {
    "sphere": "n’est pas dans cette sphère",
    "own": "est dans le même établissement",
    "agency": "est dans la même agence comptable",
    "reach": "est trop loin",
    "full": "a déjà tout ce qu’il a accepté",
}


def broken_rule(need: Need, tutor: Tutor) -> str:
    """The first hard rule that forbids this pair, a key of `RULES`; empty when nothing does."""
    if need.sphere not in tutor.spheres:
        return "sphere"
    if need.establishment == tutor.establishment:
        return "own"
    if need.agency and need.agency == tutor.agency:
        return "agency"
    if distance(need, tutor) > tutor.reach:
        return "reach"
    return "" if tutor.capacity > 0 else "full"


def distance(need: Need, tutor: Tutor) -> float:
    """Metres, as the crow flies."""
    return float(np.hypot(need.x - tutor.x, need.y - tutor.y))


def pair_cost(problem: Problem, need: Need, tutor: Tutor) -> int:
    """What a pair costs by itself, without the load."""
    wishes = problem.wishes
    cost = round(distance(need, tutor) / METRES)
    cost += wishes.kind * (need.kind != tutor.kind)
    cost += wishes.agency * (need.agency not in problem.known.get(tutor.key, ()))
    cost += wishes.change * (problem.last.get(need.key, tutor.key) != tutor.key)
    return cost


def load_cost(problem: Problem, tutor: Tutor, number: int) -> int:
    """What it costs to give `number` needs to that tutor: the same whatever they declared they could take."""
    return problem.wishes.load * sum(range(tutor.held, tutor.held + number))


def total_cost(problem: Problem, pairs: Mapping[str, str]) -> int:
    """What an assignment costs, unserved needs aside."""
    needs = {need.key: need for need in problem.needs}
    tutors = {tutor.key: tutor for tutor in problem.tutors}
    loads = Counter(pairs.values())
    own = sum(pair_cost(problem, needs[need], tutors[tutor]) for need, tutor in pairs.items())
    return own + sum(load_cost(problem, tutors[tutor], number) for tutor, number in loads.items())


def solve(problem: Problem) -> Solution:
    """The assignment that serves the most needs and, among these, costs the least. Raises `MatchingRefused`."""
    _check_locked(problem)
    matrix = sparse_problem(problem)
    pairs = dict(problem.locked)
    cost = total_cost(problem, pairs)
    if matrix.needs:
        rows, columns = min_weight_full_bipartite_matching(matrix.costs)
        served = columns < len(matrix.owners)
        owners = matrix.owners[columns[served]].tolist()
        pairs |= {
            matrix.needs[r].key: problem.sorted_tutors[t].key
            for r, t in zip(rows[served].tolist(), owners, strict=True)
        }
        cost += int(matrix.costs[rows[served], columns[served]].sum()) - len(owners)
    unserved = tuple(need.key for need in problem.sorted_needs if need.key not in pairs)
    return Solution(dict(sorted(pairs.items())), unserved, cost)


@dataclass(frozen=True)
class SparseProblem:
    """Rows: `needs`. Columns: slots, each of the tutor that `owners` tells, then one a need for leaving it unserved."""

    needs: list[Need]
    owners: Ints
    costs: csr_array


def sparse_problem(problem: Problem) -> SparseProblem:
    """The matrix that the solver takes: only pairs that break no hard rule."""
    taken = Counter(problem.locked.values())
    needs = [need for need in problem.sorted_needs if need.key not in problem.locked]
    tutors = problem.sorted_tutors
    free = np.array([max(0, t.capacity - taken[t.key]) for t in tutors], dtype=np.int64)
    first = np.concatenate(([0], np.cumsum(free)))[:-1].astype(np.int64) if len(tutors) else free
    owners = np.repeat(np.arange(len(tutors)), free)
    row, tutor, costs = _allowed_pairs(problem, needs, tutors, free)
    # Each pair is repeated once a free slot; slot k costs k loads more than the slots before it.
    repeat = free[tutor]
    rows = np.repeat(row, repeat)
    place = np.arange(repeat.sum()) - np.repeat(np.cumsum(repeat) - repeat, repeat)
    slots = np.repeat(first[tutor], repeat) + place
    already = np.array([t.held + taken[t.key] for t in tutors], dtype=np.int64)
    load = (np.repeat(already[tutor], repeat) + place) * problem.wishes.load
    priced = np.repeat(costs, repeat) + load + 1  # an explicit zero would be no entry at all
    prohibitive = (int(priced.max()) if len(priced) else 1) * (len(needs) + 1)
    count = np.arange(len(needs))
    data = np.concatenate((priced, np.full(len(needs), prohibitive, dtype=np.int64))).astype(np.float64)
    where = (np.concatenate((rows, count)), np.concatenate((slots, len(owners) + count)))
    shape = (len(needs), len(owners) + len(needs))
    return SparseProblem(needs, owners, csr_array((data, where), shape=shape))


def _allowed_pairs(
    problem: Problem, needs: Sequence[Need], tutors: Sequence[Tutor], free: Ints
) -> tuple[Ints, Ints, Ints]:
    """(row of the need, place of the tutor, cost of the pair) for each pair that breaks no hard rule."""
    none = np.zeros(0, dtype=np.int64)
    if not needs or not tutors:
        return none, none, none
    reach = np.array([t.reach for t in tutors])
    here = cKDTree(np.array([(n.x, n.y) for n in needs]))
    there = cKDTree(np.array([(t.x, t.y) for t in tutors]))
    near = here.sparse_distance_matrix(there, float(reach.max()), output_type="ndarray")
    within = near["v"] <= reach[near["j"]]
    row, tutor, metres = near["i"][within], near["j"][within], near["v"][within]
    codes = _Codes()
    kept = free[tutor] > 0
    kept &= codes.of(n.establishment for n in needs)[row] != codes.of(t.establishment for t in tutors)[tutor]
    agency = codes.of(n.agency for n in needs)[row]
    kept &= (agency == codes.number[""]) | (agency != codes.of(t.agency for t in tutors)[tutor])
    kept &= _in_sphere(needs, tutors, row, tutor)
    row, tutor, metres, agency = row[kept], tutor[kept], metres[kept], agency[kept]
    cost = np.rint(metres / METRES).astype(np.int64)
    cost += problem.wishes.kind * (codes.of(n.kind for n in needs)[row] != codes.of(t.kind for t in tutors)[tutor])
    cost += problem.wishes.agency * ~_knows(problem, tutors, agency, tutor, codes)
    last = codes.of(problem.last.get(n.key, "") for n in needs)[row]
    other = codes.of(t.key for t in tutors)[tutor]
    cost += problem.wishes.change * ((last != codes.number[""]) & (last != other))
    return row, tutor, cost


class _Codes:
    """Numbers for words, so that arrays compare them."""

    def __init__(self) -> None:
        self.number: dict[str, int] = {"": 0}

    def of(self, words: Iterable[str]) -> Ints:
        return np.array([self.number.setdefault(word, len(self.number)) for word in words], dtype=np.int64)


def _in_sphere(needs: Sequence[Need], tutors: Sequence[Tutor], row: Ints, tutor: Ints) -> NDArray[np.bool_]:
    spheres = sorted({need.sphere for need in needs})
    wanted = np.array([spheres.index(need.sphere) for need in needs])
    offered = np.array([[sphere in t.spheres for sphere in spheres] for t in tutors])
    able: NDArray[np.bool_] = offered[tutor, wanted[row]]
    return able


def _knows(problem: Problem, tutors: Sequence[Tutor], agency: Ints, tutor: Ints, codes: _Codes) -> NDArray[np.bool_]:
    """Whether the tutor of each pair knows the agency of its need."""
    width = len(codes.number) + 1
    known = [
        place * width + codes.number[name]
        for place, t in enumerate(tutors)
        for name in problem.known.get(t.key, ())
        if name in codes.number
    ]
    return np.isin(tutor * width + agency, np.array(known, dtype=np.int64))


def _check_locked(problem: Problem) -> None:
    needs = {need.key: need for need in problem.needs}
    tutors = {tutor.key: tutor for tutor in problem.tutors}
    for need, tutor in problem.locked.items():
        if need not in needs or tutor not in tutors:
            raise MatchingRefused("Un appariement verrouillé porte sur un besoin ou un tuteur qui n’existe plus.")
        if rule := broken_rule(needs[need], tutors[tutor]):
            raise MatchingRefused(f"L’appariement verrouillé de {need} est impossible : le tuteur {RULES[rule]}.")
    for key, number in Counter(problem.locked.values()).items():
        if number > tutors[key].capacity:
            raise MatchingRefused(f"Les appariements verrouillés donnent à un tuteur plus qu’il n’accepte ({number}).")


def choices(problem: Problem, solution: Solution, need: Need, most: int = 4) -> list[Choice]:
    """The tutors who could take this need now, cheapest first: the one chosen (extra 0) and the next ones.

    A tutor who is full is no choice. `extra` counts the load as it would become, all the other pairs unchanged.
    """
    made = solution.pairs.get(need.key)
    loads = Counter(solution.pairs.values())
    if made:
        loads[made] -= 1
    found = []
    for tutor in problem.sorted_tutors:
        if broken_rule(need, tutor) or loads[tutor.key] >= tutor.capacity:
            continue
        cost = pair_cost(problem, need, tutor) + problem.wishes.load * (tutor.held + loads[tutor.key])
        found.append((cost, tutor))
    base = next((cost for cost, tutor in found if tutor.key == made), min((cost for cost, _ in found), default=0))
    found.sort(key=lambda item: (item[1].key != made, item[0], item[1].key))
    return [
        Choice(t.key, round(distance(need, t)), cost, cost - base, tuple(_reasons(problem, need, t)))
        for cost, t in found[:most]
    ]


def _reasons(problem: Problem, need: Need, tutor: Tutor) -> list[str]:
    """Why this pair is natural, in French."""
    said = [f"à {distance(need, tutor) / 1000:.0f} km"]
    if need.kind == tutor.kind:
        said.append("même type d’établissement")
    if need.agency in problem.known.get(tutor.key, ()):
        said.append("connaît déjà l’agence comptable")
    if problem.last.get(need.key) == tutor.key:
        said.append("déjà proposé")
    return said


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
