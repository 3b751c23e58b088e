"""The work of the tutors in the demonstration: visits and what establishments say of them, a meeting, indemnities.

« Théo » is the account of one of the tutors already there since V6. He tutored establishments of V6 from January to
August 2024, for which he was paid, and goes on with those of V7 since September.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import F

from accounts.choices import MailState, Role
from accounts.models import OutgoingEmail, User
from deployment.choices import Sphere
from deployment.models import Academy, Establishment
from deployment.services.registers import recording_at
from opale_pilot.demo.surveys import NOT_LEAVING
from opale_pilot.demo.territory import at_noon
from surveys.clock import happening_at
from tutoring.choices.candidates import CallState
from tutoring.choices.work import ActionState, DifficultyLevel, FeedbackVerdict, Rating, VisitMode
from tutoring.coverage import spells
from tutoring.models import Feedback, Tutor, TutorCall, TutorMeeting, Visit, VisitLink
from tutoring.school_years import SchoolYear
from tutoring.services import access, difficulties, indemnities, meetings, statements, tutors, visit_links, visits

PAID_YEAR = SchoolYear(2023)
SINCE, NOTED_ON = date(2024, 1, 8), date(2024, 9, 16)
ATTESTED_ON, LISTED_ON, PAID_ON = date(2024, 9, 18), date(2024, 9, 20), date(2024, 10, 4)
MEETING_ON = date(2024, 9, 24)
RATE = Decimal("500")
# Day of September, minutes, on site or not, subject; then what the establishment says of it, if it answered.
WORK: tuple[tuple[int, int, VisitMode, str, tuple[Rating, str] | str | None], ...] = (
    (3, 120, VisitMode.ON_SITE, "Reprise des soldes et premier paiement", (Rating.EXCELLENT, "Très concret.")),
    (5, 45, VisitMode.REMOTE, "Paramétrage des régies", (Rating.GOOD, "")),
    (10, 60, VisitMode.REMOTE, "Droits constatés", "La séance a duré trente minutes, pas une heure."),
    (12, 90, VisitMode.ON_SITE, "Budget exécutoire", (Rating.FAIR, "Nos questions portaient sur les bourses.")),
    (19, 30, VisitMode.REMOTE, "Rejets de mandats", None),
    (26, 60, VisitMode.ON_SITE, "Suivi des créances", None),
)
LEVELS = (
    (DifficultyLevel.SEVERE, "Aucun paiement n’est encore parti"),
    (DifficultyLevel.SERIOUS, "Une seule personne sait se servir de l’outil"),
    (DifficultyLevel.SOME, "Les régies restent à paramétrer"),
    (DifficultyLevel.AT_EASE, "L’équipe est autonome"),
)
FIXED = "Convenu avec l’agent comptable (démonstration)"


def load(academy: Academy, *, by: User) -> None:
    _call(academy)
    served = Tutor.objects.filter(academy=academy, assignments__isnull=False).distinct().order_by("pk")
    theo, others = served.latest("pk"), list(served[:3])
    _served_since_v6(theo)
    _open_account(theo)
    places = [*_places(academy, theo), *_places(academy, others[0])]
    for tutor in (theo, others[0]):
        _work(tutor, _places(academy, tutor), by=by)
    _levels(places, by=by)
    _meeting(academy, [theo, *others], places[0], by=by)
    _paid(academy, theo, by=by)
    _settle_mails(academy)


def _call(academy: Academy) -> None:
    """Grenoble told its tutors' indemnity when V6 began; the reference is invented."""
    TutorCall.objects.create(
        academy=academy,
        reference="SAEPLE/23-118-7",
        title="Appel à tuteurs Op@le de la V6",
        published_on=date(2023, 11, 20),
        deadline_on=date(2023, 12, 4),
        recipients="Mesdames et messieurs les secrétaires généraux et fondés de pouvoir",
        functions=["secretary_general", "deputy_accountant"],
        waves=["V1", "V2", "V3", "V4", "V5"],
        spheres=[Sphere.ORDERING, Sphere.ACCOUNTING],
        rate=RATE,
        bonus_coefficient=Decimal("3"),
        mission_ends_on=date(2025, 8, 31),
        reply_to="tuteurs@demo.invalid",
        state=CallState.CLOSED,
    )


def _served_since_v6(tutor: Tutor) -> None:
    """An agency that has several establishments of V6: the first by UAI that the rules allow."""
    academy = tutor.academy
    v6 = academy.waves.get(code="V6")
    members = academy.establishments.with_wave(SINCE).with_agency(SINCE).filter(**{"wave_code": "V6"})
    seats = sorted(row.agency_uai for row in members if row.agency_uai)
    chosen = next(seat for seat in seats if seats.count(seat) > 1)
    seat = Establishment.objects.get(uai=chosen)
    with recording_at(at_noon(NOTED_ON)):
        tutors.note_tutorship(tutor, v6, seat, Sphere.ACCOUNTING, effective_on=SINCE, reason=FIXED, by=None)


def _open_account(tutor: Tutor) -> None:
    """The sign-in of the demonstration is this tutor's."""
    tutor.user = User.objects.get(grants__role=Role.TUTOR, grants__academy=tutor.academy.slug)
    tutor.save(update_fields=["user"])
    access.note_training(tutor, date(2024, 9, 4), by=None)


def _places(academy: Academy, tutor: Tutor) -> list[Establishment]:
    """What this tutor tutors at the beginning of September, establishments of V7 first."""
    day = date(2024, 9, 2)
    keys = {spell.establishment for spell in spells(academy, day, day, tutors=[tutor.pk])}
    rows = academy.establishments.with_wave(day).filter(pk__in=keys).select_related("academy")
    return sorted(rows, key=lambda row: (-(row.wave_rank or 0), row.uai))


def _work(tutor: Tutor, places: Sequence[Establishment], *, by: User) -> None:
    """The same six visits, each to the next establishment, noted the same evening and answered two days later."""
    for number, (day, minutes, mode, subject, said) in enumerate(WORK):
        told = {"on": date(2024, 9, day), "minutes": minutes, "mode": mode, "subject": subject}
        visit = Visit(tutor=tutor, establishment=places[number % len(places)], **told)
        with happening_at(_at(visit.on, 18)):
            visit = visits.record(visit, by=tutor.user or by)
        link = VisitLink.objects.filter(tutor=tutor, establishment=visit.establishment).order_by("pk").last()
        if link and said:
            with happening_at(_at(visit.on, 10) + timedelta(days=2)):
                visit_links.answer(link, visit, _feedback(link, said))


def _feedback(link: VisitLink, said: tuple[Rating, str] | str) -> Feedback:
    if isinstance(said, str):
        return Feedback(verdict=FeedbackVerdict.WRONG, comment=said, name=link.name[:120])
    return Feedback(verdict=FeedbackVerdict.EXACT, rating=said[0], comment=said[1], name=link.name[:120])


def _levels(places: Sequence[Establishment], *, by: User) -> None:
    with recording_at(at_noon(MEETING_ON)):
        for place, (level, reason) in zip(places, LEVELS, strict=False):
            difficulties.note(place, level, effective_on=date(2024, 9, 23), reason=reason, by=by)


def _meeting(academy: Academy, people: Sequence[Tutor], place: Establishment, *, by: User) -> None:
    """Two remarks, and two actions: one is late on 8 October."""
    meeting = TutorMeeting(
        academy=academy,
        held_on=MEETING_ON,
        title="Bilan de rentrée des tuteurs",
        organisers=f"{academy.service_acronym} et EAFC",
    )
    with happening_at(_at(MEETING_ON, 16)):
        meetings.hold(meeting, people, by=by)
        meetings.remark(
            meeting,
            people[0],
            "Les régisseurs ne trouvent pas la fiche de la régie de recettes.",
            by=by,
            establishment=place,
        )
        meetings.remark(meeting, people[1], "La formation aux droits constatés vient trop tôt dans l’année.", by=by)
        late = meetings.open_action(
            meeting, "Refaire la fiche de la régie de recettes", "EAFC", date(2024, 10, 4), by=by
        )
        meetings.open_action(meeting, "Placer les droits constatés en novembre", "EAFC", date(2024, 11, 15), by=by)
    with happening_at(_at(date(2024, 9, 30), 9)):
        meetings.advance(late, ActionState.IN_PROGRESS, "Rédaction commencée", by=by)


def _paid(academy: Academy, tutor: Tutor, *, by: User) -> None:
    """The service of 2023-2024 attested, put in a statement and paid; only his."""
    keys = {spell.establishment for spell in spells(academy, PAID_YEAR.starts_on, PAID_YEAR.ends_on, tutors=[tutor.pk])}
    with happening_at(_at(ATTESTED_ON, 11)):
        for place in academy.establishments.filter(pk__in=keys).order_by("uai"):
            ground = "Compte rendu d’activité du tuteur, avant le suivi des visites"
            indemnities.attest(tutor, place, PAID_YEAR, by=by, reason=ground)
    with happening_at(_at(LISTED_ON, 15)):
        statement = statements.make(academy, by=None)
    statements.mark_paid(statement, PAID_ON, by=by)


def _settle_mails(academy: Academy) -> None:
    """No mail leaves a demonstration."""
    written = OutgoingEmail.objects.filter(academy=academy.slug, key__startswith="visits-")
    written.update(state=MailState.SENT, sent_at=F("created_at"), secret="", answer=NOT_LEAVING)


def _at(day: date, hour: int) -> datetime:
    return at_noon(day) + timedelta(hours=hour - 12)
