"""Who tutors whom: the cheapest assignment under hard rules. Pure: same input, same output, nothing read or written.

Each need is a row; each tutor is as many columns as establishments accepted, the k-th dearer than the one before, which
spreads the load; a column of its own at a prohibitive price stands for each need left unserved. The optimum of that
sparse problem (scipy's minimum weight full matching) serves as many needs as can be, then costs the least.
Costs are whole numbers, in hectometres: a wish of weight 50 is worth five kilometres.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

METRES = 100  # in a unit of cost
BLOCK = 64  # needs whose distances are computed together: they stay in the processor's cache
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


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
    if _square(need, tutor) > tutor.reach * tutor.reach:
        return "reach"
    return "" if tutor.capacity > 0 else "full"


def distance(need: Need, tutor: Tutor) -> float:
    """Metres, as the crow flies."""
    return sqrt(_square(need, tutor))


def _square(need: Need, tutor: Tutor) -> float:
    """Of the distance: the very operations of `_within_reach`, so that both tell the same to the last bit."""
    across, up = need.x - tutor.x, need.y - tutor.y
    return across * across + up * up


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
    """What an assignment costs: its pairs, and a change for each need that the last proposal served and this leaves."""
    needs = {need.key: need for need in problem.needs}
    tutors = {tutor.key: tutor for tutor in problem.tutors}
    loads = Counter(pairs.values())
    own = sum(pair_cost(problem, needs[need], tutors[tutor]) for need, tutor in pairs.items())
    left = sum(need in needs and need not in pairs for need in problem.last)
    loaded = sum(load_cost(problem, tutors[tutor], number) for tutor, number in loads.items())
    return own + loaded + problem.wishes.change * left


def solve(problem: Problem) -> Solution:
    """The assignment that serves the most needs and, among these, costs the least. Raises `MatchingRefused`."""
    _check_locked(problem)
    matrix = sparse_problem(problem)
    pairs = dict(problem.locked)
    cost = total_cost(replace(problem, last={k: v for k, v in problem.last.items() if k in pairs}), pairs)
    if matrix.needs:
        rows, columns = min_weight_full_bipartite_matching(matrix.costs)
        served = columns < len(matrix.owners)
        owners = matrix.owners[columns[served]].tolist()
        pairs |= {
            matrix.needs[r].key: problem.sorted_tutors[t].key
            for r, t in zip(rows[served].tolist(), owners, strict=True)
        }
        cost += int(matrix.costs[rows[served], columns[served]].sum()) // matrix.scale
        cost += problem.wishes.change * sum(need.key in problem.last and need.key not in pairs for need in matrix.needs)
    unserved = tuple(need.key for need in problem.sorted_needs if need.key not in pairs)
    return Solution(dict(sorted(pairs.items())), unserved, cost)


@dataclass(frozen=True)
class SparseProblem:
    """Rows: `needs`. Columns: slots, each of the tutor that `owners` tells, then one a need for leaving it unserved."""

    needs: list[Need]
    owners: Ints
    costs: csr_array
    scale: int  # costs are multiplied by it; the rest tells changes of the last proposal, which decide between equals


@dataclass(frozen=True)
class AllowedPairs:
    """Places of a need and of a tutor that break no hard rule together, in that order, and what the pair costs."""

    need: Ints
    tutor: Ints
    metres: Floats
    cost: Floats
    is_changed: NDArray[np.bool_]  # the last proposal served that need by another tutor


def sparse_problem(problem: Problem) -> SparseProblem:
    """The matrix that the solver takes: only pairs that break no hard rule, written straight in compressed rows.

    Each pair is repeated once a free slot of the tutor; slot k costs k loads more than the slots before it.
    """
    taken = Counter(problem.locked.values())
    needs = [need for need in problem.sorted_needs if need.key not in problem.locked]
    needs.sort(key=lambda need: need.sphere)  # in blocks, as `allowed_pairs` gives them
    tutors, load = problem.sorted_tutors, problem.wishes.load
    free = np.array([max(0, t.capacity - taken[t.key]) for t in tutors], dtype=np.int64)
    already = np.array([t.held + taken[t.key] for t in tutors], dtype=np.int64)
    owners = np.repeat(np.arange(len(tutors)), free)
    pairs = allowed_pairs(problem, needs, tutors, free > 0)
    count = len(needs)
    ends = np.cumsum(np.bincount(pairs.need, minlength=count))  # where each row takes its column of last resort
    scale = 2 * (count + 1)
    was_served = np.array([need.key in problem.last for need in needs], dtype=bool)
    base = (pairs.cost + already[pairs.tutor] * load) * scale + pairs.is_changed + 1  # a zero would be no entry at all
    repeat = np.insert(free[pairs.tutor], ends, 1)
    load *= scale
    highest = base.max(initial=1) + load * free.max(initial=0) + (problem.wishes.change * scale + 1)
    base = np.insert(base, ends, highest * (count + 1) + was_served * (problem.wishes.change * scale + 1))
    first = np.insert((np.cumsum(free) - free)[pairs.tutor], ends, len(owners) + np.arange(count))
    stops = np.cumsum(repeat)
    before = (stops - repeat).astype(np.int32)  # each repeat is told apart from where its pair began: k is the rank
    entries = np.arange(stops[-1] if count else 0, dtype=np.int32)
    columns = np.repeat(first.astype(np.int32) - before, repeat) + entries
    data = np.repeat(base - before * float(load), repeat) + entries * float(load)
    starts = np.concatenate(([0], stops[ends + np.arange(count)])).astype(np.int32)
    return SparseProblem(needs, owners, csr_array((data, columns, starts), shape=(count, len(owners) + count)), scale)


def allowed_pairs(
    problem: Problem, needs: Sequence[Need], tutors: Sequence[Tutor], is_free: NDArray[np.bool_]
) -> AllowedPairs:
    """Pairs that break no hard rule, with tutors who are free. `needs` are in blocks of one sphere."""
    need, tutor, metres = _within_reach(needs, tutors, is_free)
    codes = _Codes()
    at, agency = codes.of(n.establishment for n in needs), codes.of(n.agency for n in needs)
    kept = at[need] != codes.of(t.establishment for t in tutors)[tutor]
    kept &= (agency[need] != codes.of(t.agency for t in tutors)[tutor]) | (agency[need] == codes.number[""])
    need, tutor, metres = need[kept], tutor[kept], metres[kept]
    wishes = problem.wishes
    cost = np.rint(metres / METRES)
    cost += wishes.kind * (codes.of(n.kind for n in needs)[need] != codes.of(t.kind for t in tutors)[tutor])
    cost += wishes.agency
    if problem.known:
        cost -= wishes.agency * _known(problem, needs, tutors)[tutor, _Codes().of(n.agency for n in needs)[need]]
    is_changed = np.zeros(len(need), dtype=bool)
    if problem.last:
        last = codes.of(problem.last.get(n.key, "") for n in needs)[need]
        is_changed = (last != codes.number[""]) & (last != codes.of(t.key for t in tutors)[tutor])
    return AllowedPairs(need, tutor, metres, cost + wishes.change * is_changed, is_changed)


def _within_reach(
    needs: Sequence[Need], tutors: Sequence[Tutor], is_free: NDArray[np.bool_]
) -> tuple[Ints, Ints, Floats]:
    """(need, tutor, metres) in that order, of the same sphere and within reach: a block of needs at a time."""
    xs, ys = np.array([n.x for n in needs]), np.array([n.y for n in needs])
    there = np.array([(t.x, t.y, t.reach) for t in tutors]).reshape(-1, 3)
    found = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))]
    start = 0
    for sphere, group in groupby(needs, key=lambda need: need.sphere):
        able = np.flatnonzero(is_free & np.array([sphere in t.spheres for t in tutors], dtype=bool))
        stop = start + len(list(group))
        tutor_x, tutor_y, reach = there[able].T
        for block in range(start, stop, BLOCK):
            rows = slice(block, min(block + BLOCK, stop))
            square, up = xs[rows, None] - tutor_x, ys[rows, None] - tutor_y
            square *= square
            up *= up
            square += up
            flat = np.flatnonzero(square <= reach * reach)
            near, who = np.divmod(flat, max(1, len(able)))
            found.append((near + block, able[who], np.sqrt(square.ravel()[flat])))
        start = stop
    need, tutor, metres = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return need, tutor, metres


class _Codes:
    """Numbers for words, so that arrays compare them."""

    def __init__(self) -> None:
        self.number: dict[str, int] = {"": 0}

    def of(self, words: Iterable[str]) -> Ints:
        return np.array([self.number.setdefault(word, len(self.number)) for word in words], dtype=np.int64)


def _known(problem: Problem, needs: Sequence[Need], tutors: Sequence[Tutor]) -> NDArray[np.bool_]:
    """Tutors × agencies, numbered as `_Codes` numbers those of the needs: whether the tutor knows the agency."""
    codes = _Codes()
    codes.of(need.agency for need in needs)
    table = np.zeros((len(tutors), len(codes.number)), dtype=bool)
    for place, tutor in enumerate(tutors):
        for name in problem.known.get(tutor.key, ()):
            if name in codes.number:
                table[place, codes.number[name]] = True
    return table


def standing(problem: Problem, pairs: Mapping[str, str]) -> dict[str, str]:
    """Those of these pairs that still hold: need and tutor there, no hard rule broken, nobody beyond what they accept.

    Locked pairs take their place first, then in the order of the needs' keys.
    """
    needs = {need.key: need for need in problem.needs}
    tutors = {tutor.key: tutor for tutor in problem.tutors}
    loads: Counter[str] = Counter()
    kept: dict[str, str] = {}
    for need, tutor in sorted(pairs.items(), key=lambda pair: (problem.locked.get(pair[0]) != pair[1], pair[0])):
        is_there = need in needs and tutor in tutors
        if is_there and loads[tutor] < tutors[tutor].capacity and not broken_rule(needs[need], tutors[tutor]):
            loads[tutor] += 1
            kept[need] = tutor
    return dict(sorted(kept.items()))


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
