"""Answers of surveys, once kept long enough: nobody is named any more, every count stays.

An académie that observes another day (demonstration, training) holds invented persons and stands still: left alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.files.storage import default_storage
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from accounts import append_only
from opale_pilot.privacy.identity import ERASED, NOBODY
from surveys.choices import QuestionKind
from surveys.models import Answer, AnswerFile, AnswerVersion, Campaign, Invitation, Link, Recipient, Solicitation

ERASED_ADDRESS = "@invalid"
KEPT_OF_A_PERSON = ("function", "sphere", "spheres", "capacity", "is_remote")  # what the figures count
KEPT_OF_AN_ANSWER = ("none", "wave", "reason")
CHUNK = 500

Content = dict[str, Any]


def due_links(before: datetime) -> QuerySet[Link]:
    """Links of campaigns whose last day to answer or correct is so old."""
    return Link.objects.filter(_is_over("recipient__campaign__", before))


def due_messages(before: datetime) -> QuerySet[Solicitation]:
    return Solicitation.objects.filter(at__lt=before, academy__observed_on__isnull=True)


def due_campaigns(before: datetime) -> QuerySet[Campaign]:
    """Campaigns over for so long, and that still name somebody."""
    people = Recipient.objects.filter(campaign=OuterRef("pk")).exclude(email__endswith=ERASED_ADDRESS)
    answers = AnswerVersion.objects.filter(answer__entry__campaign=OuterRef("pk")).exclude(name=NOBODY)
    drafts = Answer.objects.filter(entry__campaign=OuterRef("pk"), draft__isnull=False)
    files = AnswerFile.objects.filter(entry__campaign=OuterRef("pk"))
    return Campaign.objects.filter(
        _is_over("", before), Exists(people) | Exists(answers) | Exists(drafts) | Exists(files)
    )


def _is_over(path: str, before: datetime) -> Q:
    never_corrected = Q((f"{path}corrected_until__isnull", True))
    return (
        Q((f"{path}academy__observed_on__isnull", True), (f"{path}closes_at__lt", before))
        & (never_corrected | Q((f"{path}corrected_until__lt", before)))
    )  # fmt: skip


def forget_people(campaigns: Iterable[Campaign]) -> None:
    """Drop every name, address and free text of these campaigns, attached files included."""
    for campaign in campaigns:
        _forget_answers(campaign)
        _forget_asked(campaign)
        _delete_files(campaign)


def _forget_answers(campaign: Campaign) -> None:
    texts = campaign.questions.filter(kind__in=(QuestionKind.TEXT, QuestionKind.FILE)).values_list("pk", flat=True)
    nameless = Nameless(set(texts))
    versions = list(AnswerVersion.objects.filter(answer__entry__campaign=campaign).order_by("pk"))
    for version in versions:
        version.content, version.name, version.function = nameless.content(version.content), NOBODY, ""
    with append_only.unlocked(AnswerVersion._meta.db_table):
        AnswerVersion.objects.bulk_update(versions, ["content", "name", "function"], batch_size=CHUNK)
    answers = Answer.objects.filter(entry__campaign=campaign)
    answers.update(draft=None, draft_by="", draft_saved_at=None)
    answers.filter(number__gt=0).update(submitted_by=NOBODY)


def _forget_asked(campaign: Campaign) -> None:
    address = Concat(Value("anonyme-"), Cast("pk", models.CharField()), Value(ERASED_ADDRESS))
    campaign.recipients.update(name="", copies="", email=address)
    Invitation.objects.filter(entry__campaign=campaign).update(disowned_note="")


def _delete_files(campaign: Campaign) -> None:
    files = AnswerFile.objects.filter(entry__campaign=campaign)
    for stored_as in files.values_list("stored_as", flat=True):
        default_storage.delete(stored_as)
    files.delete()


class Nameless:
    """Makes the contents of one campaign name nobody; who gave one address keeps one, so that persons count the same.

    `texts` are the keys of the questions answered in words.
    """

    def __init__(self, texts: set[int]) -> None:
        self._texts = texts
        self._people: dict[str, int] = {}

    def content(self, content: Content) -> Content:
        kept: Content = {name: content[name] for name in KEPT_OF_AN_ANSWER if name in content}
        if "people" in content:
            kept["people"] = [self._person(line) for line in content["people"]]
        if "values" in content:
            kept["values"] = {
                key: ERASED if int(key) in self._texts and value else value
                for key, value in content["values"].items()
            }  # fmt: skip
        return kept

    def _person(self, line: Content) -> Content:
        address = str(line.get("email") or "").strip().lower()
        number = self._people.setdefault(address or f"line {len(self._people)}", len(self._people) + 1)
        kept = {name: line[name] for name in KEPT_OF_A_PERSON if name in line}
        return kept | {"name": f"Personne {number}", "email": f"anonyme-{number}{ERASED_ADDRESS}" if address else ""}
