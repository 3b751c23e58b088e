"""Who tutors whom: the cheapest assignment under hard rules. Pure: same input, same output, nothing read or written.

Each need is a row; each tutor is as many columns as establishments accepted, the k-th dearer than the one before, which
spreads the load. The optimum of that sparse problem (scipy's minimum weight full matching) serves as many needs as can
be, then costs the least. Where neither every need nor every column can go, which the solver refuses, each need gets a
column of its own at a prohibitive price, for being left unserved.
Costs are whole numbers, in hectometres: a wish of weight 50 is worth five kilometres.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import sqrt
from operator import attrgetter

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from tutoring.allowed_pairs import METRES, Floats, Ints, blocks_of_pairs


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
        return sorted(self.needs, key=attrgetter("key"))

    @cached_property
    def sorted_tutors(self) -> list[Tutor]:
        return sorted(self.tutors, key=attrgetter("key"))


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
    """Of the distance: the very operations of `blocks_of_pairs`, so that both tell the same to the last bit."""
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
    pairs, cost = dict(problem.locked), 0
    if pairs:
        cost = total_cost(replace(problem, last={k: v for k, v in problem.last.items() if k in pairs}), pairs)
    if matrix.costs.nnz:
        rows, columns = _cheapest(matrix)
        is_served = columns < len(matrix.owners)
        rows, columns = rows[is_served], columns[is_served]
        needs, tutors = matrix.needs, problem.sorted_tutors
        owners = matrix.owners[columns].tolist()
        pairs |= {needs[row].key: tutors[owner].key for row, owner in zip(rows.tolist(), owners, strict=True)}
        cost += (int(matrix.costs[rows, columns].sum()) - int(matrix.shift[rows].sum())) // matrix.scale
    if problem.last:
        cost += problem.wishes.change * len(problem.last.keys() & {need.key for need in problem.needs} - pairs.keys())
    keys = [need.key for need in problem.sorted_needs]
    unserved = tuple(key for key in keys if key not in pairs)
    return Solution({key: pairs[key] for key in keys if key in pairs}, unserved, cost)


def _cheapest(matrix: SparseProblem) -> tuple[Ints, Ints]:
    """Rows and columns of the matching. A matrix where neither all needs nor all slots can go is refused at once."""
    try:
        rows, columns = min_weight_full_bipartite_matching(matrix.costs)
    except ValueError:
        rows, columns = min_weight_full_bipartite_matching(matrix.with_last_resort)
    return rows, columns


@dataclass(frozen=True)
class SparseProblem:
    """Rows: `needs` that have a pair at all. Columns: slots, each of the tutor that `owners` tells.

    Costs are multiplied by `scale`; the rest tells changes of the last proposal, which decide between equals.
    To leave a need that was served costs a change: said the other way round, by the `shift` of those that were not.
    """

    needs: list[Need]
    owners: Ints
    costs: csr_array
    shift: Floats
    scale: int

    @property
    def with_last_resort(self) -> csr_array:
        """The same with one more column a need, for leaving it unserved: dearer than all the rest together."""
        rows, slots = self.costs.shape
        dearest = self.costs.data.max() * (rows + 1)
        last = self.costs.indptr[1:]
        data = np.insert(self.costs.data, last, dearest)
        columns = np.insert(self.costs.indices, last, np.arange(slots, slots + rows))
        starts = self.costs.indptr + np.arange(rows + 1, dtype=np.int32)
        return csr_array((data, columns, starts), shape=(rows, slots + rows))


def sparse_problem(problem: Problem) -> SparseProblem:
    """Needs × slots: only pairs that break no hard rule, written straight in compressed rows.

    Each pair is repeated once a free slot of the tutor; slot k costs k loads more than the slots before it.
    """
    taken = Counter(problem.locked.values())
    needs = [need for need in problem.sorted_needs if need.key not in problem.locked]
    needs.sort(key=attrgetter("sphere"))  # in blocks, as `allowed_pairs` gives them
    tutors, rows, scale = problem.sorted_tutors, len(needs), 2 * (len(needs) + 1)
    free = np.array([max(0, t.capacity - taken.get(t.key, 0)) for t in tutors], dtype=np.int32)
    already = np.array([t.held + taken.get(t.key, 0) for t in tutors], dtype=np.int64)
    load = float(problem.wishes.load * scale)
    shift = np.ones(rows)  # a zero would be no entry at all
    if problem.last:
        shift += [(need.key not in problem.last) * (problem.wishes.change * scale + 1) for need in needs]
    first, held = np.cumsum(free) - free, already * load
    columns, costs, numbers = [np.zeros(0, np.int32)], [np.zeros(0)], np.zeros(rows)
    for pairs in blocks_of_pairs(problem, needs, tutors, free > 0):
        cost = pairs.cost * scale + held[pairs.tutor] + shift[pairs.need] + pairs.is_changed
        repeat = free[pairs.tutor]
        stops = np.cumsum(repeat)
        before = stops - repeat  # each repeat is told apart from where its pair began: k is the rank
        rank = np.arange(stops[-1] if len(stops) else 0)
        columns.append((np.repeat(first[pairs.tutor] - before, repeat) + rank).astype(np.int32))
        costs.append(np.repeat(cost - before * load, repeat) + rank * load)
        numbers += np.bincount(pairs.need, repeat, rows)
    tried = np.flatnonzero(numbers)  # a need without any pair is no row
    starts = np.append(0, np.cumsum(numbers[tried])).astype(np.int32)
    owners = np.repeat(np.arange(len(tutors)), free)
    entries = np.concatenate(costs), np.concatenate(columns), starts
    table = csr_array(entries, shape=(len(tried), len(owners)))
    return SparseProblem([needs[row] for row in tried.tolist()], owners, table, shift[tried], scale)


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
