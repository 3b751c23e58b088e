"""The whole matching beside scipy's solver alone on the same sparse matrix: 1,000 × 600 and 7,900 × 3,500."""

from __future__ import annotations

import sys
from dataclasses import replace
from random import Random

from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from bench.harness import Measure, compare
from tutoring.matching import Need, Problem, Tutor, solve, sparse_problem

SIDE = 950_000.0  # metres: a square as large as France
ACADEMY_SIDE = 300_000.0  # four académies together
SPHERES = ("ordering", "accounting")
SIZES = {"1,000 × 600": (15, 1_000, 600, ACADEMY_SIDE), "7,900 × 3,500": (3, 7_900, 3_500, SIDE)}


def invented(needs: int, tutors: int, side: float) -> Problem:
    """Needs and tutors spread at random, always the same; two tutorships a tutor, 80 km at most."""
    chance = Random(needs)

    def place() -> tuple[float, float]:
        return chance.uniform(0, side), chance.uniform(0, side)

    agencies = needs // 6
    wanted = tuple(
        Need(f"n{i:05d}", chance.choice(SPHERES), f"e{i}", f"a{chance.randrange(agencies)}", "college", *place())
        for i in range(needs)
    )
    offered = tuple(
        Tutor(
            f"t{i:05d}",
            frozenset(chance.sample(SPHERES, chance.choice((1, 1, 2)))),
            chance.choice((1, 2, 2, 3)),
            f"e{chance.randrange(needs)}",
            f"a{chance.randrange(agencies)}",
            chance.choice(("college", "lycee")),
            *place(),
            reach=80_000.0,
        )
        for i in range(tutors)
    )
    return Problem(wanted, offered)


def measure() -> Measure:
    """All sizes in one figure: the largest ratio is told, with the others in words."""
    taken = [_one(name, *size) for name, size in SIZES.items()]
    worst = max(taken, key=lambda measure: measure.ratio)
    what = "; ".join(f"{one.what}: {one.line()}" for one in taken)
    sys.stderr.write(f"{what}\n")
    return Measure(worst.name, what, worst.ours, worst.floor)


def _one(name: str, rounds: int, needs: int, tutors: int, side: float) -> Measure:
    """The floor takes the matrix that suits any instance: one column more a need, so that a full matching exists."""
    problem = invented(needs, tutors, side)
    matrix = sparse_problem(problem).with_last_resort
    return compare(
        "matching",
        f"{name}, {matrix.nnz} allowed slots",
        ours=lambda: solve(replace(problem)),  # nothing kept of the round before
        floor=lambda: min_weight_full_bipartite_matching(matrix),
        rounds=rounds,
    )
