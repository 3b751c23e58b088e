"""Answers that come from another tool: files taken in, and how their columns are read."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from surveys.choices import AnswerImportState, Purpose
from surveys.models.campaigns import Campaign


class ImportProfile(models.Model):
    """How the columns of one tool are read for one purpose, kept under a name. `mapping`: {our word: its column}."""

    academy = models.ForeignKey("deployment.Academy", models.CASCADE, related_name="+", verbose_name="académie")
    purpose = models.CharField("objet", max_length=20, choices=Purpose)
    name = models.CharField("nom", max_length=60)
    mapping = models.JSONField("correspondance")

    class Meta:
        verbose_name = "profil d’importation"
        verbose_name_plural = "profils d’importation"
        constraints = [
            models.UniqueConstraint(fields=["academy", "purpose", "name"], name="import_profile_once"),
        ]

    def __str__(self) -> str:
        return self.name


class AnswerImport(models.Model):
    """One file of answers: read through `mapping`, previewed, confirmed in one transaction or abandoned.

    `taken_at` dates the answers of a file that tells no date.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="imports", verbose_name="enquête")
    state = models.CharField("état", max_length=9, choices=AnswerImportState, default=AnswerImportState.PREVIEWED)
    file_name = models.CharField("fichier", max_length=160)
    sha256 = models.CharField("empreinte SHA-256", max_length=64)
    stored_as = models.CharField("copie", max_length=80, blank=True)
    headers = models.JSONField("colonnes", default=list)
    mapping = models.JSONField("correspondance", default=dict)
    profile = models.CharField("profil reconnu", max_length=60, blank=True)
    report = models.JSONField("compte rendu", default=dict)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="auteur"
    )
    taken_at = models.DateTimeField("lu le", default=timezone.now)
    created_at = models.DateTimeField("déposé le", default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField("importé le", null=True)

    class Meta:
        verbose_name = "importation de réponses"
        verbose_name_plural = "importations de réponses"
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("surveys:answers_import_detail", args=[self.campaign.academy.slug, self.campaign_id, self.pk])
