"""Meetings, their agenda, the slides typed for it, and the briefings frozen from it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from accounts.models import Job
from cosui.choices import SectionKind
from deployment.models import Academy


class Meeting(models.Model):
    """A COSUI: the follow-up committee of the deployment, on a day."""

    academy = models.ForeignKey(Academy, models.PROTECT, related_name="meetings", verbose_name="académie")
    held_on = models.DateField("date")
    title = models.CharField("titre", max_length=80, default="COSUI Op@le")
    subtitle = models.CharField("sous-titre", max_length=120, default="Comité de suivi du déploiement")

    class Meta:
        verbose_name = "comité"
        verbose_name_plural = "comités"
        ordering = ["-held_on"]
        constraints = [models.UniqueConstraint(fields=["academy", "held_on"], name="meeting_once_a_day")]

    def __str__(self) -> str:
        return f"{self.title} du {self.held_on:%d/%m/%Y}"

    def get_absolute_url(self) -> str:
        return reverse("cosui:meeting_detail", args=[self.academy.slug, self.held_on.isoformat()])


class AgendaItem(models.Model):
    """One point of the agenda. `on` is the day its figures speak of, often earlier than the meeting."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="items", verbose_name="comité")
    position = models.PositiveSmallIntegerField("numéro")
    title = models.CharField("titre", max_length=120)
    section = models.CharField("contenu", max_length=12, choices=SectionKind, default=SectionKind.TYPED)
    on = models.DateField("situation au")
    parameters = models.JSONField("paramètres", default=dict, blank=True)
    comment = models.TextField("commentaire", blank=True)

    class Meta:
        verbose_name = "point à l’ordre du jour"
        verbose_name_plural = "points à l’ordre du jour"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["meeting", "position"], name="agenda_position_once")]

    def __str__(self) -> str:
        return f"{self.position} · {self.title}"


class TypedSlide(models.Model):
    """A slide whose text is typed: "- " opens a bullet, "  - " one under it, "1. " a step, "# " a titled column."""

    item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="slides", verbose_name="point")
    position = models.PositiveSmallIntegerField("ordre")
    headline = models.CharField("titre de la page", max_length=120)
    text = models.TextField("texte")
    source = models.CharField("source", max_length=200, blank=True)

    class Meta:
        verbose_name = "page saisie"
        verbose_name_plural = "pages saisies"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["item", "position"], name="typed_slide_position_once")]

    def __str__(self) -> str:
        return self.headline


class Briefing(models.Model):
    """What was composed for a meeting: figures frozen as JSON on a day, and the PDF drawn from them. Never changed."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="briefings", verbose_name="comité")
    version = models.PositiveSmallIntegerField("version")
    identifier = models.UUIDField("identifiant", default=uuid.uuid4, unique=True, editable=False)
    job = models.OneToOneField(Job, models.PROTECT, null=True, related_name="briefing", verbose_name="traitement")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="demandé par"
    )
    requested_at = models.DateTimeField("demandé le", default=timezone.now, editable=False)
    frozen_at = models.DateTimeField("figé le", null=True)
    published_at = models.DateTimeField("publié le", null=True)
    content = models.JSONField("chiffres figés", null=True)
    pdf = models.CharField("fichier PDF", max_length=120, blank=True)

    class Meta:
        verbose_name = "dossier"
        verbose_name_plural = "dossiers"
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["meeting", "version"], name="briefing_version_once")]

    def __str__(self) -> str:
        return f"{self.meeting}, version {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("cosui:briefing_detail", args=[self.meeting.academy.slug, self.identifier])

    @property
    def is_ready(self) -> bool:
        return bool(self.pdf)
