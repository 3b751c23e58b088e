"""The register of mails to persons, and the cap that it serves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from accounts.models import User
from deployment.models import Academy
from surveys.choices import SolicitationKind
from surveys.clock import current
from surveys.models import Recipient, Solicitation

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
