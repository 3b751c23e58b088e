"""Table of the calls for tutors: every rule of a call is data of its row."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.models import User
from accounts.rights import Right
from deployment.choices import Sphere
from tutoring.choices.candidates import CallState, TutorFunction


class TutorCallQuerySet(models.QuerySet["TutorCall"]):
    def for_user(self, user: User, right: Right, academy: str) -> TutorCallQuerySet:
        """Calls of that académie, if the person holds the right there."""
        return self.filter(academy__slug=academy) if user.may(right, academy) else self.none()


class TutorCall(models.Model):
    """A call for candidates, as it is published: to whom, until when, for what work and what indemnity.

    `token_hash`: SHA-256 of the token of the public form's link, empty until published.
    """

    academy = models.ForeignKey(
        "deployment.Academy", models.PROTECT, related_name="tutor_calls", verbose_name="académie"
    )
    reference = models.CharField("référence", max_length=60)
    title = models.CharField("titre", max_length=120)
    published_on = models.DateField("date de publication")
    deadline_on = models.DateField("candidatures jusqu’au")
    recipients = models.TextField("destinataires", max_length=1000)
    routing = models.CharField("voie hiérarchique", max_length=200, blank=True)
    functions = models.JSONField("fonctions éligibles", default=list)
    waves = models.JSONField("vagues éligibles", default=list)
    spheres = models.JSONField("sphères", default=list)
    target_load = models.PositiveSmallIntegerField("établissements par tuteur (cible)", default=2)
    rate = models.DecimalField(
        "indemnité par établissement tutoré (€)",
        max_digits=8,
        decimal_places=2,
        default=Decimal("0"),
        validators=[MinValueValidator(Decimal("0"))],
    )
    bonus_coefficient = models.DecimalField(
        "coefficient de la part variable du CIA", max_digits=4, decimal_places=2, null=True, blank=True
    )
    mission_ends_on = models.DateField("fin de la mission")
    extensions = models.JSONField("prolongations possibles", default=list)  # ISO days, in order
    copies = models.JSONField("adresses en copie", default=list)
    reply_to = models.EmailField("adresse de réponse", blank=True)
    body = models.TextField("texte de l’appel", max_length=10000, blank=True)
    signatory = models.CharField("signataire", max_length=200, blank=True)
    state = models.CharField("état", max_length=9, choices=CallState, default=CallState.DRAFT)
    token_hash = models.CharField("empreinte du lien", max_length=64, blank=True)

    objects = TutorCallQuerySet.as_manager()

    class Meta:
        verbose_name = "appel à candidatures"
        verbose_name_plural = "appels à candidatures"
        ordering = ["-published_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["academy", "reference"], name="tutor_call_reference_once"),
            models.UniqueConstraint(fields=["token_hash"], condition=~Q(token_hash=""), name="tutor_call_one_link"),
            models.CheckConstraint(condition=Q(state__in=CallState.values), name="tutor_call_known_state"),
            models.CheckConstraint(condition=Q(deadline_on__gte=F("published_on")), name="tutor_call_ends_after_start"),
            models.CheckConstraint(condition=Q(rate__gte=0), name="tutor_call_rate_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.reference})"

    def get_absolute_url(self) -> str:
        return reverse("tutoring:call_detail", args=[self.academy.slug, self.pk])

    @property
    def is_draft(self) -> bool:
        return self.state == CallState.DRAFT

    @property
    def is_open(self) -> bool:
        """Whether applications are taken, also after the deadline: they are then late."""
        return self.state == CallState.PUBLISHED

    @property
    def extension_days(self) -> list[date]:
        """Every day to which the mission may be extended, in order."""
        return sorted(date.fromisoformat(day) for day in self.extensions)

    @property
    def possible_extensions(self) -> list[date]:
        """Those still to come."""
        return [day for day in self.extension_days if day > self.mission_ends_on]

    @property
    def function_labels(self) -> list[str]:
        return [str(TutorFunction(value).label) for value in self.functions]

    @property
    def sphere_labels(self) -> list[str]:
        return [str(Sphere(value).label) for value in self.spheres]
