"""Campaigns: what is asked, of whom, by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.rights import Right
from deployment.choices import Function
from surveys.choices import CampaignState, EntryOrigin, Purpose, QuestionKind
from surveys.rights import VIEW_ANSWERS, VIEW_CAMPAIGNS

DEFAULT_GRACE = 300
MOST_REMINDER_DAYS = 90


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def for_user(self, user: User, right: Right, academy: str) -> CampaignQuerySet:
        """Campaigns of that académie, if the person holds the right there."""
        return self.filter(academy__slug=academy) if user.may(right, academy) else self.none()

    def visible_to(self, user: User, academy: str) -> CampaignQuerySet:
        """Those that this person may follow; who only reads figures sees none before it is sent."""
        rows = self.for_user(user, VIEW_CAMPAIGNS, academy)
        return rows if user.may(VIEW_ANSWERS, academy) else rows.launched()

    def with_progress(self) -> CampaignQuerySet:
        """Annotate `asked_count`, the establishments asked, and `answered_count`, those of which a part came in."""
        asked = PopulationEntry.objects.filter(campaign=OuterRef("pk"), is_excluded=False)
        answered = asked.filter(answers__number__gt=0)
        return self.annotate(**{"asked_count": _counted(asked), "answered_count": _counted(answered)})

    def launched(self) -> CampaignQuerySet:
        """Those that establishments have received."""
        return self.filter(state__in=(CampaignState.SENT, CampaignState.FROZEN, CampaignState.ARCHIVED))


class Campaign(models.Model):
    """One question put to a population, from an opening to a closing (stored in UTC, typed and shown in Paris time)."""

    academy = models.ForeignKey("deployment.Academy", models.PROTECT, related_name="campaigns", verbose_name="académie")
    purpose = models.CharField("objet", max_length=20, choices=Purpose)
    title = models.CharField("titre", max_length=160)
    introduction = models.TextField("présentation", blank=True, max_length=4000)
    opens_at = models.DateTimeField("ouverture")
    closes_at = models.DateTimeField("clôture")
    corrected_until = models.DateTimeField(
        "correction possible jusqu’au",
        null=True,
        blank=True,
        help_text="Après la clôture, ceux qui ont répondu peuvent encore corriger. Vide : non.",
    )
    grace_seconds = models.PositiveIntegerField("tolérance après la clôture (secondes)", default=DEFAULT_GRACE)
    sender_name = models.CharField("signataire", max_length=120)
    reply_to = models.EmailField("adresse de réponse", blank=True)
    asked = models.JSONField("fonctions interrogées", default=list)
    copied = models.JSONField("fonctions en copie", default=list, blank=True)
    subject = models.CharField("objet du message", max_length=200)
    body = models.TextField("texte du message", max_length=6000)
    reminder_subject = models.CharField("objet de la relance", max_length=200)
    reminder_body = models.TextField("texte de la relance", max_length=6000)
    reminder_days = models.PositiveSmallIntegerField(
        "relance automatique tous les (jours)",
        default=0,
        validators=[MaxValueValidator(MOST_REMINDER_DAYS)],
        help_text="0 : pas de relance automatique.",
    )
    criteria = models.JSONField("critères de la population", default=dict, blank=True)
    state = models.CharField("état", max_length=8, choices=CampaignState, default=CampaignState.DRAFT)
    job = models.ForeignKey(
        "accounts.Job", models.SET_NULL, null=True, related_name="+", verbose_name="traitement en cours"
    )
    created_at = models.DateTimeField("créée le", default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="créée par"
    )
    sent_at = models.DateTimeField("envoyée le", null=True)
    frozen_at = models.DateTimeField("gelée le", null=True)
    archived_at = models.DateTimeField("archivée le", null=True)

    asked_count: int  # these two by `with_progress`
    answered_count: int

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = "enquête"
        verbose_name_plural = "enquêtes"
        ordering = ["-opens_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="campaign_closes_after_opening"),
            models.CheckConstraint(
                condition=Q(corrected_until__isnull=True) | Q(corrected_until__gte=F("closes_at")),
                name="campaign_corrects_after_closing",
            ),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="campaign_known_purpose"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("surveys:campaign_detail", args=[self.academy.slug, self.pk])

    @property
    def asked_functions(self) -> list[Function]:
        return [Function(value) for value in self.asked]

    @property
    def copied_functions(self) -> list[Function]:
        return [Function(value) for value in self.copied]

    @property
    def is_separate(self) -> bool:
        """Whether each function asked gives its own answer: wishes of the head and of the accountant may diverge."""
        return self.purpose == Purpose.WAVE_WISH

    @property
    def is_launched(self) -> bool:
        return self.state not in (CampaignState.DRAFT, CampaignState.PREPARED)

    @property
    def parts(self) -> list[str]:
        """The parts of an establishment's answer: one, or one a function asked."""
        return [function.value for function in self.asked_functions] if self.is_separate else [""]

    def part_of(self, function: str) -> str:
        return function if self.is_separate else ""

    def window(self, now: datetime) -> Window:
        """What the dates allow at that instant."""
        is_sent = self.state == CampaignState.SENT
        ends = max(self.closes_at, self.corrected_until or self.closes_at)
        return Window(
            is_open=is_sent and self.opens_at <= now <= self.closes_at,
            is_amendable=is_sent and self.opens_at <= now <= ends,
            is_within_grace=is_sent and self.closes_at < now <= self.closes_at + timedelta(seconds=self.grace_seconds),
            is_before=now < self.opens_at,
        )


@dataclass(frozen=True)
class Window:
    """What a campaign takes at an instant. `is_within_grace`: what was begun before the closing still counts, late."""

    is_open: bool
    is_amendable: bool
    is_within_grace: bool
    is_before: bool


class Question(models.Model):
    """One question of a free questionnaire. `choices`: one a line."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="questions", verbose_name="enquête")
    position = models.PositiveSmallIntegerField("rang")
    kind = models.CharField("nature", max_length=8, choices=QuestionKind)
    label = models.CharField("question", max_length=300)
    help_text = models.CharField("précision", max_length=300, blank=True)
    is_required = models.BooleanField("réponse obligatoire", default=True)
    choices = models.TextField("choix (un par ligne)", blank=True, max_length=4000)

    class Meta:
        verbose_name = "question"
        verbose_name_plural = "questions"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["campaign", "position"], name="question_position_once")]

    def __str__(self) -> str:
        return self.label

    @property
    def options(self) -> list[str]:
        return [line.strip() for line in self.choices.splitlines() if line.strip()]


class PopulationEntry(models.Model):
    """One establishment of a population, or left out of it (`is_excluded`). Its wave and agency: at the sending."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="entries", verbose_name="enquête")
    establishment = models.ForeignKey(
        "deployment.Establishment", models.PROTECT, related_name="+", verbose_name="établissement"
    )
    origin = models.CharField("origine", max_length=5, choices=EntryOrigin, default=EntryOrigin.RULE)
    is_excluded = models.BooleanField("écarté", default=False)
    reason = models.CharField("motif", max_length=300, blank=True)
    wave_code = models.CharField("vague à l’envoi", max_length=10, blank=True)
    agency_uai = models.CharField("agence à l’envoi (UAI du siège)", max_length=8, blank=True)

    class Meta:
        verbose_name = "établissement sollicité"
        verbose_name_plural = "établissements sollicités"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "establishment"], name="population_entry_once"),
            models.CheckConstraint(
                condition=Q(origin=EntryOrigin.RULE, is_excluded=False) | ~Q(reason=""),
                name="population_change_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.establishment} · {self.campaign}"


def _counted(entries: QuerySet[PopulationEntry]) -> Coalesce:
    """How many of these rows of the outer campaign; 0 when there is none."""
    number = entries.order_by().values("campaign").annotate(number=Count("pk", distinct=True)).values("number")
    return Coalesce(Subquery(number), 0)


Criteria = dict[str, Any]  # {"waves": [codes], "kinds": […], "departements": […], "agencies": [seat UAIs]}
