"""Creating, changing, prolonging, freezing and archiving a campaign."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from accounts import audit
from accounts.models import User
from accounts.placeholders import unknown_names
from figures.french import count
from surveys.choices import CampaignState, Purpose, QuestionKind
from surveys.clock import current
from surveys.models import Campaign, Link, Question
from surveys.placeholders import FIELDS
from surveys.rights import EDIT_CAMPAIGNS, SEND_CAMPAIGNS
from surveys.services.refusals import SurveyRefused

LINK_OUTLIVES_CLOSING = timedelta(days=30)
CHOICES_NEEDED = (QuestionKind.SINGLE, QuestionKind.MULTIPLE)


@transaction.atomic
def save(campaign: Campaign, *, by: User | None) -> Campaign:
    """Create or change a campaign that has not been prepared yet. Raises `SurveyRefused`."""
    if campaign.pk:
        locked_campaign(campaign, CampaignState.DRAFT)
    _refuse_nonsense(campaign)
    act = "modification" if campaign.pk else "création"
    if campaign.pk is None:
        campaign.created_by = by
    campaign.save()
    audit.record(by, EDIT_CAMPAIGNS, f"{act} · {campaign}", academy=campaign.academy.slug, campaign=campaign.pk)
    return campaign


@transaction.atomic
def save_questions(campaign: Campaign, questions: Sequence[Question], *, by: User | None) -> None:
    """Replace the questions of a free questionnaire, in this order."""
    locked = locked_campaign(campaign, CampaignState.DRAFT)
    if locked.purpose != Purpose.QUESTIONNAIRE:
        raise SurveyRefused("Seul un questionnaire libre a des questions à écrire.")
    for question in questions:
        if question.kind in CHOICES_NEEDED and len(question.options) < 2:
            raise SurveyRefused(f"« {question.label} » : écrivez au moins deux choix.")
    locked.questions.all().delete()
    for position, question in enumerate(questions, start=1):
        question.pk, question.campaign, question.position = None, locked, position
    Question.objects.bulk_create(questions)
    target = f"{count(len(questions), 'question')} · {locked}"
    audit.record(by, EDIT_CAMPAIGNS, target, academy=locked.academy.slug, campaign=locked.pk)


@transaction.atomic
def reschedule(
    campaign: Campaign, *, closes_at: datetime, corrected_until: datetime | None, by: User | None, reason: str
) -> Campaign:
    """Prolong, close earlier or open a correction window: personal links follow; the reason is traced."""
    locked = locked_campaign(campaign, CampaignState.DRAFT, CampaignState.PREPARED, CampaignState.SENT)
    if not reason.strip():
        raise SurveyRefused("Indiquez le motif du changement de dates.")
    before = locked.closes_at
    locked.closes_at, locked.corrected_until = closes_at, corrected_until
    _refuse_nonsense(locked)
    locked.save(update_fields=["closes_at", "corrected_until"])
    expires_at = closes_at + LINK_OUTLIVES_CLOSING
    Link.objects.filter(recipient__campaign=locked).update(expires_at=expires_at)
    details = {
        "reason": reason.strip(),
        "before": before.isoformat(),
        "after": closes_at.isoformat(),
        "campaign": locked.pk,
    }
    audit.record(by, SEND_CAMPAIGNS, f"nouvelles dates · {locked}", academy=locked.academy.slug, **details)
    return locked


@transaction.atomic
def freeze(campaign: Campaign, *, by: User | None) -> Campaign:
    """Take no more answer, of anyone: its figures are final."""
    locked = locked_campaign(campaign, CampaignState.SENT)
    now = current(locked.academy)
    if locked.window(now).is_open:
        raise SurveyRefused("Cette enquête est encore ouverte : avancez d’abord sa clôture.")
    locked.state, locked.frozen_at = CampaignState.FROZEN, now
    locked.save(update_fields=["state", "frozen_at"])
    audit.record(by, SEND_CAMPAIGNS, f"gel · {locked}", academy=locked.academy.slug, campaign=locked.pk)
    return locked


@transaction.atomic
def archive(campaign: Campaign, *, by: User | None) -> Campaign:
    """Put a frozen campaign out of the current lists; nothing of it is lost."""
    locked = locked_campaign(campaign, CampaignState.FROZEN)
    locked.state, locked.archived_at = CampaignState.ARCHIVED, current(locked.academy)
    locked.save(update_fields=["state", "archived_at"])
    audit.record(by, SEND_CAMPAIGNS, f"archivage · {locked}", academy=locked.academy.slug, campaign=locked.pk)
    return locked


def locked_campaign(campaign: Campaign, *states: CampaignState) -> Campaign:
    """The campaign as it is now, locked. Raises `SurveyRefused` in any other state."""
    fresh = Campaign.objects.select_for_update(of=("self",)).select_related("academy").get(pk=campaign.pk)
    if fresh.state not in states:
        raise SurveyRefused(f"Cette enquête est dans l’état « {fresh.get_state_display().lower()} ».")
    return fresh


def _refuse_nonsense(campaign: Campaign) -> None:
    if campaign.closes_at <= campaign.opens_at:
        raise SurveyRefused("La clôture vient après l’ouverture.")
    if campaign.corrected_until and campaign.corrected_until < campaign.closes_at:
        raise SurveyRefused("La correction se termine après la clôture.")
    if not campaign.asked:
        raise SurveyRefused("Choisissez au moins une fonction à interroger.")
    texts = (campaign.subject, campaign.body, campaign.reminder_subject, campaign.reminder_body)
    if unknown := sorted({name for text in texts for name in unknown_names(text, FIELDS)}):
        raise SurveyRefused(f"Champs inconnus dans les textes : {', '.join(unknown)}.")
