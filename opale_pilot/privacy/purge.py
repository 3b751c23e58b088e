"""Erases what has been kept long enough. By chunks, each with its line in the trail: stopped anywhere, it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import Q, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from accounts import append_only, audit, emails
from accounts.choices import MailState
from accounts.models import AttemptCount, AuditEntry, OutgoingEmail, User
from accounts.rights import HANDLE_PERSONAL_DATA
from deployment.choices import ImportState
from deployment.importers import batches
from deployment.models import ImportBatch
from opale_pilot.privacy import answers, applications, contacts, people
from opale_pilot.privacy.answers import ERASED_ADDRESS
from opale_pilot.privacy.identity import Identity
from opale_pilot.privacy.register import retentions
from surveys.choices import AnswerImportState
from surveys.importers import batches as answer_batches
from surveys.models import AnswerImport
from tutoring.models import PaperPrint
from tutoring.services import paper_files

CHUNK = 500
NOTICE = timedelta(days=30)
WAITING = (MailState.DRAFT, MailState.QUEUED, MailState.SENDING)

Rows = models.QuerySet[Any]


@dataclass(frozen=True)
class Step:
    """One kind of data: the rows whose time is over, given the instant before which it is, and what to do with some."""

    due: Callable[[datetime], Rows]
    act: Callable[[Rows], Any]


def _delete(rows: Rows) -> None:
    rows.delete()


def _delete_trail(rows: Rows) -> None:
    with append_only.unlocked(AuditEntry._meta.db_table):
        rows._raw_delete(rows.db)


def _abandon(rows: Rows) -> None:
    for batch in rows:
        batches.abandon(batch, by=None)


def _abandon_answers(rows: Rows) -> None:
    for batch in rows:
        answer_batches.abandon(batch)


def _erase_people(rows: Rows) -> None:
    for person in rows:
        people.erase(Identity.of(person))


def _due_attempts(before: datetime) -> Rows:
    return AttemptCount.objects.filter(ends_at__lt=int(before.timestamp()))


def _due_accounts(before: datetime) -> Rows:
    """Unused for so long, and either suspended or told a month ago that it would end."""
    told = OutgoingEmail.objects.filter(template=emails.INACTIVITY, created_at__lt=_now() - NOTICE).values("key")
    return _unused(before).filter(Q(notice__in=told) | Q(is_active=False))


def _unused(before: datetime) -> Rows:
    notice = Concat(Value(emails.INACTIVITY_KEY), Cast("pk", models.CharField()))
    seen = User.objects.annotate(seen_at=Coalesce("last_login", "created_at"), notice=notice)
    return seen.filter(seen_at__lt=before).exclude(email__endswith=ERASED_ADDRESS)


def _now() -> datetime:
    return timezone.now()


_left = OutgoingEmail.objects.exclude(state__in=WAITING)

STEPS = {
    "sessions": Step(lambda before: Session.objects.filter(expire_date__lt=before), _delete),
    "attempts": Step(_due_attempts, _delete),
    "personal_links": Step(
        lambda before: OutgoingEmail.objects.filter(created_at__lt=before).exclude(secret=""),
        lambda rows: rows.update(secret=""),
    ),
    "import_files": Step(
        lambda before: ImportBatch.objects.filter(state=ImportState.PREVIEWED, created_at__lt=before), _abandon
    ),
    "paper_prints": Step(lambda before: PaperPrint.objects.filter(asked_at__lt=before), paper_files.discard),
    "answer_files": Step(
        lambda before: AnswerImport.objects.filter(state=AnswerImportState.PREVIEWED, created_at__lt=before),
        _abandon_answers,
    ),
    "mail_bodies": Step(
        lambda before: _left.filter(created_at__lt=before).exclude(Q(text="") & Q(html="")),
        lambda rows: rows.update(text="", html="", secret=""),
    ),
    "mails": Step(lambda before: _left.filter(created_at__lt=before), _delete),
    "trail": Step(lambda before: AuditEntry.objects.filter(at__lt=before), _delete_trail),
    "survey_links": Step(answers.due_links, _delete),
    "survey_messages": Step(answers.due_messages, _delete),
    "contacts": Step(contacts.due_holdings, contacts.forget_holders),
    "applications": Step(applications.due_applications, applications.forget_candidates),
    "survey_people": Step(answers.due_campaigns, answers.forget_people),
    "inactive_accounts": Step(_due_accounts, _erase_people),
}


def purge(*, dry_run: bool = False) -> dict[str, int]:
    """Erase what is due, and warn the people whose account will be; how many rows by kind."""
    counts = {name: _run(name, step, dry_run=dry_run) for name, step in STEPS.items()}
    return counts | {"notices": warn_inactive(dry_run=dry_run)}


def _run(name: str, step: Step, *, dry_run: bool) -> int:
    before = _now() - timedelta(days=retentions()[name].days)
    if dry_run:
        return step.due(before).count()
    done = 0
    while chunk := _some(name, step, before):
        done += chunk
    return done


def _some(name: str, step: Step, before: datetime) -> int:
    """One chunk, and its line in the trail, together or not at all."""
    with transaction.atomic():
        due = step.due(before)
        keys = list(due.order_by("pk").values_list("pk", flat=True)[:CHUNK])
        if keys:
            step.act(due.model._default_manager.filter(pk__in=keys))
            audit.record(None, HANDLE_PERSONAL_DATA, f"purge · {name}", academy="", number=len(keys))
    return len(keys)


def warn_inactive(*, dry_run: bool = False) -> int:
    """Tell, a month before, the people whose account nobody uses; each once."""
    before = _now() - timedelta(days=retentions()["inactive_accounts"].days) + NOTICE
    told = OutgoingEmail.objects.filter(template=emails.INACTIVITY).values("key")
    waiting = _unused(before).filter(is_active=True).exclude(notice__in=told)
    if dry_run:
        return waiting.count()
    return sum(emails.inactivity(person) is not None for person in waiting)
