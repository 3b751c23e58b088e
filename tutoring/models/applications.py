"""Tables of the candidates: applications, and the opinions on them."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.rights import Right
from deployment.choices import Sphere
from tutoring.choices.candidates import ApplicationOrigin, ApplicationState, TutorFunction, Verdict
from tutoring.models.calls import TutorCall


class ApplicationQuerySet(models.QuerySet["Application"]):
    def for_user(self, user: User, right: Right, academy: str) -> ApplicationQuerySet:
        """Applications of that académie, if the person holds the right there."""
        return self.filter(academy__slug=academy) if user.may(right, academy) else self.none()


class Application(models.Model):
    """A person who offers to tutor. `source` names what it was collected from: the same is never collected twice."""

    academy = models.ForeignKey("deployment.Academy", models.PROTECT, related_name="+", verbose_name="académie")
    call = models.ForeignKey(TutorCall, models.PROTECT, null=True, related_name="applications", verbose_name="appel")
    name = models.CharField("nom", max_length=120)
    email = models.EmailField("adresse électronique", blank=True)
    function = models.CharField("fonction", max_length=30, choices=TutorFunction)
    establishment = models.ForeignKey(
        "deployment.Establishment", models.PROTECT, related_name="+", verbose_name="établissement"
    )
    spheres = models.JSONField("sphères", default=list)
    capacity = models.PositiveSmallIntegerField("établissements acceptés", default=1)
    available_from = models.DateField("disponible à compter du", null=True, blank=True)
    is_remote = models.BooleanField("à distance aussi", default=False)
    area = models.CharField("secteur", max_length=120, blank=True)
    motivation = models.TextField("motivation", blank=True, max_length=10000)
    file_name = models.CharField("nom du fichier de motivation", max_length=150, blank=True)
    stored_as = models.CharField("fichier de motivation", max_length=120, blank=True)
    origin = models.CharField("provenance", max_length=8, choices=ApplicationOrigin)
    source = models.CharField("clé de la provenance", max_length=120)
    received_at = models.DateTimeField("reçue le", default=timezone.now)
    state = models.CharField("état", max_length=9, choices=ApplicationState, default=ApplicationState.RECEIVED)
    withdrawn_reason = models.CharField("motif du retrait", max_length=300, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = "candidature"
        verbose_name_plural = "candidatures"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["academy", "source"], name="application_collected_once"),
            models.CheckConstraint(condition=Q(state__in=ApplicationState.values), name="application_known_state"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("tutoring:application_detail", args=[self.academy.slug, self.pk])

    @property
    def sphere_labels(self) -> list[str]:
        return [str(Sphere(value).label) for value in self.spheres]

    @property
    def is_late(self) -> bool:
        """Received after the last day of its call; needs the call."""
        return self.call is not None and self.received_on > self.call.deadline_on

    @property
    def received_on(self) -> date:
        """The day, in Paris."""
        return timezone.localdate(self.received_at)

    @property
    def may_withdraw(self) -> bool:
        """Neither withdrawn already, nor become a tutor, whose mission is ended instead."""
        return self.state not in (ApplicationState.WITHDRAWN, ApplicationState.ACCEPTED)


class Opinion(models.Model):
    """What one person thinks of an application. Append-only; the last one of each person counts."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="opinions", verbose_name="candidature")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="auteur")
    verdict = models.CharField("avis", max_length=6, choices=Verdict)
    reason = models.CharField("motif", max_length=300, blank=True)
    at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "avis"
        verbose_name_plural = "avis"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} · {self.author}"
