"""Receipts: one mail for each last version, written off the request that sent it."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from surveys import reading, reply_emails
from surveys.choices import AnswerOrigin
from surveys.models import Answer, AnswerVersion, Campaign

CHUNK = 20  # short transactions: a submission waits behind none for long


def send_due() -> int:
    """Queue the mail of every version that nobody was told of; how many.

    Several versions sent in a row give one mail, of the last. What was imported from elsewhere gives none: it was
    acknowledged there. Stopped anywhere, it goes on where it was: a mail and its mark are one transaction.
    """
    sent = 0
    while count := _send_chunk():
        sent += count
    return sent


@transaction.atomic
def _send_chunk() -> int:
    due = Answer.objects.filter(number__gt=F("receipted")).order_by("submitted_at", "pk")
    rows = due.select_for_update(of=("self",), skip_locked=True).select_related(
        "entry__campaign__academy", "entry__establishment"
    )
    answers = list(rows[:CHUNK])
    last = AnswerVersion.objects.filter(answer__in=answers, number=F("answer__number"))
    versions = {row.answer_id: row for row in last.select_related("invitation__recipient")}
    for answer in answers:
        version = versions[answer.pk]
        if version.origin != AnswerOrigin.IMPORT:
            _write(answer, version)
        answer.receipted = answer.number
    Answer.objects.bulk_update(answers, ["receipted"])
    return len(answers)


def _write(answer: Answer, version: AnswerVersion) -> None:
    """To the person whose link sent it; what the service typed goes to those who were asked, or to the mailbox."""
    if version.invitation and version.invitation.recipient:
        addresses = [version.invitation.recipient.email]
    else:
        addresses = _asked(answer, answer.entry.campaign) or [answer.entry.establishment.email]
    if addresses[0]:
        told = reading.told(answer.entry.campaign, version.content)
        reply_emails.receipt(answer, version, to=addresses[0], copies=addresses[1:], told=told)


def _asked(answer: Answer, campaign: Campaign) -> list[str]:
    """Those asked for that part of the answer."""
    rows = answer.entry.invitations.filter(recipient__isnull=False).select_related("recipient").order_by("pk")
    return [row.recipient.email for row in rows if row.recipient and campaign.part_of(row.function) == answer.part]
