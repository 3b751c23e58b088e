"""The registers and the trail may only grow: the database itself refuses the rest, on both engines."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from accounts import append_only
from accounts.models import AuditEntry
from deployment.choices import Function, Sphere
from deployment.models import AccountingAgency, AgencyMembership, Establishment
from deployment.models.register import RegisterEntry
from deployment.services import waves
from surveys.models import AnswerVersion, Invitation
from surveys.services import answers
from surveys.services.answers import Submission
from tests.factories import appoint, make_academy, make_establishment, make_wave
from tests.surveys.factories import make_campaign
from tests.tutoring.work import YEAR, make_call, visit
from tutoring.choices.papers import PaperKind
from tutoring.choices.work import DifficultyLevel
from tutoring.models import (
    ActionEvent,
    Feedback,
    Indemnity,
    IndemnityCorrection,
    Paper,
    PaperEvent,
    PaperTemplate,
    PaymentLine,
    Remark,
    Tutor,
    TutorMeeting,
    VisitLink,
)
from tutoring.school_years import SchoolYear
from tutoring.services import difficulties, indemnities, meetings, papers, statements, tutors, visit_links

LOCKED: list[type[models.Model]] = [
    AuditEntry,
    AnswerVersion,
    PaperEvent,
    Paper,
    PaperTemplate,
    ActionEvent,
    Feedback,
    Indemnity,
    IndemnityCorrection,
    PaymentLine,
    Remark,
    *(model for model in apps.get_models() if issubclass(model, RegisterEntry)),
]
# Locked tables that others refer to: emptied after these.
REFERRED: dict[type[models.Model], tuple[type[models.Model], ...]] = {
    Indemnity: (PaymentLine, IndemnityCorrection),
    IndemnityCorrection: (PaymentLine,),
    Paper: (PaperEvent,),
    PaperTemplate: (PaperEvent, Paper),
}


def fill() -> None:
    """One row at least in each locked table."""
    academy = make_academy()
    establishment = make_establishment(academy)
    waves.place(academy, {establishment: make_wave(academy)}, effective_on=date(2024, 1, 1), reason="Essai", by=None)
    AgencyMembership.objects.create(
        establishment=establishment,
        agency=AccountingAgency.objects.create(academy=academy, seat=establishment),
        effective_on=date(2024, 1, 1),
        recorded_at=timezone.now(),
        reason="Essai",
    )
    campaign = make_campaign(academy)  # it appoints a head on the way
    invitation = Invitation.objects.filter(entry__campaign=campaign).first()
    assert invitation
    content = {"none": True, "people": [], "comment": ""}
    answers.submit(invitation, Submission(uuid4(), content, "Dominique Chef", "Cheffe d’établissement", seen=0))
    appoint(establishment, Function.HEAD, "A", "a@b.test")
    tutor = Tutor(academy=academy, name="T", home_academy="Lyon", spheres=[Sphere.ORDERING])
    asked = {"effective_on": date(2024, 1, 1), "reason": "Essai", "by": None}
    wave = academy.waves.get()
    tutors.register(tutor, by=None, reason="Essai")
    tutors.note_tutorship(tutor, wave, establishment, Sphere.ORDERING, **asked)
    papers.issue([tutor], [PaperKind.MISSION_LETTER], SchoolYear(2024), on=date(2024, 10, 8), by=None)
    fill_work(tutor, establishment)


def fill_work(tutor: Tutor, establishment: Establishment) -> None:
    """What this tutor did, what was said of it, what it is worth."""
    academy, asked = tutor.academy, {"reason": "Essai", "by": None}
    difficulties.note(establishment, DifficultyLevel.SOME, effective_on=date(2024, 1, 1), **asked)
    done = visit(tutor, establishment)
    visit_links.answer(VisitLink.objects.get(), done, Feedback(verdict="exact", rating=1, name="A"))
    meeting = meetings.hold(TutorMeeting(academy=academy, held_on=date(2024, 1, 1), title="A"), [tutor], by=None)
    meetings.remark(meeting, tutor, "A", by=None)
    meetings.open_action(meeting, "A", "B", date(2024, 1, 1), by=None)
    make_call(academy)
    indemnities.correct(indemnities.attest(tutor, establishment, YEAR, **asked), is_void=True, **asked)
    statements.make(academy, by=None)


def attempt(model: type[models.Model], act: str) -> None:
    """UPDATE or DELETE every row in one statement, past what Django itself would check."""
    rows = model._default_manager.all()
    with transaction.atomic():
        if act == "UPDATE":
            rows.update(id=models.F("id"))
        else:
            rows._raw_delete(connection.alias)


@pytest.mark.parametrize("act", ["UPDATE", "DELETE"])
@pytest.mark.parametrize("model", LOCKED, ids=lambda model: model.__name__)
def test_locked_table_refuses(model: type[models.Model], act: str, db: None) -> None:
    fill()
    assert model._default_manager.exists()
    with pytest.raises(DatabaseError, match=f"append-only table: {model._meta.db_table}"):
        attempt(model, act)


@pytest.mark.parametrize("model", LOCKED, ids=lambda model: model.__name__)
def test_only_the_trigger_refuses(model: type[models.Model], db: None) -> None:
    """The mutant twin: without the trigger the same statements pass."""
    fill()
    with connection.cursor() as cursor:
        for statement in append_only.removal(connection.vendor, model._meta.db_table):
            cursor.execute(statement)
    attempt(model, "UPDATE")
    for other in REFERRED.get(model, ()):
        with append_only.unlocked(other._meta.db_table):
            other._default_manager.all()._raw_delete(connection.alias)
    attempt(model, "DELETE")
    assert not model._default_manager.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "again"])
def test_locked_after_the_tables_were_emptied(time: Any) -> None:
    """Tests that commit empty the tables afterwards (tests/conftest.py): the locks must be back."""
    assert not AuditEntry.objects.exists()
    fill()
    with pytest.raises(DatabaseError, match="append-only"):
        attempt(AuditEntry, "DELETE")
