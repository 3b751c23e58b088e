"""What the tutoring writes, word for word: the texts of tests/tutoring/emails/ are there to be read."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts import mail
from accounts.models import OutgoingEmail, User
from deployment.models import Academy, Wave
from surveys.choices import Purpose
from tests.factories import make_establishment
from tests.surveys.factories import make_campaign
from tests.tutoring.conftest import make_application
from tests.tutoring.factories import make_call
from tutoring import emails, visit_emails
from tutoring.choices.candidates import ApplicationOrigin, ApplicationState, Verdict
from tutoring.models import Application, Tutor, VisitLink
from tutoring.services import applications

GOLDEN = Path(__file__).parent / "emails"
Signed = Callable[[User], Client]


def make(academy: Academy, **fields: Any) -> Application:
    """An application to a call, not saved: what a mail tells of it is all there."""
    values: dict[str, Any] = {
        "pk": 1,
        "academy": academy,
        "call": make_call(academy),
        "name": "Ana Volontaire",
        "email": "ana@exemple.invalid",
        "function": "secretary_general",
        "establishment": make_establishment(academy, name="Collège Stendhal"),
        "spheres": ["ordering", "accounting"],
        "capacity": 2,
        "origin": ApplicationOrigin.CALL,
        "received_at": timezone.make_aware(datetime(2024, 10, 8, 10)),
    } | fields
    return Application(**values)


def late(academy: Academy) -> Application:
    at = timezone.make_aware(datetime(2024, 10, 15, 10))
    offered = {"area": "Grésivaudan", "is_remote": True, "available_from": date(2024, 11, 1)}
    return make(academy, received_at=at, origin=ApplicationOrigin.STAFF, **offered)


def ask(academy: Academy, *, waiting: int) -> OutgoingEmail | None:
    """To the head of a tutored establishment. Nothing is saved but the mail."""
    spot = make_establishment(academy, name="Collège Stendhal")
    tutor = Tutor(academy=academy, name="Léa Tutrice")
    link = VisitLink(tutor=tutor, establishment=spot, email="chef@exemple.invalid", mail_key="visit-1")
    return visit_emails.confirmation(link, token="jeton", waiting=waiting)


WRITE: dict[str, Callable[[Academy], Any]] = {
    "application_received": lambda academy: emails.acknowledgement(make(academy)),
    "application_received_late_by_staff": lambda academy: emails.acknowledgement(late(academy)),
    "application_accepted": lambda academy: emails.decision(make(academy, state="accepted"), batch="Lot"),
    "application_pooled": lambda academy: emails.decision(make(academy, state="pooled"), batch="Lot"),
    "application_refused": lambda academy: emails.decision(make(academy, state="refused", call=None), batch="Lot"),
    "visit_confirmation": lambda academy: ask(academy, waiting=1),
    "visit_confirmation_of_two": lambda academy: ask(academy, waiting=2),
}
VARIANTS = {"application_received_late_by_staff", "visit_confirmation_of_two"}  # of a template read already


def test_every_template_is_read_here() -> None:
    written = {path.stem for path in Path("templates/tutoring/emails").glob("*.html")}
    assert set(WRITE) == {path.stem for path in GOLDEN.glob("*.txt")}
    assert written == set(WRITE) - VARIANTS


@pytest.mark.parametrize("name", WRITE)
def test_mail_says_what_was_agreed(name: str, grenoble: Academy) -> None:
    with transaction.atomic():
        WRITE[name](grenoble)
    row = OutgoingEmail.objects.get()
    assert f"{row.subject}\n\n{row.text}" == (GOLDEN / f"{name}.txt").read_text()


# --- decisions


@pytest.mark.parametrize(
    ("verdict", "subject"),
    [
        (Verdict.ACCEPT, "Votre candidature de tuteur Op@le est retenue"),
        (Verdict.POOL, "Votre candidature de tuteur Op@le est gardée au vivier"),
        (Verdict.REFUSE, "Votre candidature de tuteur Op@le"),
    ],
)
def test_the_second_opinion_writes_a_draft_that_is_released_from_the_outbox(
    verdict: Verdict, subject: str, v7: Wave, nadia: User, samir: User, signed: Signed
) -> None:
    call = make_call(v7.academy)
    application = make_application(v7.academy, email="ana@exemple.invalid", call=call)
    OutgoingEmail.objects.all().delete()  # the acknowledgement
    applications.give_opinion(application, verdict, by=nadia, reason="Parce que")
    assert not OutgoingEmail.objects.exists()
    applications.give_opinion(application, verdict, by=samir, reason="Parce que")
    row = OutgoingEmail.objects.get()
    batch = "Décisions · appel SA/2024-1"
    assert (row.state, row.batch, row.subject, row.to) == ("draft", batch, subject, "ana@exemple.invalid")
    assert "Parce que" not in row.text, "an opinion's reason stays inside"
    shown = signed(nadia).get("/grenoble/envois/").content.decode()
    assert batch in shown
    assert mail.release_batch("grenoble", batch, 1, by=nadia) == 1
    row.refresh_from_db()
    assert row.state == "queued"


def test_each_campaign_has_its_batch_and_no_address_no_mail(v7: Wave, nadia: User, samir: User) -> None:
    campaign = make_campaign(v7.academy, purpose=Purpose.TUTOR_VOLUNTEERS)
    by_campaign = make_application(v7.academy, "Ana", email="ana@exemple.invalid")
    fields = {"origin": ApplicationOrigin.CAMPAIGN, "source": f"campaign-{campaign.pk}-x"}
    Application.objects.filter(pk=by_campaign.pk).update(**fields)
    typed = make_application(v7.academy, "Bo", email="bo@exemple.invalid")
    silent = make_application(v7.academy, "Cy")
    known = set(OutgoingEmail.objects.values_list("pk", flat=True))
    for application in (by_campaign, typed, silent):
        for person in (nadia, samir):
            applications.give_opinion(application, Verdict.ACCEPT, by=person)
    batches = set(OutgoingEmail.objects.exclude(pk__in=known).values_list("to", "batch"))
    assert batches == {
        ("ana@exemple.invalid", f"Décisions · {campaign.title}"),
        ("bo@exemple.invalid", "Décisions · candidatures saisies"),
    }


def test_who_withdraws_is_not_written_to(v7: Wave, nadia: User, samir: User) -> None:
    application = make_application(v7.academy, email="ana@exemple.invalid")
    for person in (nadia, samir):
        applications.give_opinion(application, Verdict.POOL, by=person)
    applications.withdraw(application, reason="A changé d’avis", by=nadia)
    assert OutgoingEmail.objects.get().state == "cancelled"
    application.refresh_from_db()
    assert application.state == ApplicationState.WITHDRAWN
