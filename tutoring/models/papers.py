"""Tables of what each tutor is given for a school year: letters and orders, their texts, the register of signatures.

The first three only grow: a change is a new version of a text, a new paper, a new event. A trigger refuses the rest.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from accounts.models import Job, User
from accounts.rights import Right
from accounts.words import normalise
from figures.french import count
from tutoring.choices.papers import LIVE_PAPERS, PAPER_PREFIXES, PAPER_STEPS, PaperKind, PaperState
from tutoring.models.tutors import Tutor
from tutoring.school_years import SchoolYear

WARNED_BEFORE = timedelta(days=60)


class PaperTemplate(models.Model):
    """One version of the text of a kind of paper, in one académie. Append-only: the highest version is in use."""

    academy = models.ForeignKey("deployment.Academy", models.PROTECT, related_name="+", verbose_name="académie")
    kind = models.CharField("type", max_length=6, choices=PaperKind)
    version = models.PositiveSmallIntegerField("version")
    title = models.CharField("titre", max_length=120)
    routing = models.CharField("voie hiérarchique", max_length=200, blank=True)
    body = models.TextField("texte", max_length=8000)
    signatory = models.TextField("signataire", max_length=400)
    copies = models.CharField("copie", max_length=200, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="auteur"
    )
    written_at = models.DateTimeField("écrit le", default=timezone.now)

    class Meta:
        verbose_name = "modèle de lettre"
        verbose_name_plural = "modèles de lettre"
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["academy", "kind", "version"], name="paper_template_version_once"),
            models.CheckConstraint(condition=Q(kind__in=PaperKind.values), name="paper_template_known_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, version {self.version}"


class PaperQuerySet(models.QuerySet["Paper"]):
    def for_user(self, user: User, right: Right, academy: str) -> PaperQuerySet:
        """Papers of that académie, if the person holds the right there."""
        return self.filter(academy__slug=academy) if user.may(right, academy) else self.none()

    def for_tutors(self, tutors: Iterable[Tutor]) -> PaperQuerySet:
        """Those of these tutors with their state, the newest first."""
        return self.filter(tutor__in=tutors).with_state().order_by("-year", "kind", "-sequence")

    def with_state(self) -> PaperQuerySet:
        """Annotate `state`, what the last event says."""
        events = PaperEvent.objects.filter(paper=OuterRef("pk")).order_by("-position")
        return self.annotate(**{"state": Subquery(events.values("state")[:1])})

    def live(self) -> PaperQuerySet:
        """Among papers `with_state`, those neither refused, cancelled nor replaced."""
        return self.filter(Q(("state__in", LIVE_PAPERS)))

    def to_renew(self, on: date) -> PaperQuerySet:
        """Live papers over, or over within sixty days, of tutors still in mission, that no later paper follows."""
        later = Paper.objects.filter(tutor=OuterRef("tutor"), kind=OuterRef("kind"), year__gt=OuterRef("year"))
        in_mission = Q(tutor__ended_on=None) | Q(tutor__ended_on__gt=on)
        ending = self.with_state().live().filter(in_mission, valid_to__lte=on + WARNED_BEFORE)
        return ending.filter(~Exists(later.with_state().live()))


class Paper(models.Model):
    """One letter or order, as issued: `content` is what is drawn, `values` what its fields were that day. Append-only.

    Numbered within its académie, kind and school year; a number is never given again. A tutor has one first paper of a
    kind a year (`paper_first_once`), and each paper is replaced at most once: asking twice cannot issue two.
    """

    academy = models.ForeignKey("deployment.Academy", models.PROTECT, related_name="+", verbose_name="académie")
    tutor = models.ForeignKey(Tutor, models.PROTECT, related_name="papers", verbose_name="tuteur")
    kind = models.CharField("type", max_length=6, choices=PaperKind)
    year = models.PositiveSmallIntegerField("année scolaire (année de la rentrée)")
    sequence = models.PositiveIntegerField("numéro d’ordre")
    valid_from = models.DateField("valable du")
    valid_to = models.DateField("au")
    template = models.ForeignKey(PaperTemplate, models.PROTECT, related_name="papers", verbose_name="modèle")
    values = models.JSONField("valeurs des champs", default=dict)
    content = models.JSONField("contenu", default=dict)
    search_text = models.CharField("texte normalisé", max_length=300, editable=False)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="replaced_by", verbose_name="remplace"
    )
    reason = models.CharField("motif du remplacement", max_length=300, blank=True)
    issued_on = models.DateField("émis le")
    issued_at = models.DateTimeField("enregistré le")
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="émis par"
    )

    state: str  # by `with_state`

    objects = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = "lettre ou ordre de mission"
        verbose_name_plural = "lettres et ordres de mission"
        indexes = [models.Index(fields=["academy", "valid_to"], name="paper_ending")]
        constraints = [
            models.UniqueConstraint(fields=["academy", "kind", "year", "sequence"], name="paper_number_once"),
            models.UniqueConstraint(
                fields=["tutor", "kind", "year"], condition=Q(replaces=None), name="paper_first_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=PaperKind.values), name="paper_known_kind"),
            models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name="paper_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.number} · {self.values.get('tuteur', '')}"

    def get_absolute_url(self) -> str:
        return reverse("tutoring:paper_detail", args=[self.academy.slug, self.pk])

    @property
    def school_year(self) -> SchoolYear:
        return SchoolYear(self.year)

    @property
    def number(self) -> str:
        """« LM-2024-2025-012 »."""
        return f"{PAPER_PREFIXES[PaperKind(self.kind)]}-{self.school_year}-{self.sequence:03d}"

    @property
    def state_label(self) -> str:
        """The French word of the annotated `state`."""
        return str(PaperState(self.state).label)

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_PAPERS

    @property
    def next_steps(self) -> tuple[PaperState, ...]:
        """What a person may write next."""
        return PAPER_STEPS[PaperState(self.state)]

    def is_over(self, on: date) -> bool:
        return self.valid_to < on


class PaperEvent(models.Model):
    """One step of a paper's signature. Append-only; `position` makes two writers at once impossible."""

    paper = models.ForeignKey(Paper, models.PROTECT, related_name="events", verbose_name="lettre ou ordre")
    position = models.PositiveSmallIntegerField("rang")
    state = models.CharField("état", max_length=9, choices=PaperState)
    on = models.DateField("le")
    person = models.CharField("personne", max_length=120, blank=True)
    note = models.CharField("précision", max_length=300, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="auteur"
    )
    recorded_at = models.DateTimeField("enregistré le")

    class Meta:
        verbose_name = "étape de signature"
        verbose_name_plural = "étapes de signature"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "position"], name="paper_event_once"),
            models.CheckConstraint(condition=Q(state__in=PaperState.values), name="paper_event_known_state"),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} le {self.on:%d/%m/%Y}"


class PaperPrint(models.Model):
    """Many papers asked for in one file, drawn by a worker; the file is deleted by the purge."""

    academy = models.ForeignKey("deployment.Academy", models.PROTECT, related_name="+", verbose_name="académie")
    identifier = models.UUIDField("identifiant", default=uuid.uuid4, unique=True, editable=False)
    papers = models.JSONField("lettres et ordres", default=list)  # their primary keys
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+", verbose_name="traitement")
    file = models.CharField("fichier", max_length=120, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="demandé par")
    asked_at = models.DateTimeField("demandé le", default=timezone.now)

    class Meta:
        verbose_name = "tirage de lettres"
        verbose_name_plural = "tirages de lettres"

    def __str__(self) -> str:
        return f"Tirage de {count(len(self.papers), 'lettre ou ordre', 'lettres ou ordres')}"

    def get_absolute_url(self) -> str:
        return reverse("tutoring:print_detail", args=[self.academy.slug, self.identifier])


def search_text(*words: Any) -> str:
    """What the filter of the list looks into."""
    return normalise(" ".join(map(str, words)))[:300]
