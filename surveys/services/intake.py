"""Taking in answers given elsewhere, many at once: same rules as one, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts import audit
from accounts.models import User
from surveys.choices import AnswerOrigin, CampaignState
from surveys.models import Answer, AnswerVersion, Campaign, Invitation
from surveys.rights import IMPORT_ANSWERS
from surveys.services.answers import CHANGED, Submission, next_version
from surveys.services.campaigns import locked_campaign
from surveys.services.refusals import SurveyRefused
from surveys.services.solicitations import spare_answered

MANY = 500
KEPT = (*CHANGED, "receipted")


@dataclass(frozen=True)
class Taking:
    """One answer given elsewhere, for the row `answer`, at the instant it was given there."""

    answer: int
    submission: Submission
    at: datetime


@transaction.atomic
def take_in_all(campaign: Campaign, takings: Sequence[Taking], *, by: User | None, source: str) -> int:
    """Keep these answers, at most one for each row; how many. One already here is left as it is, however often tried.

    No receipt leaves: the other tool gave its own. Raises `SurveyRefused` for a campaign not sent, or frozen.
    """
    campaign = locked_campaign(campaign, CampaignState.SENT)
    here = set(_imported(campaign))
    new = {taking.answer: taking for taking in takings if taking.submission.identifier not in here}
    if len(new) < sum(taking.submission.identifier not in here for taking in takings):
        raise SurveyRefused("Deux réponses du fichier visent la même ligne.")
    reminded = Invitation.objects.filter(entry=OuterRef("entry"), recipient__reminders__gt=0)
    rows = Answer.objects.select_for_update(of=("self",)).filter(entry__campaign=campaign).order_by("pk")
    answers = [row for row in rows.annotate(**{"was_reminded": Exists(reminded)}) if row.pk in new]
    versions = [_kept(row, new[row.pk], campaign, by) for row in answers]
    AnswerVersion.objects.bulk_create(versions, batch_size=MANY)
    Answer.objects.bulk_update(answers, KEPT, batch_size=MANY)
    for entry in sorted({row.entry_id for row in answers if row.was_reminded}):
        spare_answered(campaign, entry)
    act, slug = f"importation de {len(versions)} · {campaign}", campaign.academy.slug
    audit.record(by, IMPORT_ANSWERS, act, academy=slug, campaign=campaign.pk, answers=len(versions), source=source)
    return len(versions)


def _imported(campaign: Campaign) -> list[object]:
    rows = AnswerVersion.objects.filter(answer__entry__campaign=campaign, origin=AnswerOrigin.IMPORT)
    return list(rows.values_list("submission", flat=True))


def _kept(answer: Answer, taking: Taking, campaign: Campaign, by: User | None) -> AnswerVersion:
    is_late = taking.at > campaign.closes_at
    version = next_version(answer, taking.submission, taking.at, is_late=is_late, origin=AnswerOrigin.IMPORT, author=by)
    answer.receipted = answer.number
    return version
