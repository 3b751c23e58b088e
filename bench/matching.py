"""The whole matching beside scipy's solver alone on the same sparse matrix: 1,000 × 600 and 7,900 × 3,500."""

from __future__ import annotations

from random import Random

from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from bench.harness import Measure, compare
from tutoring.matching import Need, Problem, Tutor, solve, sparse_problem

SIDE = 950_000.0  # metres: a square as large as France
ACADEMY_SIDE = 300_000.0  # four académies together
SPHERES = ("ordering", "accounting")
SIZES = {"1000x600": (1_000, 600, ACADEMY_SIDE), "7900x3500": (7_900, 3_500, SIDE)}


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
    """Both sizes in one figure: the larger one is told; the smaller must hold the same ratio."""
    taken = [_one(name, *size) for name, size in SIZES.items()]
    return max(taken, key=lambda measure: measure.ratio)


def _one(name: str, needs: int, tutors: int, side: float) -> Measure:
    problem = invented(needs, tutors, side)
    matrix = sparse_problem(problem).costs
    what = f"{name}: {matrix.shape[0]} needs, {matrix.nnz} allowed slots"
    return compare(
        "matching",
        what,
        ours=lambda: solve(problem),
        floor=lambda: min_weight_full_bipartite_matching(matrix),
        rounds=3,
    )
