"""Who tutors whom: the cheapest assignment under hard rules. Pure: same input, same output, nothing read or written.

Each need is a row; each tutor is as many columns as establishments accepted, the k-th dearer than the one before, which
spreads the load. The optimum of that sparse problem (scipy's minimum weight full matching) serves as many needs as can
be, then costs the least. Where neither every need nor every column can go, which the solver refuses, each need gets a
column of its own at a prohibitive price, for being left unserved.
Costs are whole numbers, in hectometres: a wish of weight 50 is worth five kilometres.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count, groupby
from math import sqrt
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

METRES = 100  # in a unit of cost
NO_WORD = 0  # the number of an agency that is not known
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


@dataclass(frozen=True)
class AllowedPairs:
    """Places of a need and of a tutor that break no hard rule together, in that order, and what the pair costs."""

    need: Ints
    tutor: Ints
    metres: Floats
    cost: Floats
    is_changed: NDArray[np.bool_]  # the last proposal served that need by another tutor


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
    for pairs in _blocks(problem, needs, tutors, free > 0):
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


def allowed_pairs(
    problem: Problem, needs: Sequence[Need], tutors: Sequence[Tutor], is_free: NDArray[np.bool_]
) -> AllowedPairs:
    """Pairs that break no hard rule, with tutors who are free. `needs` are in blocks of one sphere."""
    nothing = AllowedPairs(np.zeros(0, int), np.zeros(0, int), np.zeros(0), np.zeros(0), np.zeros(0, bool))
    blocks = [vars(block) for block in (nothing, *_blocks(problem, needs, tutors, is_free))]
    return AllowedPairs(**{name: np.concatenate([block[name] for block in blocks]) for name in vars(nothing)})


def _blocks(
    problem: Problem, needs: Sequence[Need], tutors: Sequence[Tutor], is_free: NDArray[np.bool_]
) -> Iterator[AllowedPairs]:
    """Allowed pairs in the order of the needs, some at a time: all that is computed stays in the processor's cache."""
    codes, wishes = _Codes(), problem.wishes
    here, there, habits = _Sites.of(needs, codes), _Sites.of(tutors, codes), _Habits.of(problem, needs, tutors)
    reach = np.array([t.reach for t in tutors])
    start = 0
    for sphere, group in groupby(needs, key=attrgetter("sphere")):
        able = np.flatnonzero(is_free & np.array([sphere in t.spheres for t in tutors], dtype=bool))
        stop = start + len(list(group))
        x, y, most = there.x[able], there.y[able], reach[able] ** 2
        squares, ups = np.empty((2, BLOCK, len(able)))
        for block in range(start, stop, BLOCK):
            rows = slice(block, min(block + BLOCK, stop))
            square, up = squares[: rows.stop - block], ups[: rows.stop - block]
            np.subtract(here.x[rows, None], x, out=square)
            np.subtract(here.y[rows, None], y, out=up)
            square *= square
            up *= up
            square += up
            is_near = square <= most
            flat = np.flatnonzero(is_near)
            row = np.repeat(np.arange(len(is_near)), np.count_nonzero(is_near, axis=1))
            need, tutor = row + block, able[flat - row * len(able)]
            kept = here.establishment[need] != there.establishment[tutor]
            kept &= (here.agency[need] != there.agency[tutor]) | (here.agency[need] == NO_WORD)
            need, tutor, metres = need[kept], tutor[kept], np.sqrt(square.ravel()[flat[kept]])
            cost = np.rint(metres / METRES) + wishes.agency
            cost += wishes.kind * (here.kind[need] != there.kind[tutor])
            yield AllowedPairs(need, tutor, metres, cost, habits.weigh(cost, need, tutor))
        start = stop


@dataclass(frozen=True)
class _Sites:
    """Where needs or tutors are, and numbers for their words."""

    x: Floats
    y: Floats
    establishment: Ints
    agency: Ints
    kind: Ints

    @classmethod
    def of(cls, places: Sequence[Need | Tutor], codes: _Codes) -> _Sites:
        return cls(
            np.array([place.x for place in places]),
            np.array([place.y for place in places]),
            codes.of([place.establishment for place in places]),
            codes.of([place.agency for place in places]),
            codes.of([place.kind for place in places]),
        )


class _Codes:
    """Numbers for words, so that arrays compare them."""

    def __init__(self) -> None:
        self.number: defaultdict[str, int] = defaultdict(count(NO_WORD + 1).__next__, {"": NO_WORD})

    def of(self, words: Collection[str]) -> Ints:
        return np.fromiter(map(self.number.__getitem__, words), dtype=np.int64, count=len(words))


@dataclass(frozen=True)
class _Habits:
    """What the last proposal said, and the agencies that tutors know: None where nothing is.

    `last`: for each need the place of its tutor, -1 without any. `known`: tutors × the numbers of `agency`.
    """

    wishes: Wishes
    last: Ints | None
    known: NDArray[np.bool_] | None
    agency: Ints

    @classmethod
    def of(cls, problem: Problem, needs: Sequence[Need], tutors: Sequence[Tutor]) -> _Habits:
        places = {tutor.key: place for place, tutor in enumerate(tutors)}
        last, known, agency = None, None, np.zeros(0, dtype=np.int64)
        if problem.last:
            gone = len(tutors)
            last = np.array([places.get(problem.last[n.key], gone) if n.key in problem.last else -1 for n in needs])
        if problem.known:
            codes = _Codes()
            agency = codes.of([need.agency for need in needs])
            known = np.zeros((len(tutors), len(codes.number)), dtype=bool)
            for key in problem.known.keys() & places.keys():
                for name in problem.known[key] & codes.number.keys():
                    known[places[key], codes.number[name]] = True
        return cls(problem.wishes, last, known, agency)

    def weigh(self, cost: Floats, need: Ints, tutor: Ints) -> NDArray[np.bool_]:
        """Add to the cost what habits are worth; which pairs change the last proposal."""
        if self.known is not None:
            cost -= self.wishes.agency * self.known[tutor, self.agency[need]]
        if self.last is None:
            return np.zeros(len(need), dtype=bool)
        is_changed: NDArray[np.bool_] = (self.last[need] >= 0) & (self.last[need] != tutor)
        cost += self.wishes.change * is_changed
        return is_changed


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
