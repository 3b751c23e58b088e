"""Which tutors may take which needs, and what each pair costs: every pair at once, in arrays. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tutoring.matching import Need, Problem, Tutor, Wishes

METRES = 100  # in a unit of cost
NO_WORD = 0  # the number of an agency that is not known
BLOCK = 64  # needs whose distances are computed together: they stay in the processor's cache
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class AllowedPairs:
    """Places of a need and of a tutor that break no hard rule together, in that order, and what the pair costs."""

    need: Ints
    tutor: Ints
    metres: Floats
    cost: Floats
    is_changed: NDArray[np.bool_]  # the last proposal served that need by another tutor


def allowed_pairs(
    problem: Problem, needs: Sequence[Need], tutors: Sequence[Tutor], is_free: NDArray[np.bool_]
) -> AllowedPairs:
    """Pairs that break no hard rule, with tutors who are free. `needs` are in blocks of one sphere."""
    nothing = AllowedPairs(np.zeros(0, int), np.zeros(0, int), np.zeros(0), np.zeros(0), np.zeros(0, bool))
    blocks = [vars(block) for block in (nothing, *blocks_of_pairs(problem, needs, tutors, is_free))]
    return AllowedPairs(**{name: np.concatenate([block[name] for block in blocks]) for name in vars(nothing)})


def blocks_of_pairs(
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
