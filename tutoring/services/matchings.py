"""Proposing, locking and deciding who tutors whom. The solver proposes; a person accepts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import uuid4

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from accounts import audit, jobs
from accounts.models import Job, User
from deployment.choices import Sphere
from deployment.models import AccountingAgency, Establishment, Wave
from deployment.services import registers
from deployment.services.waves import lock
from figures.french import count
from tutoring import tutorships
from tutoring.matching import MatchingRefused, Need, Problem, Solution, solve, standing
from tutoring.matching import Tutor as Candidate
from tutoring.models import Assignment, Proposal, Tutor, TutoringNeed
from tutoring.needs import AgencyNeed, needs_of
from tutoring.rights import MATCH_TUTORS
from tutoring.services.refusals import TutoringRefused

METRES = 1000
AT_ONCE = 300  # needs solved while the person waits
STALE = "Un de ces besoins, ou un de ces tuteurs, n’est plus à apparier : rechargez la page."
Pairs = Mapping[str, str]  # tutor (primary key as text) by need ("0380033E/ordering")


@dataclass(frozen=True)
class Board:
    """All that a person sees when matching a wave: the problem as it is now, and what stands of the last proposal."""

    wave: Wave
    problem: Problem
    solution: Solution
    waiting: tuple[AgencyNeed, ...]
    proposal: Proposal | None


def board(wave: Wave, *, on: date) -> Board:
    """The problem of the day with the last proposal, of which pairs that have become impossible are left out."""
    proposal = Proposal.objects.filter(wave=wave).select_related("made_by").first()
    problem, waiting = _problem_after(wave, proposal, on)
    pairs = standing(problem, proposal.pairs if proposal else {})
    unserved = tuple(need.key for need in problem.sorted_needs if need.key not in pairs)
    return Board(wave, problem, Solution(pairs, unserved, 0), waiting, proposal)


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


def _problem_after(wave: Wave, proposal: Proposal | None, on: date) -> tuple[Problem, tuple[AgencyNeed, ...]]:
    """The problem with the last proposal and its locks, less the locks that have become impossible."""
    locked, last = (dict(proposal.locked), dict(proposal.pairs)) if proposal else ({}, {})
    problem, waiting = problem_of(wave, on=on, locked=locked, last=last)
    return replace(problem, locked=standing(problem, problem.locked)), waiting


@transaction.atomic
def propose(wave: Wave, *, on: date, by: User | None) -> Proposal:
    """Solve again, keeping what is locked and changing as little as possible of the last proposal."""
    lock(wave.academy)
    problem, _ = _problem_after(wave, _proposal(wave), on)
    solution = _solved(problem)
    values = {"pairs": dict(solution.pairs), "locked": dict(problem.locked), "made_at": timezone.now(), "made_by": by}
    proposal = Proposal.objects.update_or_create(wave=wave, defaults=values)[0]
    details = {"pairs": len(solution.pairs), "unserved": len(solution.unserved)}
    audit.record(by, MATCH_TUTORS, proposal, academy=wave.academy.slug, **details)
    return proposal


@transaction.atomic
def request(wave: Wave, *, on: date, by: User) -> Proposal | Job:
    """Propose at once when the problem is small, else in the background, for the solver's time grows fast."""
    size = sum(len(Sphere) for _ in needs_of(wave, on=on))
    if size <= AT_ONCE:
        return propose(wave, on=on, by=by)
    return jobs.submit(
        "tutoring.tasks.propose_matching",
        label=f"Appariement de la {wave}",
        academy=wave.academy.slug,
        by=by,
        wave=wave.pk,
        on=on.isoformat(),
    )


def propose_in_background(claim: jobs.Claim) -> None:
    """The same as `propose`, by a worker."""
    asked = claim.job.parameters
    wave = Wave.objects.select_related("academy").get(pk=asked["wave"])
    with claim.commit():
        propose(wave, on=date.fromisoformat(asked["on"]), by=claim.job.requested_by)


@transaction.atomic
def choose(wave: Wave, need: str, tutor: str, *, on: date, by: User) -> Proposal:
    """Give this need to that tutor and lock the pair; an empty tutor unlocks it. Refused if a hard rule forbids it."""
    lock(wave.academy)
    proposal = _proposal(wave)
    if proposal is None:
        raise TutoringRefused("Calculez d’abord une proposition.")
    problem, _ = _problem_after(wave, proposal, on)
    locked = {key: value for key, value in problem.locked.items() if key != need}
    if need not in {known.key for known in problem.needs} or (tutor and tutor not in {t.key for t in problem.tutors}):
        raise TutoringRefused(STALE)
    if tutor:
        locked[need] = tutor
        problem = replace(problem, locked=locked)
        _solved(problem)
        others = {key: value for key, value in standing(problem, proposal.pairs).items() if key != need}
        asked = {**others, need: tutor}
        if standing(problem, asked) != asked:
            raise TutoringRefused(
                "Ce tuteur a déjà tout ce qu’il a accepté : rechargez la page, ou calculez de nouveau."
            )
        proposal.pairs = dict(sorted(asked.items()))
    proposal.locked = locked
    proposal.save(update_fields=["locked", "pairs"])
    audit.record(by, MATCH_TUTORS, f"{'verrou' if tutor else 'sans verrou'} · {need}", academy=wave.academy.slug)
    return proposal


@transaction.atomic
def accept(wave: Wave, seen: Pairs, *, effective_on: date, reason: str, by: User | None) -> list[Assignment]:
    """Write in the register the pairs chosen, as the person saw them: these tutorships begin on that day.

    Refused when one of them has changed since, or is no longer possible on that day.
    """
    lock(wave.academy)
    proposal = _proposal(wave)
    if not seen:
        raise TutoringRefused("Cochez au moins une paire.")
    if proposal is None or not seen.items() <= proposal.pairs.items():
        raise TutoringRefused("Ces paires ne sont plus dans la proposition : rechargez la page.")
    day = max(effective_on, wave.academy.today)
    problem, _ = problem_of(wave, on=day, locked=seen, last={})
    if set(problem.locked) != set(seen):
        raise TutoringRefused(STALE)
    _solved(problem)
    rows = assign(wave, seen, effective_on=effective_on, reason=reason, by=by)
    proposal.pairs = {need: tutor for need, tutor in proposal.pairs.items() if need not in seen}
    proposal.locked = {need: tutor for need, tutor in proposal.locked.items() if need not in seen}
    proposal.save(update_fields=["pairs", "locked"])
    return rows


@transaction.atomic
def assign(wave: Wave, pairs: Pairs, *, effective_on: date, reason: str, by: User | None) -> list[Assignment]:
    """Write in the register that these tutors serve these needs of the wave, or nobody (an empty tutor), from a day."""
    lock(wave.academy)
    if not reason.strip():
        raise TutoringRefused("Indiquez le motif.")
    _refuse_before(wave, effective_on)
    agencies = {a.seat.uai: a for a in AccountingAgency.objects.filter(academy=wave.academy).select_related("seat")}
    tutors = {str(tutor.pk): tutor for tutor in Tutor.objects.filter(academy=wave.academy)}
    asked = {tuple(key.split("/")): tutor for key, tutor in sorted(pairs.items())}
    if not {seat for seat, _ in asked} <= agencies.keys() or not {t for t in asked.values() if t} <= tutors.keys():
        raise TutoringRefused(STALE)
    instant = registers.next_instant(Assignment.objects.filter(need__wave__academy=wave.academy))
    written = {"effective_on": effective_on, "recorded_at": instant, "reason": reason.strip()[:300], "author": by}
    operation = uuid4()
    rows = [
        Assignment(need=need, tutor=tutors.get(tutor), operation=operation, **written)
        for need, tutor in zip(_needs(wave, list(asked), agencies), asked.values(), strict=True)
    ]
    Assignment.objects.bulk_create(rows)
    target = f"{count(len(rows), 'tutorat')} · {wave}"
    audit.record(by, MATCH_TUTORS, target, academy=wave.academy.slug, reason=reason.strip())
    return rows


def _refuse_before(wave: Wave, effective_on: date) -> None:
    """A tutorship of a wave begins, or ends, once the wave is there: a year mistyped would be owed for decades."""
    opened_on = wave.states.aggregate(first=Min("effective_on"))["first"]
    if opened_on and effective_on < opened_on:
        raise TutoringRefused(f"La vague {wave} est ouverte depuis le {opened_on:%d/%m/%Y} : aucun tutorat avant.")


def _needs(wave: Wave, keys: Sequence[tuple[str, ...]], agencies: Mapping[str, AccountingAgency]) -> list[TutoringNeed]:
    """The needs of these (seat, sphere), written if they are not yet; three queries whatever their number."""
    rows = [TutoringNeed(wave=wave, agency=agencies[seat], sphere=Sphere(sphere)) for seat, sphere in keys]
    TutoringNeed.objects.bulk_create(rows, ignore_conflicts=True)
    found = {(need.agency_id, need.sphere): need for need in TutoringNeed.objects.filter(wave=wave)}
    return [found[row.agency_id, row.sphere] for row in rows]


def _proposal(wave: Wave) -> Proposal | None:
    return Proposal.objects.select_for_update(of=("self",)).filter(wave=wave).first()


def _solved(problem: Problem) -> Solution:
    try:
        return solve(problem)
    except MatchingRefused as refusal:
        raise TutoringRefused(str(refusal)) from refusal


@dataclass(frozen=True)
class Held:
    """What tutors do on a day: needs of this wave already served, load and agencies of each tutor (keys are text)."""

    here: frozenset[str]
    loads: Mapping[str, int]
    agencies: Mapping[str, frozenset[str]]


def _held(wave: Wave, on: date) -> Held:
    """What is in force on that day or already written for a later one: what is promised is no longer to give."""
    here: set[str] = set()
    served: dict[str, set[int]] = defaultdict(set)
    agencies: dict[str, frozenset[str]] = {}
    for row in tutorships.standing_rows(wave.academy, on):
        key = str(row.tutor_id)
        served[key].add(row.need_id)
        agencies[key] = agencies.get(key, frozenset()) | {row.need.agency.seat.uai}
        if row.need.wave_id == wave.pk:
            here.add(row.need.key)
    return Held(frozenset(here), {key: len(needs) for key, needs in served.items()}, agencies)


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
        if tutor.is_available(on)
        for place in (tutor.establishment,)
        if place is not None and place.x is not None and place.y is not None
    )
