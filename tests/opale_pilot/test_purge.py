"""What has been kept long enough goes: not a day before, in one go or in several, and the trail says how much."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts import audit, emails
from accounts.choices import MailState
from accounts.mail import queue
from accounts.models import AttemptCount, AuditEntry, OutgoingEmail, User
from accounts.rights import MANAGE_PEOPLE
from deployment.choices import Function, ImportKind, ImportState
from deployment.models import Academy, ImportBatch
from opale_pilot.privacy import purge
from opale_pilot.privacy.register import retentions
from surveys.clock import happening_at
from surveys.models import AnswerImport, Campaign
from tests.factories import appoint, make_establishment
from tests.opale_pilot.test_privacy import naming
from tests.services import wait_until
from tests.surveys.factories import make_campaign
from tests.tutoring.factories import make_call
from tests.workers import environment
from tutoring.choices.candidates import ApplicationOrigin, TutorFunction, Verdict
from tutoring.models import Application, Opinion, PaperPrint, Tutor

pytestmark = pytest.mark.django_db

NOW = datetime.fromisoformat("2024-10-08T10:00:00+02:00")
DAY = timedelta(days=1)


def a_mail(state: MailState = MailState.SENT, **fields: Any) -> OutgoingEmail:
    with transaction.atomic():
        row = queue(
            "accounts/emails/trial.html", to="ines@college.test", academy="grenoble",
            key=f"essai-{OutgoingEmail.objects.count()}", person="Inès", mails_url="https://opale.test/",
        )  # fmt: skip
    assert row
    OutgoingEmail.objects.filter(pk=row.pk).update(state=state, **fields)
    return row


def a_session() -> None:
    Session.objects.create(session_key="k", session_data="x", expire_date=timezone.now())


def some_attempts() -> None:
    AttemptCount.objects.create(key="k", count=1, ends_at=int(timezone.now().timestamp()))


def a_preview() -> None:
    stored = default_storage.save("imports/k", ContentFile(b"x"))
    ImportBatch.objects.create(
        academy=Academy.objects.get(), kind=ImportKind.WAVES, file_name="k", sha256="0", stored_as=stored
    )


def a_file_of_answers() -> None:
    stored = default_storage.save("imports/a", ContentFile(b"x"))
    with happening_at(NOW + timedelta(days=900)):  # so far away that nothing else of its campaign is due
        campaign = make_campaign(Academy.objects.get(), closes_at=NOW + timedelta(days=1800))
    AnswerImport.objects.create(campaign=campaign, file_name="a", sha256="0", stored_as=stored)


def an_archive() -> None:
    stored = default_storage.save("papers/a.zip", ContentFile(b"x"))
    author = User.objects.create_user("archiviste@academie.test", last_login=timezone.now() + timedelta(days=900))
    PaperPrint.objects.create(academy=Academy.objects.get(), file=stored, asked_by=author)


def an_idle_account() -> None:
    person = User.objects.create_user("idle@academie.test", first_name="Ida", last_name="Oisive")
    User.objects.filter(pk=person.pk).update(is_active=False)


def a_survey() -> Campaign:
    """Sent now, closed within the hour: one person asked, one link, one message."""
    with happening_at(NOW):
        return make_campaign(Academy.objects.get(), closes_at=NOW + timedelta(hours=1))


def a_departure() -> Any:
    """Ada leaves her post on the very day to Bob."""
    head = make_establishment(Academy.objects.get())
    appoint(head, Function.HEAD, "Ada Exemple", "ada@exemple.test", on=NOW.date() - timedelta(days=700))
    return appoint(head, Function.HEAD, "Bob Exemple", "bob@exemple.test", on=NOW.date())


def an_application() -> Any:
    """Refused, with its file and a reason; beside one that made a tutor, which stays."""
    academy = Academy.objects.get()
    call = make_call(academy)
    stored = default_storage.save("applications/m", ContentFile(b"x"))
    kept, refused = (
        Application.objects.create(
            academy=academy, call=call, name=name, email=f"{name}@exemple.test", function=TutorFunction.HEAD,
            establishment=make_establishment(academy), origin=ApplicationOrigin.CALL, motivation=name, source=name,
        )
        for name in ("retenue", "refusee")
    )  # fmt: skip
    Application.objects.filter(pk=refused.pk).update(stored_as=stored, file_name="refusee.pdf")
    Tutor.objects.create(academy=academy, application=kept, name=kept.name, spheres=["ordering"])
    author = User.objects.create_user("avis@academie.test", last_login=timezone.now() + timedelta(days=900))
    Opinion.objects.create(application=refused, author=author, verdict=Verdict.REFUSE, reason="refusee")
    return refused


MAKE: dict[str, Callable[[], Any]] = {
    "sessions": a_session,
    "attempts": some_attempts,
    "personal_links": lambda: a_mail(MailState.FAILED, secret="https://opale.test/lien/"),
    "import_files": a_preview,
    "answer_files": a_file_of_answers,
    "paper_prints": an_archive,
    "mail_bodies": a_mail,
    "mails": lambda: a_mail(text="", html=""),
    "trail": lambda: audit.record(None, MANAGE_PEOPLE, "Essai", academy="grenoble"),
    "contacts": a_departure,
    "survey_links": a_survey,
    "survey_messages": a_survey,
    "survey_people": a_survey,
    "applications": an_application,
    "inactive_accounts": an_idle_account,
}


def test_every_retention_has_its_step() -> None:
    assert set(purge.STEPS) == set(retentions()) == set(MAKE)


def test_a_forgotten_candidate_still_counts_and_a_tutor_is_not_forgotten(grenoble: Academy) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        refused = an_application()
        clock.shift(timedelta(days=731))
        purge.purge()
    assert naming("refusee") == []
    refused.refresh_from_db()
    assert (refused.function, refused.stored_as) == (TutorFunction.HEAD, "")
    assert refused.call and not default_storage.exists("applications/m")
    assert Application.objects.filter(name="retenue", motivation="retenue").exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        Opinion.objects.update(reason="locked again")


@pytest.mark.parametrize("name", MAKE)
def test_limit_to_the_day(name: str, grenoble: Academy) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        MAKE[name]()
        clock.move_to(NOW + timedelta(days=retentions()[name].days) - DAY)
        assert purge.purge()[name] == 0
        clock.shift(2 * DAY)
        assert purge.purge(dry_run=True)[name] == 1
        assert purge.purge()[name] == 1
        assert purge.purge()[name] == 0


def test_sent_mail_loses_its_words_then_its_row() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        row = a_mail()
        clock.shift(63 * DAY)
        purge.purge()
        row.refresh_from_db()
        assert row.is_erased and row.to == "ines@college.test"
        clock.shift(303 * DAY)
        purge.purge()
        assert not OutgoingEmail.objects.exists()


@pytest.mark.parametrize("state", [MailState.DRAFT, MailState.QUEUED, MailState.SENDING])
def test_mail_that_waits_is_kept(state: MailState) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        row = a_mail(state)
        clock.shift(400 * DAY)
        purge.purge()
        row.refresh_from_db()
        assert not row.is_erased


def test_abandoned_import_leaves_no_file(grenoble: Academy, django_capture_on_commit_callbacks: Any) -> None:
    with time_machine.travel(NOW, tick=False) as clock, django_capture_on_commit_callbacks(execute=True):
        a_preview()
        clock.shift(31 * DAY)
        purge.purge()
    assert ImportBatch.objects.get().state == ImportState.ABANDONED
    assert not default_storage.exists("imports/k")


def test_unused_account_is_told_a_month_before_it_ends() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        person = User.objects.create_user("ida@academie.test", first_name="Ida", last_name="Oisive")
        clock.move_to(NOW + 699 * DAY)
        assert purge.purge()["notices"] == 0
        clock.shift(2 * DAY)
        assert purge.purge()["notices"] == 1
        assert purge.purge()["notices"] == 0
        assert OutgoingEmail.objects.get(template=emails.INACTIVITY).to == "ida@academie.test"
        clock.shift(29 * DAY)
        assert purge.purge()["inactive_accounts"] == 0
        clock.shift(2 * DAY)
        assert purge.purge()["inactive_accounts"] == 1
        person.refresh_from_db()
        assert str(person) == "Personne effacée"


def test_account_used_after_the_notice_is_kept() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        person = User.objects.create_user("ida@academie.test", first_name="Ida", last_name="Oisive")
        clock.shift(701 * DAY)
        purge.purge()
        User.objects.update(last_login=timezone.now())
        clock.shift(60 * DAY)
        assert purge.purge()["inactive_accounts"] == 0
        person.refresh_from_db()
        assert person.is_active


def test_trail_tells_what_went_and_names_nobody() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        a_mail()
        clock.shift(63 * DAY)
        purge.purge()
    entry = AuditEntry.objects.get(act="accounts.handle_personal_data")
    assert (entry.actor, entry.target, entry.details) == (None, "purge · mail_bodies", {"number": 1})


def test_command_counts_without_erasing() -> None:
    a_mail(created_at=timezone.now() - 63 * DAY)
    told = StringIO()
    call_command("purge", dry_run=True, stdout=told)
    assert "       1  Contenu des messages envoyés (62 jours)" in told.getvalue()
    assert not OutgoingEmail.objects.get().is_erased


@pytest.mark.service
@pytest.mark.django_db(transaction=True)
def test_purge_killed_in_the_middle_goes_on(tmp_path: Path) -> None:
    count = 6 * purge.CHUNK
    long_ago = timezone.now() - 400 * DAY
    AuditEntry.objects.bulk_create(AuditEntry(at=long_ago, act="essai", target=str(n)) for n in range(count))
    due = AuditEntry.objects.filter(act="essai")
    environ = {**environment(tmp_path), "PYTHONPATH": str(Path.cwd())}
    program = (  # each chunk is slowed, so that the kill falls among them
        "import django, time; django.setup()\n"
        "from opale_pilot.privacy import purge\n"
        "step = purge.STEPS['trail']\n"
        "def slowly(rows):\n    step.act(rows)\n    time.sleep(0.3)\n"
        "purge.STEPS = {'trail': purge.Step(step.due, slowly)}\n"
        "purge.purge()\n"
    )
    environ["DJANGO_SETTINGS_MODULE"] = "opale_pilot.settings"
    with subprocess.Popen([sys.executable, "-c", program], env=environ) as purging:
        wait_until(lambda: due.count() < count, "a first chunk is gone", 60)
        os.kill(purging.pid, signal.SIGKILL)
    left = due.count()
    assert 0 < left < count and left % purge.CHUNK == 0
    assert purge.purge()["trail"] == left
    assert not due.exists()
    traced = AuditEntry.objects.filter(target="purge · trail").values_list("details", flat=True)
    assert sum(details["number"] for details in traced) == count
