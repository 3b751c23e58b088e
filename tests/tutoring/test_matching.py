"""The matching: as good as trying everything, the same whatever the order, and every rule kept."""

from dataclasses import replace
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutoring.explanations import choices, obstacles, targeted_calls
from tutoring.matching import (
    MatchingRefused,
    Need,
    Problem,
    Solution,
    Tutor,
    Wishes,
    broken_rule,
    load_cost,
    pair_cost,
    solve,
    standing,
    total_cost,
)

SPHERES = ("ordering", "accounting")
PLACES = st.integers(0, 12).map(lambda kilometres: kilometres * 1000.0)
AGENCIES = st.sampled_from(["", "A1", "A2", "A3"])
KINDS = st.sampled_from(["college", "lycee"])


def need(key: str, **fields: object) -> Need:
    values = {"sphere": "ordering", "establishment": f"E-{key}", "agency": f"A-{key}", "kind": "college"}
    return Need(key, **{**values, "x": 0.0, "y": 0.0, **fields})  # type: ignore[arg-type]


def tutor(key: str, **fields: object) -> Tutor:
    values = {"spheres": frozenset(SPHERES), "capacity": 2, "establishment": f"T-{key}", "agency": f"B-{key}"}
    return Tutor(key, **{**values, "kind": "college", "x": 0.0, "y": 0.0, "reach": 100_000.0, **fields})  # type: ignore[arg-type]


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    needs = tuple(
        Need(f"n{i}", draw(st.sampled_from(SPHERES)), f"e{i}", draw(AGENCIES), draw(KINDS), draw(PLACES), draw(PLACES))
        for i in range(draw(st.integers(0, 4)))
    )
    tutors = tuple(
        Tutor(
            f"t{i}",
            frozenset(draw(st.sets(st.sampled_from(SPHERES), min_size=1))),
            draw(st.integers(0, 3)),
            draw(st.sampled_from(["e0", "e1", f"own{i}"])),
            draw(AGENCIES),
            draw(KINDS),
            draw(PLACES),
            draw(PLACES),
            draw(st.sampled_from([3_000.0, 8_000.0, 50_000.0])),
            draw(st.integers(0, 2)),
        )
        for i in range(draw(st.integers(0, 3)))
    )
    keys = [t.key for t in tutors] or ["nobody"]
    last = {n.key: draw(st.sampled_from(keys)) for n in needs if draw(st.booleans())}
    known = {t.key: frozenset(draw(st.sets(AGENCIES))) for t in tutors}
    return Problem(needs, tutors, Wishes(load=7, agency=9, kind=5, change=11), last=last, known=known)


def brute_force(problem: Problem) -> tuple[int, int]:
    """(needs served, cost) of the best of all assignments."""
    best = (1, 0)
    by_key = {t.key: t for t in problem.tutors}
    options = [[None, *(t.key for t in problem.tutors if not broken_rule(n, t))] for n in problem.needs]
    for chosen in product(*options):
        pairs = {n.key: key for n, key in zip(problem.needs, chosen, strict=True) if key}
        if any(list(pairs.values()).count(key) > by_key[key].capacity for key in set(pairs.values())):
            continue
        best = min(best, (-len(pairs), total_cost(problem, pairs)))
    return -best[0], best[1]


@settings(max_examples=300, deadline=None)
@given(problem=problems())
def test_nothing_is_better_than_the_solution(problem: Problem) -> None:
    solution = solve(problem)
    assert (len(solution.pairs), solution.cost) == brute_force(problem)
    assert set(solution.pairs) | set(solution.unserved) == {n.key for n in problem.needs}


@settings(max_examples=100, deadline=None)
@given(problem=problems(), seed=st.integers(0, 999))
def test_the_order_of_the_input_does_not_count(problem: Problem, seed: int) -> None:
    needs, tutors = list(problem.needs), list(problem.tutors)
    Random(seed).shuffle(needs)
    Random(seed).shuffle(tutors)
    assert solve(replace(problem, needs=tuple(needs), tutors=tuple(tutors))) == solve(problem)


@settings(max_examples=100, deadline=None)
@given(problem=problems())
def test_solving_again_changes_nothing(problem: Problem) -> None:
    first = solve(problem)
    again = solve(replace(problem, last=first.pairs))
    assert again.pairs == first.pairs


@settings(max_examples=100, deadline=None)
@given(problem=problems(), data=st.data())
def test_a_locked_pair_is_kept_and_the_rest_is_the_best(problem: Problem, data: st.DataObject) -> None:
    allowed = [(n, t) for n in problem.needs for t in problem.tutors if not broken_rule(n, t)]
    if not allowed:
        return
    chosen_need, chosen_tutor = data.draw(st.sampled_from(allowed))
    locked = replace(problem, locked={chosen_need.key: chosen_tutor.key})
    solution = solve(locked)
    assert solution.pairs[chosen_need.key] == chosen_tutor.key
    rest = replace(
        problem,
        needs=tuple(n for n in problem.needs if n != chosen_need),
        tutors=tuple(
            replace(t, capacity=t.capacity - 1, held=t.held + 1) if t == chosen_tutor else t for t in problem.tutors
        ),
    )
    assert len(solution.pairs) - 1 == brute_force(rest)[0]


def test_a_lock_that_breaks_a_rule_is_refused() -> None:
    problem = Problem((need("n"),), (tutor("t", establishment="E-n"),), locked={"n": "t"})
    with pytest.raises(MatchingRefused, match="même établissement"):
        solve(problem)
    with pytest.raises(MatchingRefused, match="n’existe plus"):
        solve(Problem((need("n"),), (), locked={"n": "gone"}))


def test_more_locks_than_a_tutor_accepts_are_refused() -> None:
    problem = Problem((need("a"), need("b")), (tutor("t", capacity=1),), locked={"a": "t", "b": "t"})
    with pytest.raises(MatchingRefused, match="plus qu’il n’accepte"):
        solve(problem)


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"spheres": frozenset({"accounting"})}, "sphere"),
        ({"establishment": "E-n"}, "own"),
        ({"agency": "A-n"}, "agency"),
        ({"x": 101_000.0}, "reach"),
        ({"capacity": 0}, "full"),
    ],
)
def test_an_unserved_need_says_what_stops_it(fields: dict[str, object], rule: str) -> None:
    problem = Problem((need("n"),), (tutor("t", **fields),))
    solution = solve(problem)
    assert solution == Solution({}, ("n",), 0)
    assert obstacles(problem, solution, problem.needs[0]) == {rule: 1}


def test_a_need_whose_tutors_are_taken_says_so() -> None:
    problem = Problem((need("a"), need("b")), (tutor("t", capacity=1),))
    solution = solve(problem)
    assert solution.unserved == ("b",) or solution.unserved == ("a",)
    left = next(n for n in problem.needs if n.key in solution.unserved)
    assert obstacles(problem, solution, left) == {"full": 1}


def test_declaring_little_availability_earns_no_priority() -> None:
    """Two equal tutors, two needs: one each, whether they accept one or five; the modest one is not served first."""
    needs = (need("a"), need("b"))
    for capacities in ((1, 5), (5, 1), (5, 5)):
        tutors = tuple(tutor(f"t{i}", capacity=capacity) for i, capacity in enumerate(capacities))
        problem = Problem(needs, tutors)
        assert sorted(solve(problem).pairs.values()) == ["t0", "t1"]
        assert load_cost(problem, tutors[0], 1) == load_cost(problem, tutors[1], 1)
    near, far = tutor("near", capacity=1), tutor("far", capacity=5, x=3_000.0)
    nearer = replace(far, x=0.0, key="near5", capacity=5)
    for first in (near, nearer):
        assert solve(Problem((need("a"),), (first, far))).pairs == {"a": first.key}


def test_continuity_is_worth_a_detour_and_not_any_detour() -> None:
    knows, nearer = tutor("knows", x=7_000.0), tutor("nearer")
    known = {"knows": frozenset({"A-n"})}
    assert solve(Problem((need("n"),), (knows, nearer), known=known)).pairs == {"n": "knows"}
    too_far = replace(knows, x=9_000.0)
    assert solve(Problem((need("n"),), (too_far, nearer), known=known)).pairs == {"n": "nearer"}


def test_choices_tell_what_each_costs_more() -> None:
    problem = Problem((need("n"),), (tutor("a"), tutor("b", x=2_000.0), tutor("c", x=5_000.0, kind="lycee")))
    told = choices(problem, solve(problem))["n"]
    assert [(c.tutor, c.distance, c.extra) for c in told] == [("a", 0, 0), ("b", 2000, 20), ("c", 5000, 80)]
    assert told[0].reasons == ("à 0 km", "même type d’établissement")


def test_targeted_calls_fill_the_most_holes_first() -> None:
    cluster = [need(f"c{i}", x=i * 1_000.0) for i in range(3)]
    alone = need("alone", x=90_000.0)
    problem = Problem((*cluster, alone, need("compta", sphere="accounting")), ())
    calls = targeted_calls(problem, solve(problem), reach=10_000)
    assert [set(call.needs) for call in calls] == [{"c0", "c1", "c2"}, {"alone"}, {"compta"}] or [
        set(call.needs) for call in calls
    ] == [{"c0", "c1", "c2"}, {"compta"}, {"alone"}]


@settings(max_examples=200, deadline=None)
@given(problem=problems())
def test_choices_are_those_that_trying_each_tutor_finds(problem: Problem) -> None:
    solution = solve(problem)
    told = choices(problem, solution, most=9)
    for wanted in problem.needs:
        made = solution.pairs.get(wanted.key)
        expected = []
        for person in problem.tutors:
            others = sum(t == person.key and n != wanted.key for n, t in solution.pairs.items())
            if not broken_rule(wanted, person) and others < person.capacity:
                price = pair_cost(problem, wanted, person) + problem.wishes.load * (person.held + others)
                expected.append((person.key != made, price, person.key))
        assert [(c.tutor != made, c.cost, c.tutor) for c in told[wanted.key]] == sorted(expected)


@settings(max_examples=200, deadline=None)
@given(problem=problems(), data=st.data())
def test_what_still_stands_breaks_no_rule_and_overloads_nobody(problem: Problem, data: st.DataObject) -> None:
    needs = st.sampled_from([*(n.key for n in problem.needs), "gone"])
    people = st.sampled_from([*(t.key for t in problem.tutors), "gone"])
    pairs = data.draw(st.dictionaries(needs, people))
    kept = standing(problem, pairs)
    assert kept.items() <= pairs.items()
    by_need, by_tutor = {n.key: n for n in problem.needs}, {t.key: t for t in problem.tutors}
    assert not any(broken_rule(by_need[n], by_tutor[t]) for n, t in kept.items())
    assert all(list(kept.values()).count(t) <= by_tutor[t].capacity for t in kept.values())
    assert standing(problem, solve(problem).pairs) == solve(problem).pairs
