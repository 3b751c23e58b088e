"""Proposing, locking and deciding who tutors whom. The solver proposes; a person accepts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from deployment.choices import Sphere
from deployment.models import AccountingAgency, Establishment, Wave
from deployment.services import registers
from deployment.services.waves import lock
from tutoring.matching import MatchingRefused, Need, Problem, Solution, solve
from tutoring.matching import Tutor as Candidate
from tutoring.models import Assignment, Proposal, Tutor, TutoringNeed
from tutoring.needs import AgencyNeed, needs_of
from tutoring.rights import MATCH_TUTORS
from tutoring.services.refusals import TutoringRefused

METRES = 1000
Pairs = Mapping[str, str]  # tutor (primary key as text) by need ("0380033E/ordering")


@dataclass(frozen=True)
class Board:
    """All that a person sees when matching a wave: the problem as it is now, and what was proposed last."""

    wave: Wave
    problem: Problem
    solution: Solution
    waiting: tuple[AgencyNeed, ...]


def board(wave: Wave, *, on: date) -> Board:
    """The problem of the day with the last proposal, of which pairs that have become impossible are left out."""
    proposal = Proposal.objects.filter(wave=wave).first()
    locked = dict(proposal.locked) if proposal else {}
    problem, waiting = problem_of(wave, on=on, locked=locked, last=dict(proposal.pairs) if proposal else {})
    known_needs, known_tutors = {n.key for n in problem.needs}, {t.key for t in problem.tutors}
    pairs = {need: tutor for need, tutor in problem.last.items() if need in known_needs and tutor in known_tutors}
    unserved = tuple(need.key for need in problem.sorted_needs if need.key not in pairs)
    return Board(wave, problem, Solution(pairs, unserved, 0), waiting)


def problem_of(wave: Wave, *, on: date, locked: Pairs, last: Pairs) -> tuple[Problem, tuple[AgencyNeed, ...]]:
    """Needs certain on that day that nobody serves yet, and every tutor with what they already do."""
    lines = needs_of(wave, on=on)
    held = _held(wave, on)
    seats = {e.uai: e for e in Establishment.objects.filter(academy=wave.academy, uai__in=[n.seat for n in lines])}
    needs = tuple(
        Need(f"{line.seat}/{sphere}", sphere, line.seat, line.seat, place.kind, place.x or 0.0, place.y or 0.0)
        for line in lines
        for sphere in Sphere
        if line.is_certain(sphere) and f"{line.seat}/{sphere}" not in held.here
        for place in (seats[line.seat],)
    )
    tutors = _candidates(wave, on, held)
    keys, people = {need.key for need in needs}, {tutor.key for tutor in tutors}
    kept = {need: tutor for need, tutor in locked.items() if need in keys and tutor in people}
    problem = Problem(needs, tutors, locked=kept, last=last, known=held.agencies)
    return problem, tuple(line for line in lines if line.is_waiting(Sphere.ACCOUNTING))


@transaction.atomic
def propose(wave: Wave, *, on: date, by: User | None) -> Proposal:
    """Solve again, keeping what is locked and changing as little as possible of the last proposal."""
    lock(wave.academy)
    before = Proposal.objects.select_for_update(of=("self",)).filter(wave=wave).first()
    locked, last = (dict(before.locked), dict(before.pairs)) if before else ({}, {})
    problem, _ = problem_of(wave, on=on, locked=locked, last=last)
    try:
        solution = solve(problem)
    except MatchingRefused as refusal:
        raise TutoringRefused(str(refusal)) from refusal
    values = {"pairs": dict(solution.pairs), "locked": dict(problem.locked), "made_at": timezone.now(), "made_by": by}
    proposal = Proposal.objects.update_or_create(wave=wave, defaults=values)[0]
    details = {"pairs": len(solution.pairs), "unserved": len(solution.unserved)}
    audit.record(by, MATCH_TUTORS, proposal, academy=wave.academy.slug, **details)
    return proposal


@transaction.atomic
def choose(wave: Wave, need: str, tutor: str, *, on: date, by: User) -> Proposal:
    """Give this need to that tutor and lock the pair; an empty tutor unlocks it. Refused if a hard rule forbids it."""
    lock(wave.academy)
    proposal = Proposal.objects.select_for_update(of=("self",)).filter(wave=wave).first()
    if proposal is None:
        raise TutoringRefused("Calculez d’abord une proposition.")
    locked = {key: value for key, value in proposal.locked.items() if key != need}
    if tutor:
        locked[need] = tutor
    problem, _ = problem_of(wave, on=on, locked=locked, last=dict(proposal.pairs))
    if need not in {known.key for known in problem.needs} or (tutor and tutor not in {t.key for t in problem.tutors}):
        raise TutoringRefused("Ce besoin ou ce tuteur n’est plus à apparier : rechargez la page.")
    try:
        solve(problem)
    except MatchingRefused as refusal:
        raise TutoringRefused(str(refusal)) from refusal
    proposal.locked = locked
    if tutor:
        proposal.pairs = {**proposal.pairs, need: tutor}
    proposal.save(update_fields=["locked", "pairs"])
    audit.record(by, MATCH_TUTORS, f"{'verrou' if tutor else 'sans verrou'} · {need}", academy=wave.academy.slug)
    return proposal


@transaction.atomic
def accept(wave: Wave, needs: list[str], *, effective_on: date, reason: str, by: User | None) -> list[Assignment]:
    """Write the chosen pairs of the proposal in the register: these tutorships begin on that day."""
    lock(wave.academy)
    proposal = Proposal.objects.select_for_update(of=("self",)).filter(wave=wave).first()
    pairs = {need: proposal.pairs[need] for need in needs if proposal and need in proposal.pairs}
    if not pairs or len(pairs) != len(set(needs)):
        raise TutoringRefused("Ces paires ne sont plus dans la proposition : rechargez la page.")
    problem, _ = problem_of(wave, on=wave.academy.today, locked=pairs, last={})
    if set(problem.locked) != set(pairs):
        raise TutoringRefused("Un de ces besoins, ou un de ces tuteurs, n’est plus à apparier : rechargez la page.")
    try:
        solve(problem)
    except MatchingRefused as refusal:
        raise TutoringRefused(str(refusal)) from refusal
    rows = assign(wave, pairs, effective_on=effective_on, reason=reason, by=by)
    assert proposal is not None
    proposal.pairs = {need: tutor for need, tutor in proposal.pairs.items() if need not in pairs}
    proposal.locked = {need: tutor for need, tutor in proposal.locked.items() if need not in pairs}
    proposal.save(update_fields=["pairs", "locked"])
    return rows


@transaction.atomic
def assign(wave: Wave, pairs: Pairs, *, effective_on: date, reason: str, by: User | None) -> list[Assignment]:
    """Write in the register that these tutors serve these needs of the wave, or nobody (an empty tutor), from a day."""
    lock(wave.academy)
    if not reason.strip():
        raise TutoringRefused("Indiquez le motif.")
    agencies = {a.seat.uai: a for a in AccountingAgency.objects.filter(academy=wave.academy).select_related("seat")}
    tutors = {str(tutor.pk): tutor for tutor in Tutor.objects.filter(academy=wave.academy)}
    instant = registers.next_instant(Assignment.objects.filter(need__wave__academy=wave.academy))
    operation = uuid4()
    rows = []
    for key, tutor in sorted(pairs.items()):
        seat, _, sphere = key.partition("/")
        need = TutoringNeed.objects.get_or_create(wave=wave, agency=agencies[seat], sphere=Sphere(sphere))[0]
        rows.append(
            Assignment(
                need=need,
                tutor=tutors[tutor] if tutor else None,
                effective_on=effective_on,
                recorded_at=instant,
                reason=reason.strip(),
                author=by,
                operation=operation,
            )
        )
    Assignment.objects.bulk_create(rows)
    audit.record(by, MATCH_TUTORS, f"{len(rows)} tutorat(s) · {wave}", academy=wave.academy.slug, reason=reason.strip())
    return rows


@dataclass(frozen=True)
class Held:
    """What tutors do on a day: needs of this wave already served, load and agencies of each tutor (keys are text)."""

    here: frozenset[str]
    loads: Mapping[str, int]
    agencies: Mapping[str, frozenset[str]]


def _held(wave: Wave, on: date) -> Held:
    rows = Assignment.objects.filter(need__wave__academy=wave.academy).in_force(on)
    here: set[str] = set()
    loads: dict[str, int] = {}
    agencies: dict[str, frozenset[str]] = {}
    for seat, sphere, wave_pk, tutor in rows.values_list(
        "need__agency__seat__uai", "need__sphere", "need__wave_id", "tutor_id"
    ):
        if tutor:
            key = str(tutor)
            loads[key] = loads.get(key, 0) + 1
            agencies[key] = agencies.get(key, frozenset()) | {seat}
            if wave_pk == wave.pk:
                here.add(f"{seat}/{sphere}")
    return Held(frozenset(here), loads, agencies)


def _candidates(wave: Wave, on: date, held: Held) -> tuple[Candidate, ...]:
    """Tutors in mission on that day; one without a place on the map cannot be matched by distance and is left out."""
    rows = Tutor.objects.filter(academy=wave.academy).select_related("establishment")
    places = Establishment.objects.filter(academy=wave.academy).with_agency(on)
    agencies = dict(places.values_list(*("pk", "agency_uai")))
    return tuple(
        Candidate(
            key=str(tutor.pk),
            spheres=frozenset(tutor.spheres),
            capacity=max(0, tutor.capacity - held.loads.get(str(tutor.pk), 0)),
            establishment=place.uai,
            agency=agencies.get(place.pk) or "",
            kind=place.kind,
            x=place.x,
            y=place.y,
            reach=float(tutor.reach_km * METRES),
            held=held.loads.get(str(tutor.pk), 0),
        )
        for tutor in rows
        if (tutor.ended_on is None or tutor.ended_on > on)
        for place in (tutor.establishment,)
        if place is not None and place.x is not None and place.y is not None
    )
