"""The register of mails to persons, and the cap that it serves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import F, Max

from accounts import mail
from accounts.models import User
from deployment.models import Academy
from surveys.choices import SolicitationKind
from surveys.clock import current
from surveys.models import Campaign, Invitation, Recipient, Solicitation

WEEK = timedelta(days=7)


def recently_written(academy: Academy, emails: Iterable[str], now: datetime | None = None) -> Counter[str]:
    """How many mails each address got in the last seven days, over all campaigns of the académie."""
    since = (now or current(academy)) - WEEK
    rows = Solicitation.objects.filter(academy=academy, at__gt=since).values_list("email", flat=True)
    wanted = set(emails)
    return Counter(email for email in rows.iterator() if email in wanted)


def note(
    recipients: Sequence[Recipient],
    kind: SolicitationKind,
    mail_keys: Mapping[int, str],
    *,
    at: datetime,
    by: User | None,
    reason: str = "",
) -> None:
    """Write that these persons were written to, in the transaction that queues their mails."""
    Solicitation.objects.bulk_create(
        [
            Solicitation(
                academy=recipient.campaign.academy,
                campaign=recipient.campaign,
                recipient=recipient,
                email=recipient.email,
                kind=kind,
                at=at,
                mail_key=mail_keys[recipient.pk],
                override_reason=reason,
                author=by,
            )
            for recipient in recipients
        ]
    )


def last_one(campaign: Campaign) -> int:
    """The newest line of the campaign's register: a page remembers it, to tell what came after it was shown."""
    return campaign.solicitations.aggregate(last=Max("pk"))["last"] or 0


def spare_answered(campaign: Campaign, entry: int) -> int:
    """Cancel reminders that have not left yet, of persons of this establishment with nothing more to answer; how many.

    What did not leave is no solicitation: its line goes away, and the person's own count with it.
    """
    asked = Recipient.objects.filter(invitations__entry=entry, reminders__gt=0)
    keys = set(asked.values_list("pk", flat=True))
    waiting = Invitation.objects.with_progress(campaign).to_remind().filter(recipient__in=keys)
    done = keys - set(waiting.values_list("recipient_id", flat=True))
    reminders = Solicitation.objects.filter(recipient__in=done, kind=SolicitationKind.REMINDER)
    spared = mail.withdraw(campaign.academy.slug, reminders.values_list("mail_key", flat=True)) if done else []
    for row in reminders.filter(mail_key__in=spared).select_related("recipient"):
        row.delete()
        last = reminders.filter(recipient=row.recipient_id).aggregate(last=Max("at"))["last"]
        Recipient.objects.filter(pk=row.recipient_id).update(reminders=F("reminders") - 1, reminded_at=last)
    return len(spared)
