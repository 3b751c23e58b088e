"""The tutoring of the demonstration: tutors already there since V6, the volunteers collected, most of them accepted.

V7 has nineteen agencies, four of them without accountant. Thirteen already have a tutor of the accounting sphere, from
V6: two are to be found, six once the posts are filled. Their letters and orders of the year before have been renewed,
but for the last of them; most of this year's are signed.
"""

from __future__ import annotations

from datetime import date, timedelta

from accounts.choices import MailState, Role
from accounts.models import Grant, OutgoingEmail, User
from deployment.choices import Function, Kind, Sphere
from deployment.models import Academy, Establishment
from deployment.services.registers import recording_at
from opale_pilot.demo.posts import invented
from opale_pilot.demo.surveys import NOT_LEAVING
from opale_pilot.demo.territory import at_noon
from surveys.choices import Purpose
from surveys.models import Campaign
from tutoring.choices.candidates import ApplicationState, Verdict
from tutoring.choices.papers import PaperKind, PaperState
from tutoring.models import Application, Tutor
from tutoring.needs import AgencyNeed, needs_of
from tutoring.school_years import SchoolYear
from tutoring.services import applications, papers, tutors

NOTED_ON = date(2024, 9, 16)
SINCE = date(2024, 1, 8)
ALREADY_SERVED = 13  # agencies of V7 with a tutor of the accounting sphere
EACH = 2  # agencies a tutor
LEFT_TO_DECIDE = 5
FIRST_NUMBER = 1500  # of the invented persons: far after those in post
FIRST_PAPERS_ON, PAPERS_ON = date(2024, 1, 15), date(2024, 9, 18)
SIGNATORY = "La secrétaire générale de l’académie"
REASON = "Tuteur déjà présent depuis la V6 (démonstration)"


def load(academy: Academy) -> None:
    wave = academy.waves.get(code="V7")
    lines = [line for line in needs_of(wave, on=NOTED_ON) if not line.has_no_accountant]
    with recording_at(at_noon(NOTED_ON)):
        _already_there(academy, lines[:ALREADY_SERVED])
    campaign = Campaign.objects.get(academy=academy, purpose=Purpose.TUTOR_VOLUNTEERS)
    applications.collect(campaign, by=None)
    _decide(academy)
    decisions = OutgoingEmail.objects.filter(academy=academy.slug, state=MailState.DRAFT, key__startswith="tutor-")
    decisions.update(state=MailState.SENT, sent_at=at_noon(NOTED_ON), answer=NOT_LEAVING)
    _papers(academy)


def _already_there(academy: Academy, lines: list[AgencyNeed]) -> None:
    """One tutor for two agencies, each from a lycée of V6, the first ones by UAI."""
    v6 = academy.waves.get(code="V6")
    homes = academy.establishments.filter(kind=Kind.LYCEE).with_wave(NOTED_ON).filter(**{"wave_code": "V6"})
    seats = {e.uai: e for e in Establishment.objects.filter(uai__in=[line.seat for line in lines])}
    for number, home in enumerate(homes.order_by("uai")[: -(-len(lines) // EACH)]):
        name, email = invented(FIRST_NUMBER + number)
        tutor = Tutor(
            academy=academy,
            name=name,
            email=email,
            function=Function.DEPUTY_ACCOUNTANT,
            establishment=home,
            spheres=[Sphere.ACCOUNTING],
            capacity=EACH,
        )
        tutors.register(tutor, by=None, reason=REASON)
        for line in lines[number * EACH : (number + 1) * EACH]:
            seat = seats[line.seat]
            tutors.note_tutorship(tutor, v6, seat, Sphere.ACCOUNTING, effective_on=SINCE, reason=REASON, by=None)


def _decide(academy: Academy) -> None:
    """Two agents accept all but the last ones, left to the visitor."""
    agents = User.objects.filter(
        pk__in=Grant.objects.filter(academy=academy.slug, role__in=(Role.LEAD, Role.STAFF)).values("user")
    )
    waiting = Application.objects.filter(academy=academy, state=ApplicationState.RECEIVED).order_by("pk")
    for application in list(waiting)[:-LEFT_TO_DECIDE]:
        for agent in agents.order_by("pk"):
            applications.give_opinion(application, Verdict.ACCEPT, by=agent)


def _papers(academy: Academy) -> None:
    """Both kinds for those in place since V6, all signed the first year; renewed but for the last one, most signed."""
    in_place = list(Tutor.objects.filter(academy=academy, application=None).order_by("name", "pk"))
    agents = Grant.objects.filter(academy=academy.slug, role=Role.STAFF).values("user")
    agent = User.objects.filter(pk__in=agents).order_by("pk").first()
    for day, given, left in ((FIRST_PAPERS_ON, in_place, (0, 0)), (PAPERS_ON, in_place[:-1], (2, 5))):
        with recording_at(at_noon(day)):
            made = papers.issue(given, tuple(PaperKind), SchoolYear.of(day), on=day, by=agent)
        steps = (
            (PaperState.SENT, day + timedelta(days=2), ""),
            (PaperState.SIGNED, day + timedelta(days=9), SIGNATORY),
        )
        for (state, on, person), kept_back in zip(steps, left, strict=True):
            with recording_at(at_noon(on)):
                papers.step(made[: len(made) - kept_back], state, on=on, by=agent, person=person)
