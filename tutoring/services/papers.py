"""Letters and orders of the tutors: issued for a year, replaced, followed through their signature."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Max, Q

from accounts import audit
from accounts.models import User
from deployment.models import Academy
from deployment.services import registers
from deployment.services.waves import lock
from figures.french import count, enumeration
from tutoring.choices.papers import PAPER_PREFIXES, PaperKind, PaperState
from tutoring.models import Paper, PaperEvent, PaperTemplate, Tutor
from tutoring.models.papers import search_text
from tutoring.paper_contents import Draft, Situation, frozen, letter_of, values_of
from tutoring.rights import ISSUE_PAPERS
from tutoring.school_years import SchoolYear
from tutoring.services import paper_templates
from tutoring.services.refusals import TutoringRefused

MANY = 500
STALE = "Cette étape n’est plus possible : rechargez la page."
NEEDS_PERSON = (PaperState.SIGNED,)
NEEDS_NOTE = (PaperState.REFUSED, PaperState.CANCELLED)


def years_open(on: date) -> tuple[SchoolYear, SchoolYear]:
    """The school years that papers can be issued for on that day: the current one and the next."""
    current = SchoolYear.of(on)
    return current, current.next


def is_in_mission(tutor: Tutor, year: SchoolYear) -> bool:
    """Whether the mission covers a day of that year."""
    has_begun = tutor.available_from is None or tutor.available_from <= year.ends_on
    return has_begun and (tutor.ended_on is None or tutor.ended_on > year.starts_on)


def labels_held(academy: Academy, year: SchoolYear) -> dict[int, list[str]]:
    """By tutor, the numbers of the papers of that year that are in use; one query."""
    held: dict[int, list[str]] = defaultdict(list)
    rows = Paper.objects.filter(academy=academy, year=year.first).with_state()
    for paper in rows.exclude(Q(("state", PaperState.REPLACED))).order_by("kind", "sequence"):
        held[paper.tutor_id].append(f"{paper.number} ({paper.state_label.lower()})")
    return held


@transaction.atomic
def issue(
    tutors: Collection[Tutor], kinds: Collection[PaperKind], year: SchoolYear, *, on: date, by: User | None
) -> list[Paper]:
    """Issue these kinds of paper of the year to these tutors of one académie, each to those who have none yet.

    Asked twice, it issues nothing the second time. What is tutored is read on the day of issue, or on the first day of
    a year to come. A constant number of queries, whatever the number of tutors.
    """
    if not tutors or not kinds:
        raise TutoringRefused("Choisissez au moins un tuteur et un type.")
    academy = next(iter(tutors)).academy
    lock(academy)
    if year not in years_open(on):
        raise TutoringRefused(f"L’année scolaire {year} n’est pas celle en cours ni la suivante.")
    fresh = _fresh(academy, tutors)
    if absent := [tutor.name for tutor in fresh if not _is_possible(tutor, kinds, year, on)]:
        raise TutoringRefused(f"Hors mission pendant l’année {year} : {enumeration(absent)}.")
    held = Paper.objects.filter(academy=academy, year=year.first, kind__in=kinds, tutor__in=fresh)
    known = set(held.values_list("tutor", "kind"))
    wanted = [(tutor, kind) for kind in kinds for tutor in fresh if (tutor.pk, kind) not in known]
    if not wanted:
        return []
    maker = _Maker.of(academy, year, {kind for _, kind in wanted}, on=on, by=by)
    papers = _write([maker.paper(tutor, kind) for tutor, kind in wanted])
    target = f"{count(len(papers), 'lettre ou ordre', 'lettres ou ordres')} · {year}"
    audit.record(by, ISSUE_PAPERS, target, academy=academy.slug, numbers=[paper.number for paper in papers])
    return papers


@transaction.atomic
def replace(paper: Paper, *, reason: str, on: date, by: User | None) -> Paper:
    """Issue another paper of the same kind and year from what the registers say today; the former is « remplacé »."""
    if not reason.strip():
        raise TutoringRefused("Indiquez le motif du remplacement.")
    academy = paper.academy
    lock(academy)
    former = _locked_state([paper])[0]
    if former.state == PaperState.REPLACED:
        raise TutoringRefused(f"{former.number} est déjà remplacé : rechargez la page.")
    kind, year = PaperKind(former.kind), former.school_year
    (tutor,) = _fresh(academy, [former.tutor])
    if on > year.ends_on or not _is_possible(tutor, [kind], year, on):
        raise TutoringRefused(f"{tutor} n’a plus de jour de mission à couvrir dans l’année {year}.")
    maker = _Maker.of(academy, year, {kind}, on=on, by=by)
    made = maker.paper(tutor, kind)
    made.replaces, made.reason = former, reason.strip()[:300]
    _write([made])
    _add_events([former], PaperState.REPLACED, on=on, note=f"par {made.number} : {reason.strip()}", by=by)
    audit.record(by, ISSUE_PAPERS, made, academy=academy.slug, replaces=former.number, reason=reason.strip())
    return made


@transaction.atomic
def step(
    papers: Collection[Paper], state: PaperState, *, on: date, by: User | None, person: str = "", note: str = ""
) -> list[Paper]:
    """Write the next step of these papers of one académie: sent, signed by somebody on a day, refused, cancelled.

    All or none: refused, with their numbers, when one of them cannot take this step.
    """
    if not papers:
        raise TutoringRefused("Cochez au moins une lettre ou un ordre.")
    if state in NEEDS_PERSON and not person.strip():
        raise TutoringRefused("Indiquez qui a signé.")
    if state in NEEDS_NOTE and not note.strip():
        raise TutoringRefused("Indiquez le motif.")
    academy = next(iter(papers)).academy
    lock(academy)
    fresh = _locked_state(papers)
    if stopped := [paper.number for paper in fresh if state not in paper.next_steps]:
        raise TutoringRefused(f"« {state.label} » n’est pas possible pour {enumeration(stopped)} : rechargez la page.")
    if early := [paper.number for paper in fresh if on < paper.issued_on]:
        raise TutoringRefused(f"Cette date précède l’émission de {enumeration(early)}.")
    if on > academy.today:
        raise TutoringRefused("Cette date est à venir : écrivez l’étape quand elle a eu lieu.")
    _add_events(fresh, state, on=on, person=person, note=note, by=by)
    target = f"{state.label} · {enumeration(paper.number for paper in fresh)}"
    audit.record(by, ISSUE_PAPERS, target, academy=academy.slug, on=on.isoformat(), person=person, note=note)
    return fresh


@dataclass
class _Maker:
    """Makes papers of one académie and year, not saved, each with the next number. The académie is locked."""

    academy: Academy
    year: SchoolYear
    on: date
    by: User | None
    at: datetime
    templates: dict[PaperKind, PaperTemplate]
    situation: Situation
    last: dict[str, int]

    @classmethod
    def of(cls, academy: Academy, year: SchoolYear, kinds: Iterable[PaperKind], *, on: date, by: User | None) -> _Maker:
        numbered = Paper.objects.filter(academy=academy, year=year.first).order_by().values_list("kind")
        return cls(
            academy,
            year,
            on,
            by,
            registers.next_instant(PaperEvent.objects.filter(paper__academy=academy).order_by()),
            {kind: paper_templates.kept(academy, kind) for kind in sorted(kinds)},
            Situation.of(academy, max(on, year.starts_on)),
            dict(numbered.annotate(last=Max("sequence"))),
        )

    def paper(self, tutor: Tutor, kind: PaperKind) -> Paper:
        sequence = self.last[kind] = self.last.get(kind, 0) + 1
        number = f"{PAPER_PREFIXES[kind]}-{self.year}-{sequence:03d}"
        draft = Draft(kind, number, str(self.year), self.on, *_validity(tutor, kind, self.year, self.on))
        values = values_of(tutor, self.situation, draft)
        text = paper_templates.text_of(self.templates[kind], kind)
        letter = letter_of(text, values, self.situation.places_of(tutor), self.academy, draft)
        return Paper(
            academy=self.academy,
            tutor=tutor,
            kind=kind,
            year=self.year.first,
            sequence=sequence,
            valid_from=draft.valid_from,
            valid_to=draft.valid_to,
            template=self.templates[kind],
            values=values,
            content=frozen(letter),
            search_text=search_text(number, tutor.name, values["etablissement"]),
            issued_on=self.on,
            issued_at=self.at,
            issued_by=self.by,
        )


def _validity(tutor: Tutor, kind: PaperKind, year: SchoolYear, on: date) -> tuple[date, date]:
    """A letter covers the mission within the year; an order cannot authorise trips made before it is issued."""
    starts = [year.starts_on, tutor.available_from or date.min]
    if kind == PaperKind.TRAVEL_ORDER:
        starts.append(on)
    last = tutor.ended_on - timedelta(days=1) if tutor.ended_on else date.max
    return max(starts), min(year.ends_on, last)


def _is_possible(tutor: Tutor, kinds: Iterable[PaperKind], year: SchoolYear, on: date) -> bool:
    spans = (_validity(tutor, kind, year, on) for kind in kinds)
    return is_in_mission(tutor, year) and all(first <= last for first, last in spans)


def _fresh(academy: Academy, tutors: Iterable[Tutor]) -> list[Tutor]:
    """These tutors as they are now, by name, which is the order of the numbers."""
    rows = Tutor.objects.filter(academy=academy, pk__in=[tutor.pk for tutor in tutors]).order_by("name", "pk")
    return list(rows.select_related("academy", "establishment", "application__call"))


def _write(papers: list[Paper]) -> list[Paper]:
    Paper.objects.bulk_create(papers, batch_size=MANY)
    made = partial(PaperEvent, position=1, state=PaperState.ISSUED)
    PaperEvent.objects.bulk_create(
        [made(paper=p, on=p.issued_on, author=p.issued_by, recorded_at=p.issued_at) for p in papers], batch_size=MANY
    )
    return papers


def _locked_state(papers: Collection[Paper]) -> list[Paper]:
    """These papers with the state they have now, by number; the académie is locked."""
    rows = Paper.objects.filter(academy=next(iter(papers)).academy, pk__in=[paper.pk for paper in papers])
    fresh = list(rows.with_state().select_related("academy", "tutor").order_by("kind", "year", "sequence"))
    if len(fresh) != len({paper.pk for paper in papers}):
        raise TutoringRefused(STALE)
    return fresh


def _add_events(
    papers: list[Paper], state: PaperState, *, on: date, by: User | None, person: str = "", note: str = ""
) -> None:
    events = PaperEvent.objects.filter(paper__in=papers).order_by()
    last = dict(events.values_list("paper").annotate(last=Max("position")))
    at = registers.next_instant(PaperEvent.objects.filter(paper__academy=papers[0].academy).order_by())
    PaperEvent.objects.bulk_create(
        [
            PaperEvent(
                paper=paper,
                position=last[paper.pk] + 1,
                state=state,
                on=on,
                person=person.strip()[:120],
                note=note.strip()[:300],
                author=by,
                recorded_at=at,
            )
            for paper in papers
        ],
        batch_size=MANY,
    )
