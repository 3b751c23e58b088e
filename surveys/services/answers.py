"""Answering: drafts kept as they are typed, versions that nothing overwrites, the same submission counted once."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from accounts import audit
from accounts.models import User
from accounts.words import without_nul
from surveys.choices import AnswerOrigin, CampaignState
from surveys.clock import READ_NOW, local_now
from surveys.models import Answer, AnswerVersion, Campaign, Invitation
from surveys.prepared import Prepared, insert, insert_asking, update, update_from
from surveys.rights import ANSWER_FOR
from surveys.services.refusals import SurveyRefused
from surveys.services.solicitations import spare_answered
from surveys.standing import Asked

Content = Mapping[str, Any]

WINDOW = ("title", "purpose", "state", "opens_at", "closes_at", "corrected_until", "grace_seconds", "frozen_at")
CHANGED = ("number", "submitted_at", "submitted_by", "draft", "draft_by", "draft_saved_at", "draft_revision")


def _expected(entry: Any) -> QuerySet[Answer]:
    """The answers of that row, locked, and what tells whether they may still come in."""
    reminded = Invitation.objects.filter(entry=OuterRef("entry"), recipient__reminders__gt=0)
    return (
        Answer.objects.select_for_update(of=("self",))
        .filter(entry=entry)
        .annotate(db_now=READ_NOW, **{"was_reminded": Exists(reminded)})
        .select_related("entry__campaign__academy")
        .only(
            *("part", "number", "submitted_at", "submitted_by", "draft_revision", "entry__campaign"),
            *("entry__establishment", "entry__campaign__academy__slug", "entry__campaign__academy__observed_on"),
            *(f"entry__campaign__{name}" for name in WINDOW),
        )
    )


def _reminded(entry: Any) -> QuerySet[Invitation]:
    """Persons of that row who were reminded: what waits to leave is taken back once the answer is there."""
    return Invitation.objects.filter(entry=entry, recipient__reminders__gt=0).only("pk")


EXPECTED = Prepared(_expected, "entry")
REMINDED = Prepared(_reminded, "entry")


class AnswersClosed(SurveyRefused):
    """The campaign takes no answer now."""


class AnswerChanged(SurveyRefused):
    """Another version came in since this person opened the form, or this page was sent already; `answer` holds."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("Une autre réponse a été enregistrée depuis que vous avez ouvert cette page.")
        self.answer = answer


class DraftChanged(SurveyRefused):
    """Somebody else saved a draft of the same answer meanwhile."""


@dataclass(frozen=True)
class Submission:
    """One press of « Envoyer ». `identifier` was drawn with the form, so that pressing twice is sending once.

    `seen` is the version that the form showed (0: none); `began_at` the instant, by the database, when it was opened.
    """

    identifier: UUID
    content: Content
    name: str
    function: str
    seen: int
    began_at: datetime | None = None


@transaction.atomic
def submit(invitation: Invitation, submission: Submission) -> AnswerVersion:
    """Keep a new version, sent by the bearer of a link. The same submission again gives the version already kept.

    Raises `AnswersClosed` outside the dates, `AnswerChanged` when the form showed an older version.
    """
    answer, campaign, now = _locked(invitation.entry_id, part_of=invitation.function)
    if kept := _already_kept(answer, submission):
        return kept
    is_late = _lateness(answer, campaign, now, submission.began_at)
    return _keep(answer, submission, now, is_late=is_late, origin=AnswerOrigin.LINK, invitation=invitation)


@transaction.atomic
def submit_over(asked: Asked, submission: Submission) -> AnswerVersion | None:
    """The same, over an answer that was read just before, if it is still the one that the form showed.

    None when it is not, nothing being kept: `submit` knows what to do. Raises `AnswersClosed` outside the dates.
    """
    answer, campaign = asked.answer, asked.invitation.entry.campaign
    if answer.number != submission.seen:
        return None
    is_late = _lateness(answer, campaign, asked.now, submission.began_at)
    before = {"number": answer.number, "draft_revision": answer.draft_revision}
    told = {"is_late": is_late, "origin": AnswerOrigin.LINK, "invitation": asked.invitation}
    version = next_version(answer, submission, asked.now, **told)
    if not update_from(answer, CHANGED, **before):
        return None
    if insert_asking(version, REMINDED, entry=answer.entry_id):  # asked once nobody else holds the answer any more
        spare_answered(campaign, answer.entry_id)
    return version


@transaction.atomic
def answer_for(answer: Answer, submission: Submission, *, by: User, reason: str) -> AnswerVersion:
    """Keep an answer given by telephone or mail; the establishment receives its receipt. Open until the freeze."""
    locked, campaign, now = _locked(answer.entry_id, part=answer.part)
    if not reason.strip():
        raise SurveyRefused("Indiquez comment cette réponse vous est parvenue.")
    if not campaign.is_launched or campaign.frozen_at:
        raise AnswersClosed("Cette enquête ne prend plus de réponse.")
    if kept := _already_kept(locked, submission):
        return kept
    is_late = now > campaign.closes_at
    version = _keep(locked, submission, now, is_late=is_late, origin=AnswerOrigin.STAFF, author=by)
    target = f"réponse pour {locked.entry.establishment} · {campaign}"
    details = {"reason": reason.strip(), "version": version.number}
    audit.record(by, ANSWER_FOR, target, academy=campaign.academy.slug, **details)
    return version


def save_draft(answer: Answer, content: Content, *, by: str, seen: int) -> int:
    """Keep what is typed so far, over the draft of revision `seen`; returns the new revision. Raises `DraftChanged`."""
    now = Answer.objects.filter(pk=answer.pk).values_list(READ_NOW, flat=True)[0]
    changed = Answer.objects.filter(pk=answer.pk, draft_revision=seen).update(
        draft=without_nul(content), draft_saved_at=now, draft_by=by[:120], draft_revision=F("draft_revision") + 1
    )
    if not changed:
        raise DraftChanged("Quelqu’un d’autre a enregistré un brouillon de cette réponse entre-temps.")
    return seen + 1


def open_for(answer: Answer, campaign: Campaign, now: datetime) -> bool:
    """Whether that answer may be sent, or corrected, at that instant."""
    window = campaign.window(now)
    return window.is_open or (window.is_amendable and answer.is_submitted)


def may_be_prepared(answer: Answer, campaign: Campaign, now: datetime) -> bool:
    """The same, and before the opening too."""
    is_coming = campaign.state == CampaignState.SENT and campaign.window(now).is_before
    return is_coming or open_for(answer, campaign, now)


def _locked(entry: int, *, part_of: str = "", part: str | None = None) -> tuple[Answer, Campaign, datetime]:
    """The answer, locked, its campaign, and the time it is for it."""
    wanted = (part,) if part is not None else ("", part_of)
    answer = next((row for row in EXPECTED(entry=entry) if row.part in wanted), None)
    if answer is None:
        raise SurveyRefused("Cette réponse n’est pas attendue.")
    campaign = answer.entry.campaign
    return answer, campaign, local_now(campaign.academy, answer.db_now)  # type: ignore[attr-defined]  # annotated


def _already_kept(answer: Answer, submission: Submission) -> AnswerVersion | None:
    """The version that this very submission made. Raises `AnswerChanged` when another one did, or said something else.

    The same page sent twice says the same; a page found again by « Back », changed and sent, does not.
    """
    if answer.number == submission.seen:
        return None
    kept = answer.versions.filter(submission=submission.identifier).first()
    if kept is None or kept.content != without_nul(submission.content):
        raise AnswerChanged(answer)
    return kept


def _lateness(answer: Answer, campaign: Campaign, now: datetime, began_at: datetime | None) -> bool:
    """Whether the answer, which may come in, comes after the closing. Raises `AnswersClosed` if it may not."""
    if open_for(answer, campaign, now):
        return now > campaign.closes_at
    began_in_time = began_at is not None and began_at <= campaign.closes_at
    if campaign.window(now).is_within_grace and began_in_time:
        return True
    raise AnswersClosed("Cette enquête est close : votre réponse n’a pas été enregistrée.")


def next_version(answer: Answer, submission: Submission, at: datetime, **told: Any) -> AnswerVersion:
    """The version that follows the one in hand, and the answer that tells it (`CHANGED`): neither is saved yet."""
    answer.number += 1
    answer.submitted_at, answer.submitted_by = at, submission.name[:120]
    answer.draft, answer.draft_by, answer.draft_saved_at = None, "", None
    answer.draft_revision += 1
    return AnswerVersion(
        answer=answer,
        number=answer.number,
        submission=submission.identifier,
        content=without_nul(submission.content),
        name=answer.submitted_by,
        function=submission.function[:80],
        submitted_at=at,
        **told,
    )


def _keep(answer: Answer, submission: Submission, at: datetime, **told: Any) -> AnswerVersion:
    held = copy(answer)
    version = next_version(answer, submission, at, **told)
    try:
        insert(version)
    except IntegrityError as error:  # sent already, under an older version: a page kept by the browser, or a forged one
        raise AnswerChanged(held) from error
    update(answer, CHANGED)
    if answer.was_reminded:
        spare_answered(answer.entry.campaign, answer.entry_id)
    return version
