"""Reminding those who have not answered: when an agent asks for it, and at the rhythm that the campaign has chosen."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from deployment.models import Academy
from surveys.choices import CampaignState, Progress, SolicitationKind
from surveys.clock import current
from surveys.models import Campaign, Invitation, Recipient
from surveys.models.invitations import InvitationQuerySet
from surveys.services import rounds
from surveys.services.refusals import SurveyRefused
from surveys.services.rounds import Limits, Round, Text

logger = logging.getLogger(__name__)

FIRST_HOUR, LAST_HOUR = 8, 18  # in Paris, Monday to Friday
SATURDAY = 5
REACHED = (Progress.STARTED, Progress.OPENED, Progress.NOT_OPENED)  # a failed address waits for a person


def remind(campaign: Campaign, rows: InvitationQuerySet, limits: Limits, *, by: User | None) -> Round:
    """Remind exactly those of these rows that have not answered, by one mail a person. Raises `SurveyRefused`."""
    text = Text(campaign.reminder_subject, campaign.reminder_body)
    return rounds.send(campaign, rows, SolicitationKind.REMINDER, text, limits, by=by)


def remind_due() -> int:
    """The rhythm, for every campaign that has one; how many mails. Run by beat: running it twice sends nothing more."""
    rhythmic = Campaign.objects.filter(state=CampaignState.SENT, reminder_days__gt=0).select_related("academy")
    return sum(_reminded(campaign) for campaign in rhythmic.order_by("pk"))


def _reminded(campaign: Campaign) -> int:
    """One campaign that fails holds no other back."""
    try:
        return _remind_due(campaign)
    except DatabaseError:
        raise
    except Exception:
        logger.exception("the reminders of campaign %s could not leave", campaign.pk)
        return 0


def _remind_due(campaign: Campaign) -> int:
    now = current(campaign.academy)
    if not is_working_hour(now) or not campaign.window(now).is_open or not due(campaign, now).exists():
        return 0
    with transaction.atomic():
        Academy.objects.select_for_update(of=("self",), no_key=True).get(pk=campaign.academy_id)
        try:
            return len(remind(campaign, due(campaign, now), Limits(), by=None).addressees)
        except SurveyRefused:  # frozen or closed at this very instant
            return 0


def due(campaign: Campaign, now: datetime) -> InvitationQuerySet:
    """Not answered, by somebody whose last mail of this campaign is as old as its rhythm."""
    last = Recipient.objects.filter(campaign=campaign).annotate(last=Max("solicitations__at"))
    silent = last.filter(last__lte=now - timedelta(days=campaign.reminder_days))
    rows = Invitation.objects.with_progress(campaign).in_progress(*REACHED)
    return rows.filter(recipient__in=silent.values("pk"))


def is_working_hour(now: datetime) -> bool:
    """From 8 to 18 in Paris, Monday to Friday."""
    local = timezone.localtime(now)
    return local.weekday() < SATURDAY and FIRST_HOUR <= local.hour < LAST_HOUR
