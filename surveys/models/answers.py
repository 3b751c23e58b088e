"""Answers: one an establishment and part, every version of it kept."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from surveys.choices import AnswerOrigin
from surveys.models.campaigns import Campaign, PopulationEntry
from surveys.models.invitations import Invitation


class Answer(models.Model):
    """The answer of one establishment, or of one of its functions (`part`): its draft, and its last version in short.

    Rows are written when the campaign is prepared, so that answering never inserts one.
    """

    entry = models.ForeignKey(
        PopulationEntry, models.CASCADE, related_name="answers", verbose_name="établissement sollicité", db_index=False
    )
    part = models.CharField("part", max_length=30, blank=True)
    draft = models.JSONField("brouillon", null=True)
    draft_saved_at = models.DateTimeField("brouillon enregistré le", null=True)
    draft_revision = models.PositiveIntegerField("révision du brouillon", default=0)
    draft_by = models.CharField("brouillon de", max_length=120, blank=True)
    number = models.PositiveIntegerField("version en cours", default=0)
    submitted_at = models.DateTimeField("envoyée le", null=True)
    submitted_by = models.CharField("envoyée par", max_length=120, blank=True)
    receipted = models.PositiveIntegerField("dernière version accusée", default=0)

    was_reminded: bool  # by the query that locks it to be answered

    class Meta:
        verbose_name = "réponse"
        verbose_name_plural = "réponses"
        constraints = [models.UniqueConstraint(fields=["entry", "part"], name="answer_once")]
        indexes = [
            models.Index(fields=["submitted_at"], condition=Q(number__gt=F("receipted")), name="answers_to_acknowledge")
        ]

    def __str__(self) -> str:
        return f"Réponse {self.part} · {self.entry}"

    @property
    def is_submitted(self) -> bool:
        return self.number > 0


class AnswerVersionQuerySet(models.QuerySet["AnswerVersion"]):
    def known(self, campaign: Campaign, before: datetime, known_at: datetime | None = None) -> AnswerVersionQuerySet:
        """Versions submitted before that instant (and not after `known_at`), of establishments not left out."""
        rows = self.filter(answer__entry__campaign=campaign, answer__entry__is_excluded=False, submitted_at__lt=before)
        return rows.filter(submitted_at__lte=known_at) if known_at else rows

    def current(self, campaign: Campaign, before: datetime, known_at: datetime | None = None) -> AnswerVersionQuerySet:
        """The same, only the last version of each answer."""
        later = AnswerVersion.objects.known(campaign, before, known_at).filter(
            answer=models.OuterRef("answer"), number__gt=models.OuterRef("number")
        )
        return self.known(campaign, before, known_at).filter(~models.Exists(later))


class AnswerVersion(models.Model):
    """What was submitted, by whom, when. Append-only; `submission` is drawn with the form: it never counts twice."""

    answer = models.ForeignKey(
        Answer, models.PROTECT, related_name="versions", verbose_name="réponse", db_index=False
    )  # found by `answer_version_once`: each index more is written with each answer
    number = models.PositiveIntegerField("version")
    submission = models.UUIDField("envoi")
    content = models.JSONField("contenu")
    name = models.CharField("répondant", max_length=120)
    function = models.CharField("fonction du répondant", max_length=80, blank=True)
    submitted_at = models.DateTimeField("envoyée le", default=timezone.now)
    is_late = models.BooleanField("après la clôture", default=False)
    origin = models.CharField("provenance", max_length=6, choices=AnswerOrigin)
    invitation = models.ForeignKey(
        Invitation, models.PROTECT, null=True, related_name="+", verbose_name="sollicitation"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="saisie par"
    )

    objects: ClassVar[AnswerVersionQuerySet] = AnswerVersionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "version de réponse"
        verbose_name_plural = "versions de réponse"
        constraints = [
            models.UniqueConstraint(fields=["answer", "number"], name="answer_version_once"),
            models.UniqueConstraint(fields=["answer", "submission"], name="answer_submission_once"),
            models.CheckConstraint(condition=Q(origin__in=AnswerOrigin.values), name="answer_known_origin"),
        ]

    def __str__(self) -> str:
        return f"{self.answer} · version {self.number}"


class AnswerFile(models.Model):
    """A file sent with an answer; `stored_as` is its name on disk, the person's own name is only shown."""

    entry = models.ForeignKey(
        PopulationEntry, models.CASCADE, related_name="files", verbose_name="établissement sollicité"
    )
    part = models.CharField("part", max_length=30, blank=True)
    identifier = models.UUIDField("identifiant", unique=True, editable=False)
    file_name = models.CharField("nom du fichier", max_length=150)
    stored_as = models.CharField("fichier conservé", max_length=100)
    size = models.PositiveIntegerField("taille (octets)")
    created_at = models.DateTimeField("déposé le", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "fichier joint"
        verbose_name_plural = "fichiers joints"

    def __str__(self) -> str:
        return self.file_name


class Divergence(models.Model):
    """What was decided where two functions of one establishment wished different waves."""

    entry = models.OneToOneField(
        PopulationEntry, models.CASCADE, related_name="divergence", verbose_name="établissement sollicité"
    )
    kept_part = models.CharField("vœu retenu", max_length=30, blank=True)
    wave_code = models.CharField("vague décidée", max_length=10, blank=True)
    reason = models.CharField("motif", max_length=300)
    operation = models.UUIDField("mouvement de vague", null=True)
    decided_at = models.DateTimeField("décidé le", default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="décidé par"
    )

    class Meta:
        verbose_name = "divergence tranchée"
        verbose_name_plural = "divergences tranchées"

    def __str__(self) -> str:
        return f"Divergence · {self.entry}"
