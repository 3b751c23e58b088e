"""A new campaign as its purpose proposes it, before anybody changes a word."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils import timezone

from accounts.models import User
from deployment.models import Academy
from surveys.choices import Purpose
from surveys.clock import current
from surveys.models import Campaign
from surveys.texts import PROPOSALS

TWO_WEEKS = timedelta(days=14)
CLOSING_HOUR = time(18)


def propose(academy: Academy, purpose: Purpose, *, by: User | None) -> Campaign:
    """An unsaved campaign: open from today, closed in two weeks at 18 h 00 in Paris, replied to at the agent's."""
    proposal = PROPOSALS[purpose]
    now = current(academy).replace(second=0, microsecond=0)
    day = timezone.localtime(now).date()
    return Campaign(
        academy=academy,
        purpose=purpose,
        title=proposal.title,
        opens_at=timezone.make_aware(datetime.combine(day, time())),
        closes_at=timezone.make_aware(datetime.combine(day + TWO_WEEKS, CLOSING_HOUR)),
        sender_name=f"{academy.service_name}, {academy}"[:120],
        reply_to=by.email if by else "",
        asked=[function.value for function in proposal.asked],
        copied=[function.value for function in proposal.copied],
        subject=proposal.subject,
        body=proposal.body,
        reminder_subject=proposal.reminder_subject,
        reminder_body=proposal.reminder_body,
    )
